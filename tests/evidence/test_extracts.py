"""An extract answers one question of the archive, with the question kept beside the bytes."""

import hashlib
import json
from datetime import date

import pytest

from accounts.models import Account
from enforcement.audit.errors import Refusal
from enforcement.cases.services import open_case, set_finding
from enforcement.evidence.services import ExtractWindow, add_extract, open_item, rest_on_extract
from tests.factories import person, policy_version
from tests.ingest.conftest import meter, storage, watch  # noqa: F401  (fixtures)
from tests.ingest.rows import imported, signal

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(meter, watch):  # noqa: F811
    """A case on two accounts: ac-1 flagged on two days and metered, ac-2 metered alone."""
    imported(watch, [signal("a", account="ac-1"), signal("b", account="ac-1", observed_at="2026-10-03T10:00:00Z")])
    imported(meter, [signal(f"m{n}", account=f"ac-{n}", rule="M-1", exchanges=1) for n in (1, 2)])
    return open_case(
        person("lead"), title="t", why="w", policy_version=policy_version(),
        alerts=list(Account.objects.get(platform_id="ac-2").alerts.all())
        + list(Account.objects.get(platform_id="ac-1").alerts.all()),
    )  # fmt: skip


def rows_of(item, actor):
    with open_item(actor, item=item) as stream:
        body = stream.read()
    assert hashlib.sha256(body).hexdigest() == item.blob.sha256
    return [json.loads(line) for line in body.splitlines()]


def test_an_extract_holds_the_rows_and_the_question(case):
    actor = person("investigator")
    item = add_extract(actor, case=case, title="All of ac-1", accounts=["ac-1"])
    assert [row["source_ref"] for row in rows_of(item, actor)] == ["m1", "a", "b"]
    assert (item.rows, item.query["accounts"], item.query["seed"]) == (3, ["ac-1"], None)
    assert len(item.query["segments"]) == 2
    assert list(item.extract.of_accounts.values_list("account__platform_id", "conduct_rows")) == [("ac-1", 2)]


def test_a_window_and_a_rule_narrow_it(case):
    day = ExtractWindow(first_day=date(2026, 10, 1), last_day=date(2026, 10, 1))
    actor = person("investigator")
    item = add_extract(actor, case=case, title="One day, one rule", window=day, rule="W-1")
    assert [row["source_ref"] for row in rows_of(item, actor)] == ["a"]


def test_the_same_question_gives_the_same_bytes_and_is_kept_once(case):
    actor = person("investigator")
    first = add_extract(actor, case=case, title="Once")
    with pytest.raises(Refusal, match=str(first)):
        add_extract(actor, case=case, title="Twice")


def test_a_sample_is_drawn_by_its_seed(case):
    actor = person("investigator")
    item = add_extract(actor, case=case, title="Sample", seed=7, size=2)
    assert (item.rows, item.extract.seed, item.query["sample_size"]) == (2, 7, 2)
    assert len(rows_of(item, actor)) == 2


def test_an_extract_carries_a_finding_only_for_accounts_whose_conduct_it_holds(case):
    actor = person("investigator")
    item = add_extract(actor, case=case, title="Everybody")
    assert rest_on_extract(actor, item=item, clauses=["4.2"]) == 1
    ids = list(case.subjects.values_list("id", flat=True))
    done = set_finding(actor, case=case, subject_ids=ids, finding="violating", reason="Extract", clauses=["4.2"])
    assert (done.changed, done.left) == (1, 1)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"title": " "}, "evidence.title"),
        ({"cluster": "CL-9999"}, "evidence.cluster"),
        ({"accounts": ["ac-nobody"]}, "evidence.extract_empty"),
    ],
)
def test_a_bad_question_is_refused_by_name_and_leaves_nothing(case, given, code):
    with pytest.raises(Refusal) as refused:
        add_extract(person("investigator"), case=case, **{"title": "T", **given})
    assert refused.value.code == code
    assert not case.items.exists()


def test_a_stranger_extracts_nothing(case):
    with pytest.raises(Refusal) as refused:
        add_extract(person(), case=case, title="T")
    assert refused.value.status == 403
