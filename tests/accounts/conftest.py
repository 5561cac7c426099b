"""Small worlds in the archive: context records and metered signals through the real import, and what the warehouse tells."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import Cluster, LinkRun, Membership, ReferenceSnapshot
from accounts.services import import_reference, run_linking
from enforcement.audit.actors import SYSTEM
from enforcement.signals.models import Detector, Segment
from enforcement.signals.services import register_detector
from tests.ingest.rows import imported

DAY = date(2026, 10, 1)
KEY = "0f" * 16
Held = dict[str, list[tuple[str, str]]]  # account -> (kind, value)


@pytest.fixture(autouse=True)
def storage(tmp_path: Path, settings: Settings) -> Path:
    root = tmp_path / "store"
    settings.STORAGE_ROOT, settings.KEYS_ROOT = root, tmp_path / "keys"
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(root)}},
    }
    return root


@pytest.fixture
def meter(db: None) -> Detector:
    return register_detector(SYSTEM, slug="meter", name="Meter", meters="api", rules=[{"rule": "M-1", "severity": 1}])


def star(value: str, accounts: list[str], kind: str = "payment") -> Held:
    """Accounts that all hold one value."""
    return {account: [(kind, value)] for account in accounts}


def both(*parts: Held) -> Held:
    """Everything that is held in any part."""
    found: Held = {}
    for part in parts:
        for account, values in part.items():
            found.setdefault(account, []).extend(values)
    return found


def strangers(count: int) -> Held:
    """Honest accounts, each with a card of its own."""
    return {f"honest-{n}": [("payment", f"own-{n}")] for n in range(count)}


def seen(detector: Detector, held: Held, *, days: int = 8, name: str = "w") -> Segment:
    """A segment in which these accounts hold these values on each of the days, as context records."""
    rows = [
        {
            "source_ref": f"{name}/{account}/{day}",
            "account": account,
            "observed_at": f"{DAY + timedelta(days=day)}T10:00:00Z",
            "identifiers": [{"kind": kind, "value": value} for kind, value in values],
        }
        for account, values in held.items()
        for day in range(days)
    ]
    job = imported(detector, rows, name=f"{name}.ndjson")
    assert (job.state, job.rows_refused) == ("done", 0), job.failure
    assert job.segment is not None
    return job.segment


def retire(segment: Segment) -> None:
    """What an import that was retracted leaves behind."""
    Segment.objects.filter(pk=segment.pk).update(retired_at=segment.created_at)


def told(folder: Path, *, population: int = 1_000, kinds: tuple[str, ...] = ("payment",)) -> ReferenceSnapshot:
    """Reference counts that name no value of ours: few hold it then."""
    header = {
        "type": "reference", "version": 1, "as_of": "2026-11-01", "days": ["2026-09-01", "2026-10-31"],
        "population": population, "minimum_holders": 2, "keying": "hmac-sha256",
    }  # fmt: skip
    counts = [{"type": "count", "kind": kind, "key": "ab" * 16, "day": "2026-10-01", "holders": 9} for kind in kinds]
    return import_reference(SYSTEM, path=reference_file(folder, header, *counts), key=KEY)


def reference_file(folder: Path, *lines: dict[str, Any]) -> Path:
    path = folder / "counts.ndjson"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def linked() -> LinkRun:
    run = run_linking(SYSTEM)
    assert run.state == "done", run.failure
    return run


def groups() -> dict[str, set[str]]:
    """Open memberships: cluster ref -> accounts."""
    found: dict[str, set[str]] = {}
    rows = Membership.objects.filter(left_run=None).values_list("cluster__ref", "account__platform_id")
    for ref, account in rows:
        found.setdefault(ref, set()).add(account)
    return found


def only() -> Cluster:
    return Cluster.objects.get(state="active")
