"""A seal covers what is older than every open transaction; nothing twice, nothing never."""

import os
import threading

import psycopg
import pytest
from django.db import connection

from enforcement.audit.heads import heads_path, published
from enforcement.audit.keys import signing_key
from enforcement.audit.models import Seal
from enforcement.audit.services import seal_now
from enforcement.audit.verification import verify_audit
from tests.audit.tampering import codes, some_acts

pytestmark = pytest.mark.django_db(transaction=True)
INSERT = """INSERT INTO audit_event (actor_kind, actor_label, verb, target_type, target_label, reason, data)
            VALUES ('system', 'x', 'x.y', '', '', '', '{}')"""


def test_sealing_twice_adds_one_seal() -> None:
    some_acts()
    assert seal_now() is not None
    assert seal_now() is None
    assert Seal.objects.count() == 1


def test_an_open_transaction_is_sealed_once_it_is_over() -> None:
    with psycopg.connect(os.environ["DATABASE_URL"]) as slow:
        slow.execute(INSERT)
        some_acts(2)
        seal_now()
        assert sum(Seal.objects.values_list("event_count", flat=True)) == 0
    seal_now()
    assert sum(Seal.objects.values_list("event_count", flat=True)) == 3
    report = verify_audit()
    assert not codes(report)
    assert (report.events, report.unsealed_events) == (3, 0)


def test_sealers_at_the_same_time_make_one_chain() -> None:
    some_acts(5)

    def seal() -> None:
        seal_now()
        connection.close()

    threads = [threading.Thread(target=seal) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Seal.objects.count() == 1
    assert not codes(verify_audit())


def test_the_tail_that_no_seal_covers_is_counted() -> None:
    some_acts(2)
    seal_now()
    some_acts(4)
    report = verify_audit()
    assert not codes(report)
    assert (report.events, report.unsealed_events) == (2, 4)
    assert report.unsealed_since is not None


def test_each_head_is_published_outside_the_database_and_the_key_is_private() -> None:
    for _ in range(2):
        some_acts(1)
        seal_now()
    assert [line.head for line in published()] == list(Seal.objects.order_by("batch").values_list("head", flat=True))
    signing_key()
    from django.conf import settings

    assert (settings.KEYS_ROOT / "seal.pem").stat().st_mode & 0o777 == 0o600
    assert heads_path().stat().st_mode & 0o777 == 0o600
