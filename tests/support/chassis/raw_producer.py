"""Writes what no Python client lets one write: header names of any bytes, headers without a value.

Straight through the C library that confluent_kafka carries, because that is what programs in C or Go do.
"""

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import confluent_kafka

_PARTITION_UNASSIGNED = -1
_PRODUCER, _COPY = 0, 2
_FLUSH_MS = 20_000


@dataclass(frozen=True, slots=True)
class RawRecord:
    """Bytes as they are to stand on a topic of the cluster. `key` and `value` None are null."""

    topic: str
    key: bytes | None
    headers: Sequence[tuple[bytes, bytes | None]]
    value: bytes | None


def write_raw(bootstrap: str, records: Sequence[RawRecord]) -> None:
    """Write records in order, each to the partition its key falls to. Raises RuntimeError when one is refused."""
    library = _library()
    error = ctypes.create_string_buffer(512)
    configuration = library.rd_kafka_conf_new()
    for name, value in (("bootstrap.servers", bootstrap), ("partitioner", "murmur2_random"), ("log_level", "2")):
        library.rd_kafka_conf_set(configuration, name.encode(), value.encode(), error, len(error))
    client = library.rd_kafka_new(_PRODUCER, configuration, error, len(error))
    if not client:
        raise RuntimeError(error.value.decode())
    for record in records:
        _produce(library, client, record)
    if library.rd_kafka_flush(client, _FLUSH_MS):
        raise RuntimeError("the records were not written in time")
    library.rd_kafka_destroy(client)


def _produce(library: ctypes.CDLL, client: int, record: RawRecord) -> None:
    headers = library.rd_kafka_headers_new(len(record.headers))
    for name, value in record.headers:
        library.rd_kafka_header_add(headers, name, len(name), value, -1 if value is None else len(value))
    values = (
        *(_value(1, record.topic.encode()), _value(3, _PARTITION_UNASSIGNED), _value(7, _COPY)),
        *(_value(4, record.value), _value(5, record.key), _value(10, headers)),
    )
    refused = library.rd_kafka_produceva(client, (_Value * len(values))(*values), len(values))
    if refused:
        library.rd_kafka_error_string.restype = ctypes.c_char_p
        raise RuntimeError(library.rd_kafka_error_string(ctypes.c_void_p(refused)).decode())


class _Memory(ctypes.Structure):
    _fields_ = (("pointer", ctypes.c_char_p), ("size", ctypes.c_size_t))


class _Content(ctypes.Union):
    _fields_ = (
        ("text", ctypes.c_char_p),
        ("number", ctypes.c_int),
        ("memory", _Memory),
        ("pointer", ctypes.c_void_p),
        ("padding", ctypes.c_char * 64),
    )


class _Value(ctypes.Structure):
    """rd_kafka_vu_t: 1 topic, 3 partition, 4 value, 5 key, 7 flags, 10 headers."""

    _fields_ = (("type", ctypes.c_int), ("content", _Content))


def _value(kind: int, content: bytes | int | None) -> _Value:
    value = _Value(type=kind)
    if kind in (4, 5):
        assert content is None or isinstance(content, bytes)
        value.content.memory = _Memory(content, len(content or b""))
    elif kind == 10:
        value.content.pointer = content
    elif kind == 1:
        value.content.text = content
    else:
        value.content.number = content
    return value


def _library() -> ctypes.CDLL:
    folder = Path(confluent_kafka.__file__).parents[1] / "confluent_kafka.libs"
    library = ctypes.CDLL(str(next(folder.glob("librdkafka*.so*"))))
    for name in ("rd_kafka_conf_new", "rd_kafka_new", "rd_kafka_headers_new", "rd_kafka_produceva"):
        getattr(library, name).restype = ctypes.c_void_p
    size, pointer, text = ctypes.c_size_t, ctypes.c_void_p, ctypes.c_char_p
    library.rd_kafka_conf_set.argtypes = (pointer, text, text, text, size)
    library.rd_kafka_new.argtypes = (ctypes.c_int, pointer, text, size)
    library.rd_kafka_headers_new.argtypes = (size,)
    library.rd_kafka_header_add.argtypes = (pointer, text, ctypes.c_ssize_t, text, ctypes.c_ssize_t)
    library.rd_kafka_produceva.argtypes = (pointer, ctypes.POINTER(_Value), size)
    library.rd_kafka_flush.argtypes = (pointer, ctypes.c_int)
    library.rd_kafka_destroy.argtypes = (pointer,)
    return library
