"""Settings are versioned data that say what is wrong with them."""

from __future__ import annotations

import pytest

from accounts.linking import KindSettings, Settings, SettingsError


def test_settings_survive_a_round_trip_through_json() -> None:
    settings = Settings().changed(minimum_core=7, method_version="tried-2")
    assert Settings.from_json(settings.to_json()) == settings
    assert Settings.from_json(settings.to_json()).to_json() == settings.to_json()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"kinds": {}}',
        '{"kinds": {"payment": {"m": 2, "role": "hub", "group": "x"}}}',
        '{"kinds": 3}',
        '{"unknown": 1, "kinds": {"asn": {"m": 0.5, "role": "hub", "group": "network"}}}',
    ],
)
def test_text_that_is_no_settings_is_refused(text: str) -> None:
    with pytest.raises(SettingsError):
        Settings.from_json(text)


@pytest.mark.parametrize(
    "values",
    [
        {"day_share": 1.5},
        {"merge_share": -0.1},
        {"minimum_core": 0},
        {"rounds": 0},
        {"default_lift": 0.0},
        {"conjunction_excess": 0.5},
    ],
)
def test_values_out_of_range_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(SettingsError):
        Settings().changed(**values)


def test_a_strong_kind_needs_a_cap() -> None:
    with pytest.raises(SettingsError, match="holder_cap"):
        KindSettings(0.9, "strong", "payment")
