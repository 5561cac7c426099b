"""Sentences for pages and packets."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from accounts.linking.explain import explain_basis

BASIS: dict[str, Any] = {
    "kind": "payment",
    "value": "pf-44ae",
    "members": 3,
    "holders": 4.0,
    "expected": 0.002,
    "days": 12,
    "first_day": date(2026, 9, 25),
    "last_day": date(2026, 10, 30),
    "bits": 18.43,
    "told": True,
}


def test_a_reason_is_one_sentence_with_holders_days_and_bits() -> None:
    assert explain_basis(**BASIS) == (
        "Payment pf-44ae was seen with 3 other members of the core on 12 days between 2026-09-25 and 2026-10-30; "
        "4 accounts of the whole customer base hold it on a day, and 0.002 would match by chance: 18.4 bits."
    )


def test_untold_holders_are_called_what_they_are() -> None:
    assert "holders among accounts known here" in explain_basis(**{**BASIS, "told": False})


def test_one_day_and_one_member_read_well() -> None:
    text = explain_basis(**{**BASIS, "days": 1, "members": 1, "holders": 1.0})
    assert "1 other member of the core on 2026-09-25;" in text
    assert "1 account of the whole customer base holds it" in text


@pytest.mark.parametrize(("expected", "shown"), [(0.0, "0"), (12_345.6, "12,346"), (1e-9, "less than 0.000001")])
def test_chance_is_shown_without_exponents(expected: float, shown: str) -> None:
    assert f"and {shown} would match by chance" in explain_basis(**{**BASIS, "expected": expected})
