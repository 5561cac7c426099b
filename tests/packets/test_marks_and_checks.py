"""Marks name one identifier each; a check of bytes is never told better than it was."""

from __future__ import annotations

import pytest

from enforcement.packets.gather.exhibits import hash_check
from enforcement.packets.pictures.marks import marks_of


def test_a_short_value_of_its_kind_is_its_own_mark_and_others_are_numbered():
    given = marks_of([("template", "T-1352"), ("template", "step-by-step rationale"), ("subnet", "192.0.2.0/24")])
    assert given == ("T-1352", "T-01", "N-01")


def test_no_mark_repeats_neither_here_nor_among_those_taken():
    names = [("template", "T-01"), ("template", "long wording one"), ("template", "T-01"), ("schedule", "01:00-16:00")]
    given = marks_of(names, taken=["S-01"])
    assert given[0] == "T-01"
    assert len(set(given)) == 4
    assert "S-01" not in given


@pytest.mark.parametrize(
    ("act", "detail", "same", "told"),
    [
        ("hashed", "SHA-256 while it was written", True, "first hash"),
        ("hashed", "", False, "MISMATCH"),
        ("re-checked", "match", True, "match"),
        ("re-checked", "MISMATCH: found 00", False, "MISMATCH"),
        ("re-checked", "MISMATCH: found evidence.lost", True, "MISMATCH"),
        ("received", "minutes.txt, 7 bytes", True, "–"),
        ("read", "", True, "–"),
        ("exported", "attached to PK-2026-0001 version 1", True, "–"),
        ("withdrawn", "Wrong file", True, "–"),
    ],
)
def test_only_acts_that_read_the_bytes_say_something_of_them(act, detail, same, told):
    assert hash_check(act, detail, same=same) == told
