"""What a photo may cost, here and in the worker that decodes it, and what is kept of it."""

MAX_PHOTO = 8 * 1024**2
"""Bytes of a photo as it comes: what phones make. Our page sends a tenth of it."""
MAX_PIXELS = 40_000_000
MEMORY, CPU_SECONDS, MAX_CLEAN = 512 * 1024**2, 10, 4 * 1024**2
"""Of a worker: bytes of address space, seconds of processor, bytes it may write."""
SIDE, QUALITY = 2048, 85
"""Pixels of the longer side of what is kept: a number plate across a street can be read, and it has some 500 kB."""
UNCONFINED = 3
"""What a worker ends with that could not be confined, and so did not look at the photo."""
