"""Memory follows the number of accounts, never the number of rows."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def peak_bytes(scale: str, out: Path) -> tuple[int, int]:
    done = subprocess.run(
        [sys.executable, "-m", "enforcement.simulator", "--scale", scale, "--out", str(out), "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    figures = json.loads(done.stdout)
    return figures["max_rss_bytes"], figures["bytes"]


def test_four_times_the_rows_take_little_more_memory(tmp_path: Path) -> None:
    small, small_bytes = peak_bytes("0.005", tmp_path / "small")
    large, large_bytes = peak_bytes("0.02", tmp_path / "large")
    assert large_bytes > 2.5 * small_bytes
    assert large - small < 40 * 1024 * 1024
