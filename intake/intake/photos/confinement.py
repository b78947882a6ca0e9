"""Takes from the process it runs in everything but computing: no file, no network, no other process, so much memory.

What decodes a stranger's photo may be broken by it; then there is nothing left to be done with it. Needs no privileges,
and gives none back: limits by setrlimit, the rest by a seccomp filter of system calls. Imported by the worker alone.
"""

import ctypes
import errno
import os
import platform
import resource
import struct

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _MODE_FILTER = 38, 22, 2
_KILL, _REFUSE, _ALLOW = 0x80000000, 0x00050000 | errno.EPERM, 0x7FFF0000
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06  # of classic BPF: a word of what is called, compare it, decide
_NUMBER, _ARCHITECTURE = 0, 4  # where they stand in struct seccomp_data

# read write close fstat lseek mmap mprotect munmap brk rt_sigaction rt_sigprocmask rt_sigreturn sched_yield mremap
# madvise exit futex clock_gettime exit_group getrandom: each architecture's AUDIT_ARCH and its numbers.
_CALLS = {
    "x86_64": (
        0xC000003E,
        (0, 1, 3, 5, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 28, 60, 202, 228, 231, 318),
    ),
    "aarch64": (
        0xC00000B7,
        (63, 64, 57, 80, 62, 222, 226, 215, 214, 134, 135, 139, 124, 216, 233, 93, 98, 113, 94, 278),
    ),
}


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p)]


def confine(*, memory: int, cpu_seconds: int, written: int) -> None:
    """From now on: so many bytes of address space, seconds of processor, bytes in what is open for writing.

    Raises OSError where the kernel does not do it, KeyError on a machine whose calls are not listed.
    """
    limits = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_CPU: cpu_seconds,
        resource.RLIMIT_FSIZE: written,
        resource.RLIMIT_NOFILE: 3,
        resource.RLIMIT_CORE: 0,
    }
    os.nice(10)  # reports come first
    for limit, value in limits.items():
        resource.setrlimit(limit, (value, value))
    _call_only(*_CALLS[platform.machine()])


def _call_only(architecture: int, numbers: tuple[int, ...]) -> None:
    """Refuse every system call but these with EPERM, as a child that did another would inherit."""
    instructions = [(_LOAD, 0, 0, _ARCHITECTURE), (_EQUAL, 1, 0, architecture), (_RETURN, 0, 0, _KILL)]
    instructions += [(_LOAD, 0, 0, _NUMBER)]
    instructions += [(_EQUAL, len(numbers) - at, 0, number) for at, number in enumerate(numbers)]
    instructions += [(_RETURN, 0, 0, _REFUSE), (_RETURN, 0, 0, _ALLOW)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *each) for each in instructions))
    program = _Program(len(instructions), ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    for asked in ((_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), (_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program), 0, 0)):
        if libc.prctl(*asked) != 0:
            failed = ctypes.get_errno()
            raise OSError(failed, os.strerror(failed))
