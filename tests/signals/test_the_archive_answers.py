"""Counts, samples and extracts over registered segments, the same bytes each time."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.utils import timezone

from enforcement.signals.archive import Window, conduct_by_account, count_signals, extract_rows, sample_rows
from enforcement.signals.models import Detector, Segment
from tests.ingest.rows import imported, signal


@pytest.fixture
def filled(watch: Detector, meter: Detector) -> None:
    imported(
        watch,
        [
            signal(f"w{n}", account=f"ac-{n % 3}", exchanges=n, observed_at=f"2026-10-0{1 + n % 4}T10:00:00Z")
            for n in range(12)
        ],
    )
    imported(
        meter, [signal(f"m{n}", rule="M-1", exchanges=1, product="api") for n in range(5)] + [signal("c", rule=None)]
    )


def test_signals_are_counted_by_what_was_asked(filled: None) -> None:
    assert count_signals(Window(detectors=["watch"]), by=["account"]) == [
        {"account": "ac-0", "signals": 4, "exchanges": 18},
        {"account": "ac-1", "signals": 4, "exchanges": 22},
        {"account": "ac-2", "signals": 4, "exchanges": 26},
    ]
    assert count_signals(Window(accounts=["ac-1"]), by=["detector", "rule"]) == [
        {"detector": "meter", "rule": "M-1", "signals": 5, "exchanges": 5},
        {"detector": "watch", "rule": "W-1", "signals": 4, "exchanges": 22},
    ]
    day = Window(first=datetime(2026, 10, 2, tzinfo=UTC), last=datetime(2026, 10, 3, tzinfo=UTC))
    assert count_signals(day) == [{"signals": 3, "exchanges": 15}]
    assert count_signals(Window(context=True))[0]["signals"] == 18
    assert [row["signals"] for row in conduct_by_account(Window(rules=["W-1"]))] == [4, 4, 4]


def test_a_seeded_sample_is_drawn_again_the_same(filled: None) -> None:
    one = [row["source_ref"] for row in sample_rows(Window(), size=5, seed="abc")]
    assert one == [row["source_ref"] for row in sample_rows(Window(), size=5, seed="abc")]
    assert one != [row["source_ref"] for row in sample_rows(Window(), size=5, seed="abd")]


@pytest.mark.parametrize("form", ["ndjson", "csv"])
def test_an_extract_has_the_same_bytes_each_time(filled: None, tmp_path: Path, form: str) -> None:
    window = Window(accounts=["ac-1", "ac-0"])
    one = extract_rows(window, path=tmp_path / "one [1]", form=form)
    two = extract_rows(window, path=tmp_path / "two", form=form)
    assert (one.rows, one.sha256) == (two.rows, two.sha256)
    assert one.rows == 13
    assert len((tmp_path / "one [1]").read_bytes().splitlines()) == 13 + (form == "csv")


def test_retired_segments_answer_nothing(filled: None) -> None:
    Segment.objects.update(retired_at=timezone.now())
    assert count_signals(Window(context=True)) == [{"signals": 0, "exchanges": 0}]
    assert sample_rows(Window(), size=3, seed="x") == []
