"""Set a document in type: JSON data, SVG pictures and attachments in, PDF/A-3 bytes out."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pyhanko.pdf_utils.reader import PdfFileReader

from enforcement.packets.attachments import Attachment
from enforcement.packets.canonical import template_files
from enforcement.packets.errors import TypesettingError

MEMORY_LIMIT_BYTES = 1536 * 1024 * 1024
TIME_LIMIT_SECONDS = 60
_CHILD = Path(__file__).with_name("compile_child.py")
_MESSAGE_LIMIT = 600


@dataclass(frozen=True, kw_only=True, slots=True)
class Typeset:
    """The PDF, and what the compiling process used at its peak."""

    pdf: bytes
    pages: int
    peak_bytes: int


def _fill(folder: Path, data: Mapping[str, Any], pictures: Mapping[str, str], files: Sequence[Attachment]) -> None:
    for template in template_files():
        (folder / template.name).write_bytes(template.read_bytes())
    for name, svg in pictures.items():
        (folder / name).write_text(svg, encoding="utf-8")
    for item in files:
        if (folder / item.name).exists():
            raise TypesettingError("attachment_name", f"An attached file may not be called {item.name}.")
        (folder / item.name).write_bytes(item.content)
    (folder / "data.json").write_text(json.dumps(data, ensure_ascii=False, sort_keys=True), encoding="utf-8")


def typeset(
    data: Mapping[str, Any],
    *,
    pictures: Mapping[str, str],
    files: Sequence[Attachment],
    created: datetime,
    memory_limit_bytes: int = MEMORY_LIMIT_BYTES,
    time_limit_seconds: int = TIME_LIMIT_SECONDS,
) -> Typeset:
    """Compile in a subprocess; TypesettingError says whether Typst refused, or time or memory ran out."""
    with tempfile.TemporaryDirectory(prefix="packet-") as name:
        folder = Path(name)
        _fill(folder, data, pictures, files)
        command = [
            sys.executable,
            "-I",
            str(_CHILD),
            name,
            str(memory_limit_bytes),
            str(time_limit_seconds),
            str(int(created.timestamp())),
        ]
        try:
            done = subprocess.run(command, capture_output=True, timeout=time_limit_seconds + 5, check=False, cwd=name)
        except subprocess.TimeoutExpired as error:
            raise TypesettingError(
                "typesetting_time", f"Typesetting took over {time_limit_seconds} seconds and was stopped."
            ) from error
        if done.returncode == 2:
            message = done.stderr.decode(errors="replace").strip().replace(name, "")[:_MESSAGE_LIMIT]
            raise TypesettingError("typesetting_refused", f"Typst refused the packet: {message}")
        if done.returncode != 0:
            raise TypesettingError(
                "typesetting_limit",
                (
                    f"Typesetting was stopped by its limit of {memory_limit_bytes // 2**20} MiB or "
                    f"{time_limit_seconds} seconds."
                ),
            )
        pdf = (folder / "packet.pdf").read_bytes()
        return Typeset(pdf=pdf, pages=_page_count(pdf), peak_bytes=int(done.stdout.split()[-1]))


def _page_count(pdf: bytes) -> int:
    return int(PdfFileReader(io.BytesIO(pdf)).root["/Pages"]["/Count"])
