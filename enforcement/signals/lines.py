"""A file cut into lines, streamed: numbered Arrow batches for DuckDB, without a Python object for each line.

Memory is bounded by the block, not by the file: a line longer than the limit is refused while it is still arriving.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa

from enforcement.audit.errors import Refusal

BLOCK_BYTES = 4 * 1024**2
GZIP_MAGIC = b"\x1f\x8b"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
SCHEMA = pa.schema([("line", pa.int64()), ("text", pa.large_string())])
# What a file begins with that is no text; compared before anything is read as lines.
WRONG_TYPES = (
    (b"%PDF", "a PDF document"),
    (b"PAR1", "a Parquet file"),
    (b"PK\x03\x04", "a ZIP archive or an Office document"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ", "an xz file"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"SQLite format 3\x00", "a database file"),
    (b"\x7fELF", "a program"),
    (b"\xff\xfe", "text in UTF-16"),
    (b"\xfe\xff", "text in UTF-16"),
)


@dataclass(frozen=True, slots=True)
class LineRefusal:
    """A line that cannot become a signal whatever it says: its number (from 1), its beginning, and why."""

    line: int
    beginning: bytes
    reason: str
    code: str


@dataclass
class Reader:
    """What is read, and what was seen so far. `refused` is emptied by whoever stores it."""

    source: BinaryIO
    max_line_bytes: int
    max_bytes: int
    size_bytes: int = 0
    read_bytes: int = 0
    lines: int = 0
    refused: list[LineRefusal] = field(default_factory=list)
    _dropping: bytes | None = None

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Numbered batches of valid UTF-8 lines; blank lines are skipped but counted.

        Raises Refusal for a file that is no text, a damaged gzip, or more than `max_bytes` after unpacking.
        """
        rest = b""
        for block in _lone_returns(self._blocks()):
            if self._dropping is not None:
                end = block.find(b"\n")
                if end < 0:
                    continue
                self._refuse_long(self._dropping)
                self._dropping, block = None, block[end + 1 :]
            data = rest + block if rest else block
            cut = data.rfind(b"\n") + 1
            rest = data[cut:]
            if cut:
                yield from self._lines(data[:cut])
            if len(rest) > self.max_line_bytes:
                self._dropping, rest = rest[:400], b""
        if self._dropping is not None:
            self._refuse_long(self._dropping)
        elif rest:
            yield from self._lines(rest + b"\n")

    def _blocks(self) -> Iterator[bytes]:
        head = self.source.read(BLOCK_BYTES)
        self.read_bytes += len(head)
        check_type(head)
        if not head.startswith(GZIP_MAGIC):
            yield head.removeprefix(BYTE_ORDER_MARK)
            while block := self.source.read(BLOCK_BYTES):
                self.read_bytes += len(block)
                self._bound(self.read_bytes)
                yield block
            return
        unpacked = 0
        for block in self._unpacked(head):
            if not unpacked:
                check_type(block)
                block = block.removeprefix(BYTE_ORDER_MARK)
            unpacked += len(block)
            self._bound(unpacked)
            yield block

    def _bound(self, seen_bytes: int) -> None:
        if seen_bytes > self.max_bytes:
            raise Refusal(
                "import.too_large",
                f"This file holds more than {self.max_bytes:,} bytes once unpacked. Split it, or raise MAX_IMPORT_BYTES.",
                status=413,
            )

    def _unpacked(self, block: bytes) -> Iterator[bytes]:
        """Every member of a gzip file, a bounded piece at a time."""
        stream = zlib.decompressobj(wbits=31)
        try:
            while block:
                piece = stream.decompress(block, BLOCK_BYTES)
                if piece:
                    yield piece
                block = stream.unconsumed_tail
                if stream.eof:
                    block = stream.unused_data.lstrip(b"\0") or self._next()
                    if block:
                        stream = zlib.decompressobj(wbits=31)
                elif not block:
                    block = self._next()
        except zlib.error as error:
            raise _damaged("its content is damaged") from error
        if not stream.eof:
            raise _damaged("it ends before its end mark, as a file does whose transfer was cut off")

    def _next(self) -> bytes:
        block = self.source.read(BLOCK_BYTES)
        self.read_bytes += len(block)
        return block

    def _refuse_long(self, beginning: bytes) -> None:
        self.lines += 1
        self.refused.append(
            LineRefusal(
                self.lines, beginning, f"the line is longer than {self.max_line_bytes:,} bytes", "line.too_long"
            )
        )

    def _lines(self, data: bytes) -> Iterator[pa.RecordBatch]:
        """`data` ends with a line feed."""
        ends = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == 10)
        starts = np.concatenate(([0], ends[:-1] + 1))
        numbers = np.arange(self.lines + 1, self.lines + 1 + len(ends), dtype=np.int64)
        self.lines += len(ends)
        widths = ends - starts
        keep = widths > 0
        keep &= self._without_long(data, starts, ends, numbers)
        if not _is_text(data):
            keep &= self._without_broken(data, starts, ends, numbers)
        # Also when nothing is kept: whoever reads on takes up what was refused, so that it never piles up.
        yield _batch(data, starts, ends, numbers, keep)

    def _without_long(self, data: bytes, starts: Ends, ends: Ends, numbers: Ends) -> Mask:
        long = (ends - starts) > self.max_line_bytes
        for index in np.flatnonzero(long):
            self.refused.append(
                LineRefusal(
                    int(numbers[index]),
                    data[starts[index] : starts[index] + 400],
                    f"the line is longer than {self.max_line_bytes:,} bytes",
                    "line.too_long",
                )
            )
        return ~long

    def _without_broken(self, data: bytes, starts: Ends, ends: Ends, numbers: Ends) -> Mask:
        """Only for a block that holds something that is not text: each line looked at alone."""
        good = np.ones(len(ends), dtype=bool)
        for index, (start, end) in enumerate(zip(starts, ends, strict=True)):
            line = data[start:end]
            if b"\0" in line:
                reason, code = "the line holds a NUL byte", "line.nul"
            elif not _is_text(line):
                reason, code = "the line is not UTF-8 text", "line.encoding"
            else:
                continue
            good[index] = False
            if len(line) <= self.max_line_bytes:
                self.refused.append(LineRefusal(int(numbers[index]), line[:400], reason, code))
        return good


