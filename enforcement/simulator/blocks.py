"""Blocks of rows, and how they become NDJSON, CSV or Parquet, without a Python step for each row."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

BLOCK_ROWS = 65_536
TEXT_FIELDS = (
    "source_ref",
    "account",
    "observed_at",
    "rule",
    "title",
    "principal",
    "organization",
    "product",
    "model",
    "conduct",
    "rule_version",
    "tlp",
)
NUMBER_FIELDS = ("severity", "score", "exchanges", "tokens_in", "tokens_out")
FIELDS = (
    "source_ref",
    "account",
    "observed_at",
    "rule",
    "severity",
    "score",
    "title",
    "principal",
    "exchanges",
    "tokens_in",
    "tokens_out",
    "organization",
    "product",
    "model",
    "conduct",
    "rule_version",
    "tlp",
)
FORMATS = ("ndjson", "parquet", "csv")
_IDENTIFIERS = pa.list_(pa.struct([("kind", pa.string()), ("value", pa.string())]))
_SAMPLE = pa.struct([("excerpt", pa.string()), ("sha256", pa.string())])
SCHEMA = pa.schema(
    [(name, pa.int64() if name in NUMBER_FIELDS else pa.string()) for name in FIELDS]
    + [("identifiers", _IDENTIFIERS), ("sample", _SAMPLE)]
)
CSV_SCHEMA = pa.schema([*list(SCHEMA)[:-2], pa.field("identifiers", pa.string()), pa.field("sample", pa.string())])


@dataclass(frozen=True)
class Block:
    """Some rows of signals or context records. A field is a column, or one value for all rows; null is left out.

    Of `identifiers` (kind, values), the first column has no nulls. All text is printable ASCII without quotes or
    backslashes, so that it needs no escaping in JSON.
    """

    rows: int
    fields: dict[str, pa.Array | str | int]
    identifiers: list[tuple[str, pa.StringArray]]
    sample: tuple[pa.StringArray, pa.StringArray] | None = None


def _optional(before: str, values: pa.Array, after: str) -> pa.StringArray:
    """`before`value`after`, null where the value is null."""
    return pc.binary_join_element_wise(before, values.cast(pa.string()), after, "")


def _around(before: str, value: pa.Array | str | int, after: str) -> list[pa.Array | str]:
    """A value between constants; a column without nulls stays a piece of its own, which saves copying it twice."""
    if not isinstance(value, pa.Array):
        return [f"{before}{value}{after}"]
    return [_optional(before, value, after)] if value.null_count else [before, value.cast(pa.string()), after]


def _joined(pieces: list[pa.Array | str]) -> pa.StringArray:
    return pc.binary_join_element_wise(*pieces, "", null_handling="replace", null_replacement="")


def _identifiers_json(block: Block) -> list[pa.Array | str]:
    pieces: list[pa.Array | str] = ["["]
    for position, (kind, values) in enumerate(block.identifiers):
        comma = "," if position else ""
        pieces += _around(f'{comma}{{"kind":"{kind}","value":"', values, '"}')
    return _merged([*pieces, "]"])


def ndjson(block: Block) -> pa.StringArray:
    """One line a row, line feed included."""
    pieces: list[pa.Array | str] = ["{"]
    for position, (name, value) in enumerate((n, block.fields[n]) for n in FIELDS if n in block.fields):
        quote = "" if name in NUMBER_FIELDS else '"'
        pieces += _around(f'{"," if position else ""}"{name}":{quote}', value, quote)
    pieces.append(',"identifiers":')
    pieces += _identifiers_json(block)
    if block.sample is not None:
        excerpt, digest = block.sample
        pieces += [_optional(',"sample":{"excerpt":"', excerpt, '","sha256":"'), _optional("", digest, '"}')]
    return _joined([*_merged(pieces), "}\n"])


def _merged(pieces: list[pa.Array | str]) -> list[pa.Array | str]:
    """Constant neighbours joined, so that fewer pieces are copied."""
    result: list[pa.Array | str] = []
    for piece in pieces:
        if isinstance(piece, str) and result and isinstance(result[-1], str):
            result[-1] += piece
        else:
            result.append(piece)
    return result


def _columns(block: Block) -> list[pa.Array]:
    columns: list[pa.Array] = []
    for field in list(SCHEMA)[:-2]:
        value = block.fields.get(field.name)
        if isinstance(value, pa.Array):
            columns.append(value.cast(field.type))
        else:
            columns.append(pa.repeat(pa.scalar(value, field.type), block.rows))
    return columns


def _identifier_lists(block: Block) -> pa.ListArray:
    """Row-major lists from columns: present values of row 0, then of row 1, and so on."""
    width = len(block.identifiers)
    present = np.stack([pc.is_valid(values).to_numpy(zero_copy_only=False) for _, values in block.identifiers], axis=1)
    order = np.arange(block.rows * width).reshape(width, block.rows).T[present]
    values = pa.concat_arrays([values for _, values in block.identifiers]).take(pa.array(order))
    kinds = pa.array([kind for kind, _ in block.identifiers]).take(pa.array(order // block.rows))
    offsets = np.concatenate([[0], np.cumsum(present.sum(axis=1))]).astype(np.int32)
    items = pa.StructArray.from_arrays([kinds, values], fields=list(_IDENTIFIERS.value_type))
    return pa.ListArray.from_arrays(pa.array(offsets), items, type=_IDENTIFIERS)


def table(block: Block) -> pa.Table:
    """The block as SCHEMA."""
    if block.sample is None:
        sample: pa.Array = pa.nulls(block.rows, _SAMPLE)
    else:
        missing = pc.is_null(block.sample[0])
        sample = pa.StructArray.from_arrays(list(block.sample), fields=list(_SAMPLE), mask=missing)
    return pa.Table.from_arrays([*_columns(block), _identifier_lists(block), sample], schema=SCHEMA)


def csv_table(block: Block) -> pa.Table:
    """The block as CSV_SCHEMA: identifiers and sample as JSON text."""
    identifiers = _joined(_identifiers_json(block))
    sample: pa.Array = pa.nulls(block.rows, pa.string())
    if block.sample is not None:
        excerpt, digest = block.sample
        sample = pc.binary_join_element_wise('{"excerpt":"', excerpt, '","sha256":"', digest, '"}', "")
    return pa.Table.from_arrays([*_columns(block), identifiers, sample], schema=CSV_SCHEMA)


class Writer(Protocol):
    """Takes blocks in order; `rows` counts them."""

    rows: int

    def write(self, block: Block) -> None:
        """Appends the rows of a block."""

    def close(self) -> None:
        """Ends the file."""


class NdjsonWriter:
    """Writes the value buffer of the joined column as it is: the buffer is the text of the file."""

    def __init__(self, path: Path) -> None:
        self.rows, self._file = 0, path.open("wb")

    def write(self, block: Block) -> None:
        """Appends lines."""
        lines = ndjson(block)
        self.rows += block.rows
        offsets, values = lines.buffers()[1:]
        ends = np.frombuffer(offsets, dtype=np.int32)[lines.offset : lines.offset + block.rows + 1]
        self._file.write(memoryview(values)[int(ends[0]) : int(ends[-1])])

    def close(self) -> None:
        """Ends the file."""
        self._file.close()


class ParquetWriter:
    """One row group a block."""

    def __init__(self, path: Path) -> None:
        self.rows, self._writer = 0, pq.ParquetWriter(path, SCHEMA, compression="zstd")

    def write(self, block: Block) -> None:
        """Appends a row group."""
        self.rows += block.rows
        self._writer.write_table(table(block), row_group_size=BLOCK_ROWS)

    def close(self) -> None:
        """Ends the file."""
        self._writer.close()


class CsvWriter:
    """Header line first; empty means absent."""

    def __init__(self, path: Path) -> None:
        self.rows, self._writer = 0, pa.csv.CSVWriter(path, CSV_SCHEMA)

    def write(self, block: Block) -> None:
        """Appends records."""
        self.rows += block.rows
        self._writer.write_table(csv_table(block))

    def close(self) -> None:
        """Ends the file."""
        self._writer.close()


def open_writer(path: Path, file_format: str) -> Writer:
    """Writer for one of FORMATS."""
    if file_format == "parquet":
        return ParquetWriter(path)
    return CsvWriter(path) if file_format == "csv" else NdjsonWriter(path)
