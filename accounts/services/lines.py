"""Reading NDJSON that a platform's warehouse wrote: line by line, each refused alone, with its number and reason."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from enforcement.audit.errors import Refusal

MAX_LINE_BYTES = 64 * 1024
_KEPT_REFUSALS = 100


@dataclass
class Figures:
    """What became of a file's lines. `first_refusals` holds at most 100 of {"line", "column", "reason"}."""

    read: int = 0
    accepted: int = 0
    refused: int = 0
    created: int = 0
    changed: int = 0
    first_refusals: list[dict[str, Any]] = field(default_factory=list)

    def refuse(self, line: int, column: str, reason: str) -> None:
        """Count a refused line, and keep the first hundred in words."""
        self.refused += 1
        if len(self.first_refusals) < _KEPT_REFUSALS:
            self.first_refusals.append({"line": line, "column": column, "reason": reason})


def is_text(value: object, longest: int) -> bool:
    """Whether a value is text of 1 to `longest` characters, more than spaces, that the database can hold."""
    return isinstance(value, str) and bool(value.strip()) and len(value) <= longest and "\x00" not in value


def kept_text(value: object, longest: int) -> str:
    """A value that is only shown, as text of at most `longest` printable characters; "" for none."""
    return "" if value is None else "".join(c for c in str(value) if c.isprintable())[:longest]


def open_file(path: Path) -> None:
    """Raise `Refusal` (400) in one sentence unless `path` is a readable, non-empty file."""
    if path.is_dir():
        raise Refusal("file.directory", f"{path} is a folder. Name a file in it.", field="file", status=400)
    if not path.exists():
        raise Refusal("file.missing", f"There is no file {path}. Check the name.", field="file", status=400)
    if path.stat().st_size == 0:
        raise Refusal("file.empty", f"{path} is empty. Export it again.", field="file", status=400)


def read_objects(path: Path, figures: Figures) -> Iterator[tuple[int, dict[str, Any]]]:
    """(line number, object) of every line that holds a JSON object; the others are refused in `figures`."""
    open_file(path)
    decode = msgspec.json.Decoder(dict[str, Any]).decode
    with path.open("rb") as lines:
        number = 0
        while line := lines.readline(MAX_LINE_BYTES + 1):
            number += 1
            if len(line) > MAX_LINE_BYTES:
                figures.read += 1
                figures.refuse(number, "", f"The line is longer than {MAX_LINE_BYTES} bytes.")
                while line and not line.endswith(b"\n"):
                    line = lines.readline(MAX_LINE_BYTES)
                continue
            if not line.strip():
                continue
            figures.read += 1
            try:
                yield number, decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                figures.refuse(number, "", "The line is not a JSON object.")
