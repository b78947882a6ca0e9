"""Reads Mapbox vector tiles 2.1, as far as the map makes them: points with properties."""

import struct
from collections.abc import Iterator
from typing import Any


def layers(tile: bytes) -> dict[str, list[dict[str, Any]]]:
    """Of each layer its features: their properties, and their place in the tile as `at`."""
    found = {}
    for field, raw in _fields(tile):
        if field == 3:
            name, features = _layer(raw)
            found[name] = features
    return found


def _layer(raw: bytes) -> tuple[str, list[dict[str, Any]]]:
    name, keys, values, features = "", [], [], []
    for field, part in _fields(raw):
        match field:
            case 1:
                name = part.decode()
            case 2:
                features.append(part)
            case 3:
                keys.append(part.decode())
            case 4:
                values.append(_value(part))
    return name, [_feature(feature, keys, values) for feature in features]


def _feature(raw: bytes, keys: list[str], values: list[Any]) -> dict[str, Any]:
    parts = dict(_fields(raw))
    tags, geometry = list(_varints(parts[2])), list(_varints(parts[4]))
    command, x, y = geometry
    assert command == 9  # one MoveTo: a single point
    properties = {keys[tags[n]]: values[tags[n + 1]] for n in range(0, len(tags), 2)}
    return {**properties, "at": (_zigzag(x), _zigzag(y))}


def _value(raw: bytes) -> Any:
    [(field, part)] = _fields(raw)
    match field:
        case 1:
            return part.decode()
        case 3:
            return struct.unpack("<d", part)[0]
        case 4 | 5:
            return part
        case 6:
            return _zigzag(part)
    raise AssertionError(f"a value of the kind {field}")


def _fields(raw: bytes) -> Iterator[tuple[int, Any]]:
    position = 0
    while position < len(raw):
        tag, position = _varint(raw, position)
        match tag & 7:
            case 0:
                value, position = _varint(raw, position)
                yield tag >> 3, value
            case 1:
                yield tag >> 3, raw[position : position + 8]
                position += 8
            case 2:
                size, position = _varint(raw, position)
                yield tag >> 3, raw[position : position + size]
                position += size
            case kind:
                raise AssertionError(f"wire type {kind}")


def _varints(raw: bytes) -> Iterator[int]:
    position = 0
    while position < len(raw):
        value, position = _varint(raw, position)
        yield value


def _varint(raw: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = raw[position]
        value |= (byte & 127) << shift
        position, shift = position + 1, shift + 7
        if byte < 128:
            return value, position


def _zigzag(value: int) -> int:
    return value >> 1 ^ -(value & 1)
