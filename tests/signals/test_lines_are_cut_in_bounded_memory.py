"""The line splitter gives the same lines whatever the blocks, and never holds more than a few of them."""

from __future__ import annotations

import gzip
import tracemalloc
from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enforcement.audit.errors import Refusal
from enforcement.signals import lines
from enforcement.signals.lines import Reader


class Trickle(BytesIO):
    """A stream that gives a few bytes at a time, whatever it is asked for."""

    size = 3

    def read(self, _size: int | None = -1, /) -> bytes:
        return super().read(self.size)


class Endless:
    """A stream of one line that does not end for `left` bytes, made as it is read."""

    def __init__(self, left: int) -> None:
        self.left = left

    def read(self, size: int = -1) -> bytes:
        size = min(size, self.left)
        self.left -= size
        return b"x" * size if self.left else b"x" * max(size - 1, 0) + b"\n" * min(size, 1)


def read_all(reader: Reader) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    for batch in reader.batches():
        found += zip(batch.column("line").to_pylist(), batch.column("text").to_pylist(), strict=True)
    return [(number, text.rstrip("\n")) for number, text in found]


@settings(deadline=None)
@given(
    parts=st.lists(st.sampled_from(["a", "bb", "", "é", "x" * 30]), min_size=1),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    size=st.integers(1, 9),
    packed=st.booleans(),
)
def test_lines_and_their_numbers_do_not_depend_on_blocks(parts: list[str], end: str, size: int, packed: bool) -> None:
    data = end.join(["first", *parts]).encode()
    stream = Trickle(gzip.compress(data) if packed else data)
    stream.size = max(size, 4)
    reader = Reader(stream, max_line_bytes=20, max_bytes=10**9)
    expected = [(n, text) for n, text in enumerate(["first", *parts], start=1) if text and len(text) <= 20]
    assert read_all(reader) == expected
    assert [refused.line for refused in reader.refused] == [
        n for n, t in enumerate(["first", *parts], start=1) if len(t) > 20
    ]


@settings(deadline=None)
@given(data=st.binary(max_size=300))
def test_any_bytes_give_lines_or_a_refusal(data: bytes) -> None:
    reader = Reader(BytesIO(data), max_line_bytes=50, max_bytes=10**6)
    with suppress(Refusal):
        for _, text in read_all(reader):
            text.encode()


def test_one_line_of_hundreds_of_megabytes_takes_a_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "BLOCK_BYTES", 1024**2)
    reader = Reader(Endless(300 * 1024**2), max_line_bytes=1024**2, max_bytes=10**12)  # type: ignore[arg-type]
    tracemalloc.start()
    assert read_all(reader) == []
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 12 * 1024**2
    (refused,) = reader.refused
    assert (refused.line, len(refused.beginning)) == (1, 400)


def test_refused_lines_never_pile_up() -> None:
    most = 0
    reader = Reader(BytesIO(b"first" * 1_000 + b"\n" + b"a\0\n" * 1_000_000), max_line_bytes=100, max_bytes=10**9)
    for batch in reader.batches():
        most = max(most, len(reader.refused))
        reader.refused.clear()
        assert len(batch) <= 1
    assert most <= lines.BLOCK_BYTES // 3 + 1
