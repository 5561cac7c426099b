"""`manage.py simulate_campaign`: one JSON object on standard output, progress on standard error."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "simulate_campaign", *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_figures_are_one_json_object_and_progress_is_elsewhere(tmp_path: Path) -> None:
    done = run("--scale", "0.001", "--seed", "4", "--out", str(tmp_path), "--json")
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert figures["campaign_exchanges"] == 28_800
    assert figures["rows"] == sum(entry["rows"] for entry in figures["files"])
    assert "day 45 of 45" in done.stderr
    assert (tmp_path / "manifest.json").exists()


def test_a_bad_scale_is_one_sentence_and_writes_nothing(tmp_path: Path) -> None:
    done = run("--scale", "-1", "--out", str(tmp_path / "out"))
    assert done.returncode != 0
    assert "out of range" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()
