"""Contrast as WCAG 2.2 defines it (1.4.3 and 1.4.11): the ratio of relative luminances of two sRGB colours."""

import re
from pathlib import Path

import pytest
from django.conf import settings

TOKENS = (Path(settings.BASE_DIR) / "static" / "css" / "tokens.css").read_text()
PAIRS = dict(re.findall(r"--([\w-]+): light-dark\((#\w{6}, #\w{6})\)", TOKENS))
SURFACES = ("sheet", "canvas", "sunken", "hover", "raised")
TONES = ("danger", "warn", "ok", "info", "accent")
WORDS = (
    [(ink, surface) for ink in ("ink", "ink-2", "ink-3") for surface in SURFACES]
    + [(tone, surface) for tone in TONES for surface in ("sheet", "sunken", "raised", "hover")]
    + [(tone, f"{tone}-soft") for tone in TONES]
    + [("ink", "picked"), ("ink-2", "picked"), ("ink-3", "picked"), ("accent", "picked"), ("ink-3", "nav-hover")]
    + [("on-accent", "accent-fill"), ("on-accent", "accent-fill-hover"), ("on-danger", "danger-fill")]
    + [("on-toast", "toast"), ("toast-link", "toast"), ("ink", "age-1"), ("ink", "age-2"), ("ink", "age-3")]
    + [("ok", "ok-soft"), ("danger", "danger-soft"), ("ink-2", "accent-soft"), ("ink-3", "accent-soft")]
)
MARKS = [("field-line", surface) for surface in ("sheet", "raised")] + [("accent", surface) for surface in SURFACES]


def luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first, second):
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("words", "surface"), WORDS)
def test_words_stand_out_at_least_four_and_a_half_to_one(words, surface, theme):
    side = ["light", "dark"].index(theme)
    ratio = contrast(PAIRS[words].split(", ")[side], PAIRS[surface].split(", ")[side])
    assert ratio >= 4.5, f"{words} on {surface}: {ratio:.2f}"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("mark", "surface"), MARKS)
def test_what_marks_a_control_stands_out_at_least_three_to_one(mark, surface, theme):
    side = ["light", "dark"].index(theme)
    assert contrast(PAIRS[mark].split(", ")[side], PAIRS[surface].split(", ")[side]) >= 3


def test_colours_are_declared_in_the_tokens_alone():
    for sheet in (Path(settings.BASE_DIR) / "static" / "css").glob("*.css"):
        if sheet.name != "tokens.css":
            assert not re.search(r"#[0-9a-fA-F]{3,8}\b(?![^{]*\{)|rgb\(|light-dark\(", sheet.read_text()), sheet.name


def test_every_token_that_a_style_sheet_uses_exists():
    known = set(re.findall(r"--([\w-]+):", TOKENS))
    for sheet in (Path(settings.BASE_DIR) / "static" / "css").glob("*.css"):
        assert set(re.findall(r"var\(--([\w-]+)", sheet.read_text())) <= known
