import pytest

from enforcement.web.templatetags.shell import case_steps
from enforcement.web.templatetags.states import VOCABULARY


@pytest.mark.parametrize("state", VOCABULARY["case"])
def test_every_state_stands_on_exactly_one_step(state):
    steps = case_steps(state)
    assert [step.standing for step in steps].count("now") == 1
    assert next(step for step in steps if step.standing == "now").word == VOCABULARY["case"][state].word


def test_what_lies_behind_is_done_and_what_lies_ahead_is_not():
    standing = [step.standing for step in case_steps("in_review")]
    assert standing == ["done"] * 3 + ["now"] + ["ahead"] * 4


def test_a_case_closed_early_shows_the_steps_that_it_never_took():
    steps = case_steps("closed", {"new": "20 May", "triage": "20 May", "closed": "21 May, no violation"})
    assert [step.standing for step in steps] == ["done", "done", *["skipped"] * 5, "now"]
    assert steps[-1].note == "21 May, no violation"
