"""Whether bytes are DER (X.690, section 10 and 11): the one encoding of what they say."""

from __future__ import annotations

_DEEPEST = 32
_LONG_BITS_BYTES = 16  # a key or a signature, which is whole bytes
_BOOLEAN, _INTEGER, _BITS, _NULL, _OBJECT, _SET = 0x01, 0x02, 0x03, 0x05, 0x06, 0x31


class NotDerError(ValueError):
    """The bytes have another encoding than the canonical one, or none."""


def _header(raw: bytes, start: int, end: int) -> tuple[int, int, int]:
    """Tag, first and one-past-last position of the content of the value at `start`."""
    if end - start < 2:
        raise NotDerError("A value is cut off.")
    tag, length, at = raw[start], raw[start + 1], start + 2
    if tag & 0x1F == 0x1F or tag == 0:
        raise NotDerError("A tag is not one that is expected.")
    if length & 0x80:
        size = length & 0x7F
        if not 1 <= size <= 4 or end - at < size:
            raise NotDerError("A length is not in its one form.")
        length, at = int.from_bytes(raw[at : at + size], "big"), at + size
        if length < 0x80 or length >> (8 * (size - 1)) == 0:
            raise NotDerError("A length is longer than it need be.")
    if at + length > end:
        raise NotDerError("A value runs over its end.")
    return tag, at, at + length


def _check_plain(tag: int, content: bytes) -> None:
    if tag == _INTEGER and (
        not content or (len(content) > 1 and content[0] in (0, 0xFF) and content[0] >> 7 == content[1] >> 7)
    ):
        raise NotDerError("A number is not in its one form.")
    if tag == _BOOLEAN and content not in (b"\x00", b"\xff"):
        raise NotDerError("A truth value is not in its one form.")
    if tag == _BITS and (not content or content[0] > 7 or (content[0] and len(content) > _LONG_BITS_BYTES)):
        raise NotDerError("A string of bits is not in its one form.")
    if (tag == _NULL and content) or (tag == _OBJECT and not content):
        raise NotDerError("A value is not in its one form.")


def check_der(raw: bytes, start: int = 0, end: int | None = None, *, depth: int = 0) -> None:
    """Raise NotDerError unless `raw[start:end]` is a sequence of DER values without anything between them."""
    stop = len(raw) if end is None else end
    if depth > _DEEPEST:
        raise NotDerError("The values are nested too deeply.")
    while start < stop:
        tag, first, last = _header(raw, start, stop)
        if not tag & 0x20:
            _check_plain(tag, raw[first:last])
        else:
            check_der(raw, first, last, depth=depth + 1)
            if tag == _SET:
                _check_order(raw, first, last)
        start = last


def _check_order(raw: bytes, start: int, end: int) -> None:
    """The members of a set stand in the order of their bytes."""
    before = b""
    while start < end:
        _, _, last = _header(raw, start, end)
        member = raw[start:last]
        if member < before:
            raise NotDerError("A set is not in order.")
        before, start = member, last
