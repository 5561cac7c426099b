"""Options of the command, shared by its two entries."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, TextIO

import msgspec

from .blocks import FORMATS
from .run import START_DAY, simulate


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options of `simulate_campaign`."""
    parser.add_argument("--scale", type=float, default=0.01, help="1 is 25,000 accounts and 28.8 million exchanges.")
    parser.add_argument("--seed", type=int, default=1, help="Same scale, seed and format: same bytes.")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="Folder to write to; made if absent.")
    parser.add_argument("--format", choices=FORMATS, default="ndjson", help="Format of the files of signals.")
    parser.add_argument("--start-day", type=date.fromisoformat, default=START_DAY, metavar="YYYY-MM-DD")
    parser.add_argument("--json", action="store_true", help="Figures as one JSON object on standard output.")


def run_with_options(options: Mapping[str, Any], *, out: TextIO, err: TextIO) -> None:
    """Runs once; figures go to `out`, progress to `err`. Raises ValueError or OSError with a sentence to show."""
    folder = options["out"]
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{folder} is not a folder: give a folder for --out.")

    def progress(done: int, days: int, rows: int) -> None:
        err.write(f"\rday {done} of {days}, {rows:,} rows" + ("\n" if done == days else ""))
        err.flush()

    figures = simulate(
        scale=options["scale"],
        seed=options["seed"],
        out=folder,
        file_format=options["format"],
        start_day=options["start_day"],
        progress=progress,
    )
    if options["json"]:
        out.write(msgspec.json.encode(figures.as_json()).decode() + "\n")
        return
    out.writelines(
        f"{entry['path']:<40} {entry['rows']:>12,} rows {entry['bytes']:>15,} bytes\n" for entry in figures.files
    )
    out.write(f"{figures.rows:,} rows in {figures.seconds:.1f} s\n")
