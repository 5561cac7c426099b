"""One run: a world, its days, its files, its manifest."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import msgspec
import numpy as np

from .blocks import FORMATS, Writer, open_writer
from .days import Calendar
from .detectors import EGRESS, HARVEST, METER, Observers
from .names import DETECTORS
from .reference import ReferenceCounts
from .settings import STANDARD, Settings
from .texts import Texts
from .warehouse import write_accounts, write_organizations, write_truth
from .world import World, build_world

FORMAT = "dossier-campaign/1"
START_DAY = date(2026, 9, 25)
Progress = Callable[[int, int, int], None]  # days done, days in all, rows written


@dataclass
class Figures:
    """What a run wrote, and what it cost on this machine. The cost is no part of the files."""

    manifest: dict[str, object]
    rows: int
    bytes: int
    seconds: float
    max_rss_bytes: int
    files: list[dict[str, object]] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        """The figures for `--json`."""
        named = (
            "scale",
            "seed",
            "start_day",
            "days",
            "campaign_accounts",
            "campaign_exchanges",
            "honest_accounts",
        )
        return {
            **{name: self.manifest[name] for name in named},
            "rows": self.rows,
            "bytes": self.bytes,
            "seconds": round(self.seconds, 2),
            "rows_per_second": round(self.rows / max(self.seconds, 1e-9)),
            "max_rss_bytes": self.max_rss_bytes,
            "files": self.files,
        }


def simulate(
    *,
    scale: float,
    seed: int,
    out: Path,
    file_format: str = "ndjson",
    start_day: date = START_DAY,
    settings: Settings = STANDARD,
    progress: Progress | None = None,
) -> Figures:
    """Write one campaign to `out` (made if absent); the bytes depend on scale, seed, format and start day alone.

    Memory: the columns of all accounts (about 1 KiB each) and one day, never the rows written.
    Raises ValueError for a scale out of range or an unknown format, OSError where files cannot be written.
    """
    if file_format not in FORMATS:
        raise ValueError(f"Format {file_format!r} is unknown: give one of {', '.join(FORMATS)}.")
    began = time.monotonic()
    world = build_world(settings, scale, seed)
    texts, calendar = Texts.of(world), Calendar(world, start_day)
    for folder in ("signals", "warehouse", "truth"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    files = _write_days(world, texts, calendar, out, file_format, progress)
    files += _write_tables(world, texts, start_day, out)
    for entry in files:
        entry["bytes"] = (out / str(entry["path"])).stat().st_size
    manifest = _manifest(world, seed, start_day, files)
    (out / "manifest.json").write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return Figures(
        manifest=manifest,
        rows=sum(int(str(entry["rows"])) for entry in files),
        bytes=sum(int(str(entry["bytes"])) for entry in files),
        seconds=time.monotonic() - began,
        max_rss_bytes=peak,
        files=files,
    )


def _entry(path: str, role: str, detector: str | None, rows: int) -> dict[str, object]:
    return {"path": path, "role": role, "detector": detector, "rows": rows, "bytes": 0}


def _write_days(
    world: World, texts: Texts, calendar: Calendar, out: Path, file_format: str, progress: Progress | None
) -> list[dict[str, object]]:
    observers = Observers(world, texts, calendar.anchors)
    sources = {METER.slug: observers.metered, HARVEST.slug: observers.harvest, EGRESS.slug: observers.egress}
    key = bytes.fromhex("".join(f"{int(bits):016x}" for bits in world.draws.bits("reference-key", np.arange(4))))
    (out / "warehouse/reference.key").write_text(key.hex() + "\n", encoding="ascii")
    writers: dict[str, Writer] = {}
    active = calendar.active_by_day()
    reference = ReferenceCounts(world, texts, key, calendar.start, active, out / "warehouse/reference.ndjson")
    with ExitStack() as stack:
        for detector in DETECTORS:
            for name in (detector.slug, detector.slug + "-context"):
                writers[name] = open_writer(out / f"signals/{name}.{file_format}", file_format)
                stack.callback(writers[name].close)
        stack.callback(reference.close)
        for number in range(world.settings.days):
            day = calendar.day(number)
            for slug, source in sources.items():
                for block in source(day):
                    writers[slug].write(block)
                for block in observers.context(slug, day):
                    writers[slug + "-context"].write(block)
            reference.add(day)
            if progress is not None:
                progress(number + 1, world.settings.days, sum(writer.rows for writer in writers.values()))
    return [
        *(_signals_entry(name, file_format, writer.rows) for name, writer in writers.items()),
        _entry("warehouse/reference.ndjson", "reference", None, reference.rows),
        _entry("warehouse/reference.key", "reference", None, 1),
    ]


def _signals_entry(name: str, file_format: str, rows: int) -> dict[str, object]:
    role = "context" if name.endswith("-context") else "signals"
    return _entry(f"signals/{name}.{file_format}", role, name.removesuffix("-context"), rows)


def _write_tables(world: World, texts: Texts, start_day: date, out: Path) -> list[dict[str, object]]:
    organizations = write_organizations(world, out / "warehouse/organizations.ndjson")
    accounts = write_accounts(world, texts, start_day, out / "warehouse/accounts.ndjson")
    truth = write_truth(world, texts, out / "truth/truth.csv")
    return [
        _entry("warehouse/organizations.ndjson", "organizations", None, organizations),
        _entry("warehouse/accounts.ndjson", "accounts", None, accounts),
        _entry("truth/truth.csv", "truth", None, truth),
    ]


def _manifest(world: World, seed: int, start_day: date, files: list[dict[str, object]]) -> dict[str, object]:
    detectors = [
        {
            "slug": detector.slug,
            "name": detector.name,
            "meters": detector.meters,
            "false_positive_rate": getattr(world.settings, detector.rate_setting),
            "rules": [
                {
                    "rule": rule.rule,
                    "title": rule.title,
                    "severity": rule.severity,
                    "version": rule.version,
                    "text": rule.text,
                }
                for rule in detector.rules
            ],
        }
        for detector in DETECTORS
    ]
    return {
        "format": FORMAT,
        "scale": world.scale,
        "seed": seed,
        "start_day": start_day.isoformat(),
        "days": world.settings.days,
        "last_day": (start_day + timedelta(days=world.settings.days - 1)).isoformat(),
        "campaign_accounts": world.campaign_accounts,
        "campaign_exchanges": world.campaign_exchanges,
        "honest_accounts": world.honest_accounts,
        "detectors": detectors,
        "files": files,
    }
