"""The hole in the signed range of a PDF, where the signature itself stands."""

from __future__ import annotations

import re
from dataclasses import dataclass

_BYTE_RANGE = re.compile(rb"/ByteRange \[0 (\d{1,12}) (\d{1,12}) (\d{1,12})\]")
_HEX = re.compile(rb"(?:[0-9A-F]{2})+")


class ContainerError(Exception):
    """The container is not in its canonical form, or a signature in it does not hold. One sentence."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Hole:
    """Where the signature stands: the file is covered before `start` and from `end` on, to its last byte."""

    start: int
    end: int
    der: bytes


def find_hole(content: bytes) -> Hole:
    """Find the one signature and take the container out of its hole; ContainerError otherwise."""
    found = _BYTE_RANGE.findall(content)
    if len(found) != 1:
        raise ContainerError(f"The file has {len(found)} signature ranges instead of one.")
    before, after, length = (int(value) for value in found[0])
    if [str(v).encode() for v in (before, after, length)] != list(found[0]):
        raise ContainerError("The signature range is not written in its one form.")
    if not 0 < before < after or after + length != len(content):
        raise ContainerError("The signature does not cover the whole file to its last byte.")
    hole = content[before:after]
    if hole[:1] != b"<" or hole[-1:] != b">" or content[before - 10 : before] != b"/Contents ":
        raise ContainerError("The hole in the signed range holds something else than the signature.")
    text = hole[1:-1]
    if not _HEX.fullmatch(text):
        raise ContainerError("The signature is not written in upper-case hex.")
    raw = bytes.fromhex(text.decode())
    size = _der_size(raw)
    if any(raw[size:]):
        raise ContainerError("Something other than zeros follows the signature in its hole.")
    return Hole(start=before, end=after, der=raw[:size])


def _der_size(raw: bytes) -> int:
    if len(raw) < 4 or raw[0] != 0x30 or raw[1] != 0x82:
        raise ContainerError("The signature container does not start as one.")
    size = 4 + int.from_bytes(raw[2:4], "big")
    if size > len(raw) or size < 260:
        raise ContainerError("The signature container has the wrong length.")
    return size
