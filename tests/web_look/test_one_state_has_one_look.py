import re
from pathlib import Path

import pytest
from django.conf import settings

from enforcement.web.templatetags.states import VOCABULARY, badge, look_of, state_word

TEMPLATES = Path(settings.BASE_DIR) / "templates"
STYLES = (Path(settings.BASE_DIR) / "static" / "css" / "dossier.css").read_text()
SYMBOLS = set(re.findall(r'<symbol id="([^"]+)"', (TEMPLATES / "components" / "sprite.html").read_text()))
EVERY_STATE = [(kind, state) for kind, states in VOCABULARY.items() for state in states]


@pytest.mark.parametrize(("kind", "state"), EVERY_STATE)
def test_every_state_has_a_shape_in_the_sprite_and_a_tone_in_the_style_sheet(kind, state):
    look = VOCABULARY[kind][state]
    assert f"g-{look.glyph}" in SYMBOLS
    assert look.tone == "" or f".badge.{look.tone}" in STYLES
    assert look.word


@pytest.mark.parametrize("kind", VOCABULARY)
def test_two_states_of_one_kind_differ_by_more_than_colour(kind):
    shapes = {}
    for look in VOCABULARY[kind].values():
        shapes.setdefault((look.glyph, look.word), set()).add(look.tone)
    assert all(len(tones) == 1 for tones in shapes.values())
    assert len({word for _, word in shapes}) == len(shapes)


def test_a_badge_says_its_state_in_words_beside_a_hidden_shape():
    shown = badge("case", "awaiting_info")
    assert "Awaiting information" in shown
    assert 'aria-hidden="true"' in shown
    assert 'class="badge warn"' in shown


def test_a_badge_escapes_words_that_a_person_wrote():
    assert "<script>" not in badge("case", "closed", words="<script>x</script>")


def test_a_state_that_nobody_listed_never_borrows_the_look_of_another():
    look = look_of("case", "somewhere_else")
    assert (look.tone, look.glyph, look.word) == ("off", "ask", "Somewhere else")


def test_severity_is_known_by_number_and_by_name():
    assert look_of("severity", 5) == look_of("severity", "critical")
    assert look_of("severity", 99).word == "Other"


def test_a_subject_without_finding_says_so():
    assert state_word(None, "finding") == "No finding"


def test_every_icon_that_a_template_names_is_in_the_sprite():
    named = {
        name for page in TEMPLATES.rglob("*.html") for name in re.findall(r'\{% icon "([^"]+)" %\}', page.read_text())
    }
    assert named
    assert {f"i-{name}" for name in named} <= SYMBOLS
