"""`make bench`: the figures of docs/performance.md, measured on this machine now.

    python benchmarks/run.py [--scale 0.01] [--seed 1] [--keep]

Everything runs in a folder of its own, with servers of its own, through the same management commands that people use. The
result is one JSON object on standard output, and a table on standard error. Machines are shared and noisy: compare
figures of one run with each other, not with another day's.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def manage(home: Path, *arguments: str) -> tuple[dict[str, Any], float]:
    """Run one management command; its figures and the seconds of the whole process."""
    began = time.perf_counter()
    environment = {**os.environ, "DOSSIER_HOME": str(home)}
    done = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        cwd=ROOT, env=environment, capture_output=True, check=False, text=True,
    )  # fmt: skip
    seconds = time.perf_counter() - began
    if done.returncode:
        raise SystemExit(f"{arguments[0]} failed: {done.stderr[-2000:]}")
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    return (json.loads(lines[-1]) if lines else {}), seconds


def embedded(home: Path, command: str) -> None:
    """Start or stop the servers of a home."""
    environment = {**os.environ, "DOSSIER_HOME": str(home)}
    subprocess.run(
        [sys.executable, "-m", "enforcement.embedded", command],
        cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip


def reset(home: Path) -> None:
    """Remove a home with its servers and everything in it."""
    subprocess.run(
        [sys.executable, "-m", "enforcement.embedded", "reset"],
        cwd=ROOT, env={**os.environ, "DOSSIER_HOME": str(home), "CONFIRM": "1"}, check=False, stdout=subprocess.DEVNULL,
    )  # fmt: skip


def import_files(home: Path, campaign: Path, manifest: dict[str, Any]) -> dict[str, Any]:
    """Every signals file, detector by detector; seconds of the imports themselves and of the processes around them."""
    own = whole = 0.0
    rows = 0
    for slug in [detector["slug"] for detector in manifest["detectors"]]:
        files = [str(campaign / f["path"]) for f in manifest["files"] if f["detector"] == slug]
        figures, seconds = manage(home, "import_signals", *files, "--detector", slug, "--json", "--no-wait")
        own += sum(row.get("seconds", 0.0) for row in figures.get("imports", []))
        rows += sum(row.get("rows_read", 0) for row in figures.get("imports", []))
        whole += seconds
    return {"rows": rows, "seconds": round(own, 2), "seconds_with_processes": round(whole, 2)}


def measure(home: Path, *, scale: str, seed: str) -> dict[str, Any]:
    """Simulate, load, link, build; the figures by name."""
    campaign = home / "campaign"
    found: dict[str, Any] = {}
    _, found["simulate_seconds"] = manage(
        home, "simulate_campaign", "--scale", scale, "--seed", seed, "--out", str(campaign), "--json"
    )
    manifest = json.loads((campaign / "manifest.json").read_text())
    found["campaign_exchanges"] = manifest["campaign_exchanges"]
    embedded(home, "start")
    _, found["migrate_seconds"] = manage(home, "migrate")
    manage(home, "load_demo", "--prepare", str(campaign), "--json")
    found["import"] = import_files(home, campaign, manifest)
    manage(home, "import_reference", str(campaign / "warehouse" / "reference.ndjson"), "--json", "--no-wait")
    linked, _ = manage(home, "link_accounts", "--json")
    found["link"] = {name: linked[name] for name in ("sightings", "clusters", "members", "seconds", "steps")}
    found["evaluate"], _ = manage(home, "evaluate_links", "--truth", str(campaign / "truth" / "truth.csv"), "--json")
    played, _ = manage(home, "demo", "--json")
    built, _ = manage(home, "build_packet", played["case"], "--out", str(home / "packet.pdf"), "--json")
    found["packet"] = {name: built[name] for name in ("pages", "bytes", "seconds")}
    _, found["verify_packet_seconds"] = manage(home, "verify_packet", str(home / "packet.pdf"), "--json")
    audit, _ = manage(home, "verify_audit", "--json")
    found["audit"] = {name: audit[name] for name in ("intact", "events", "history_rows", "seconds")}
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", default="0.01")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--keep", action="store_true", help="leave the folder with everything in it")
    options = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="dossier-bench-"))
    try:
        figures = measure(home, scale=options.scale, seed=options.seed)
    finally:
        embedded(home, "stop")
        if not options.keep:
            reset(home)
    machine = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
        "machine": platform.machine(),
        "scale": options.scale,
        "seed": options.seed,
    }
    sys.stdout.write(json.dumps({**machine, **figures}, indent=1) + "\n")


if __name__ == "__main__":
    main()
