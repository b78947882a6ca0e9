"""Which partition a key lies in: murmur2, as our producers and Java's clients have it."""

_M, _SEED, _BITS = 0x5BD1E995, 0x9747B28C, 0xFFFFFFFF


def partition_of(key: bytes, partitions: int) -> int:
    """The number of the partition a key is written to, of so many.

    https://github.com/apache/kafka, `org.apache.kafka.common.utils.Utils.murmur2`.
    """
    state = _SEED ^ len(key)
    whole = len(key) - len(key) % 4
    for at in range(0, whole, 4):
        word = int.from_bytes(key[at : at + 4], "little") * _M & _BITS
        state = state * _M & _BITS ^ (word ^ word >> 24) * _M & _BITS
    if rest := key[whole:]:
        state = (state ^ int.from_bytes(rest, "little")) * _M & _BITS
    state = (state ^ state >> 13) * _M & _BITS
    return ((state ^ state >> 15) & 0x7FFFFFFF) % partitions
