"""The command as a process: figures alone on standard output, exit status 0 or 1, and no server started."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def manage(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DATABASE", "DOSSIER", "DJANGO"))}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env={**kept, "DOSSIER_HOME": str(home)},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_a_small_campaign_and_a_scale_that_is_none(tmp_path: Path) -> None:
    done = manage(
        tmp_path / "home",
        "simulate_campaign",
        "--scale",
        "0.001",
        "--seed",
        "3",
        "--out",
        str(tmp_path / "c"),
        "--json",
    )
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert figures["campaign_accounts"] == 25
    assert (tmp_path / "c" / "manifest.json").exists()
    refused = manage(
        tmp_path / "home", "simulate_campaign", "--scale", "-1", "--seed", "3", "--out", str(tmp_path / "d")
    )
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.count("\n") == 1
    assert not (tmp_path / "d").exists()
    assert not (tmp_path / "home" / "postgres").exists()


def test_a_packet_is_verified_without_a_server(tmp_path: Path) -> None:
    (tmp_path / "x.pdf").write_bytes(b"%PDF-1.7 rubbish")
    done = manage(tmp_path / "home", "verify_packet", str(tmp_path / "x.pdf"), "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["ok"] is False
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "home" / "postgres").exists()
