"""The list of events: who may read it, and what it can be narrowed to."""

import pytest

from enforcement.audit.actors import SYSTEM, Actor
from enforcement.audit.errors import Refusal
from enforcement.audit.selectors import list_events
from enforcement.audit.services import record_event

pytestmark = pytest.mark.django_db
AUDITOR = Actor("person", 1, "Auditor", frozenset({"auditor"}))


def test_a_stranger_reads_nothing() -> None:
    for stranger in (Actor("person", 2, "Nobody"), Actor("person", 3, "T", frozenset({"triager"}))):
        with pytest.raises(Refusal) as refused:
            list_events(stranger)
        assert refused.value.status == 403


def test_it_is_narrowed_by_case_verb_stage_and_actor(django_assert_num_queries) -> None:
    for verb, case in (("cases.moved", 1), ("cases.closed", 1), ("packets.built", 2)):
        record_event(actor=SYSTEM, verb=verb, case_id=case)
    assert [event.verb for event in list_events(AUDITOR, case=1).rows] == ["cases.closed", "cases.moved"]
    assert [event.verb for event in list_events(AUDITOR, verb="cases.moved").rows] == ["cases.moved"]
    assert len(list_events(AUDITOR, verb="cases.").rows) == 2
    assert not list_events(AUDITOR, actor=("person", 1)).rows
    with django_assert_num_queries(2):
        list_events(AUDITOR, case=1)