Ends = np.ndarray[tuple[int, ...], np.dtype[np.int64]]
Mask = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


def _batch(data: bytes, starts: Ends, ends: Ends, numbers: Ends, keep: Mask) -> pa.RecordBatch:
    """The kept lines as an Arrow batch over `data` itself where all are kept, else over a copy of the kept ones."""
    if not keep.all():
        data = b"".join(data[start : end + 1] for start, end in zip(starts[keep], ends[keep], strict=True))
        ends = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == 10)
        numbers = numbers[keep]
    offsets = np.concatenate(([0], ends + 1)).astype(np.int64)
    text = pa.LargeStringArray.from_buffers(len(ends), pa.py_buffer(offsets), pa.py_buffer(data))
    return pa.record_batch([pa.array(numbers), text], schema=SCHEMA)


def _lone_returns(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Carriage returns as line ends: CR LF is one, and so is CR alone, wherever a block happens to end."""
    pending = False
    for block in blocks:
        if pending:
            block = b"\n" + block.removeprefix(b"\n")
            pending = False
        if b"\r" in block:
            if block.endswith(b"\r"):
                block, pending = block[:-1], True
            block = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if block:
            yield block
    if pending:
        yield b"\n"


def _is_text(data: bytes) -> bool:
    if b"\0" in data:
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def check_type(head: bytes) -> None:
    """Raise Refusal (422) when a file's first bytes say that it holds no lines of text."""
    for magic, name in WRONG_TYPES:
        if head.startswith(magic):
            raise Refusal(
                "import.wrong_type",
                f"This is {name}, not signals. Send NDJSON (one JSON object a line), plain or as gzip.",
                status=422,
            )
    if not head:
        raise Refusal("import.empty", "This file is empty: it holds no signal.", status=422)
    sample = head[:4096]
    odd = sum(1 for byte in sample if byte < 9 or 13 < byte < 32)
    if odd > len(sample) // 10 and not head.startswith(GZIP_MAGIC):
        raise Refusal(
            "import.wrong_type",
            "This file holds binary data, not signals. Send NDJSON (one JSON object a line), plain or as gzip.",
            status=422,
        )


def _damaged(how: str) -> Refusal:
    return Refusal(
        "import.gzip_damaged",
        f"This gzip file cannot be unpacked: {how}. Nothing of it was taken in; send it again.",
        status=422,
    )


def open_reader(path: Path, *, max_line_bytes: int, max_bytes: int) -> Reader:
    """A reader over a local file; the caller closes `source`."""
    return Reader(path.open("rb"), max_line_bytes, max_bytes, size_bytes=path.stat().st_size)
