"""The import of the demo campaign, file by file: `python benchmarks/demo_import.py [--scale 0.01] [--seed 1]`.

A home of its own, servers of its own, the same command that people use. One JSON object on standard output: seconds,
rows and rows a second of each file and of all; and the limits on the same machine in the same run (SHA-256 of the largest
file, DuckDB merely reading it to Parquet).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb

if __package__ in {None, ""}:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.run import embedded, manage, reset


def limits(path: Path, folder: Path) -> dict[str, float]:
    """What no import can be faster than."""
    began = time.perf_counter()
    with path.open("rb") as stream:
        hashlib.file_digest(stream, "sha256")
    hashed = time.perf_counter()
    with duckdb.connect(":memory:", config={"threads": 2}) as connection:
        connection.read_json(str(path)).to_parquet(str(folder / "bare.parquet"), compression="zstd")
    return {
        "sha256_seconds": round(hashed - began, 2),
        "duckdb_reads_to_parquet_seconds": round(time.perf_counter() - hashed, 2),
    }


def measure(home: Path, *, scale: str, seed: str) -> dict[str, Any]:
    """Simulate, register, import each file; the figures."""
    campaign = home / "campaign"
    manage(home, "simulate_campaign", "--scale", scale, "--seed", seed, "--out", str(campaign), "--json")
    manifest = json.loads((campaign / "manifest.json").read_text())
    embedded(home, "start")
    manage(home, "load_demo", "--prepare", str(campaign), "--json")
    files = []
    for row in (f for f in manifest["files"] if f["role"] in {"signals", "context"}):
        path = str(campaign / row["path"])
        figures, _ = manage(home, "import_signals", path, "--detector", row["detector"], "--json", "--no-wait")
        (job,) = figures["imports"]
        files.append(
            {"file": row["path"], "rows": job["rows_accepted"], "bytes": row["bytes"], "seconds": job["seconds"]}
        )
    seconds = sum(row["seconds"] for row in files)
    rows = sum(row["rows"] for row in files)
    largest = max(files, key=lambda row: row["bytes"])
    return {
        "campaign_exchanges": manifest["campaign_exchanges"],
        "rows": rows,
        "seconds": round(seconds, 2),
        "rows_a_second": round(rows / seconds),
        "files": files,
        "limits_for_the_largest": limits(campaign / largest["file"], home),
        "load": os.getloadavg()[0],
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", default="0.01")
    parser.add_argument("--seed", default="1")
    options = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="dossier-import-"))
    try:
        figures = measure(home, scale=options.scale, seed=options.seed)
    finally:
        embedded(home, "stop")
        reset(home)
    sys.stdout.write(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
