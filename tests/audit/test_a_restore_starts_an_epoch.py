"""A restored database is behind the published heads: sealing stops until a person says what happened."""

import pytest

from enforcement.audit.actors import SYSTEM
from enforcement.audit.errors import Refusal
from enforcement.audit.models import Seal
from enforcement.audit.services import seal_now, start_epoch
from enforcement.audit.verification import verify_audit
from tests.audit.tampering import as_owner, codes, some_acts

pytestmark = pytest.mark.django_db(transaction=True)


def _restored_to_the_first_seal_and_a_tail() -> None:
    """As a dump taken after the first seal and three more acts would be, restored where transactions count anew."""
    some_acts()
    seal_now()
    some_acts()
    with as_owner() as cursor:
        cursor.execute("CREATE TEMP TABLE cut AS SELECT max(id) AS event FROM audit_event")
        cursor.execute("CREATE TEMP TABLE cut_rows AS SELECT max(id) AS row FROM audit_history")
        cursor.connection.commit()
        seal_now()
        some_acts()
        seal_now()
        cursor.execute("DELETE FROM audit_event WHERE id > (SELECT event FROM cut)")
        cursor.execute("DELETE FROM audit_history WHERE id > (SELECT row FROM cut_rows)")
        cursor.execute("DELETE FROM audit_seal WHERE batch > 1")


def test_sealing_refuses_until_the_restore_is_declared() -> None:
    _restored_to_the_first_seal_and_a_tail()
    some_acts()
    with pytest.raises(Refusal) as refused:
        seal_now()
    assert refused.value.code == "seal.behind_published_heads"
    assert "tail.cut" in codes(verify_audit(current=False))


def test_the_new_epoch_is_chained_and_covers_what_came_back_unsealed() -> None:
    _restored_to_the_first_seal_and_a_tail()
    opening = start_epoch(SYSTEM, reason="Restored the backup of 03:00")
    some_acts(2)
    assert seal_now() is not None
    report = verify_audit(current=False)
    assert not codes(report)
    assert (report.epochs, report.seals) == (2, 3)
    assert opening.event_count == 3
    assert report.events == 3 + 3 + 1 + 2
    assert "lost to the restore that began epoch 2" in report.notices[0]


def test_rows_of_a_new_epoch_cannot_hide_in_an_old_batch() -> None:
    """After a restore transactions may be numbered anew; ids keep the epochs apart."""
    _restored_to_the_first_seal_and_a_tail()
    start_epoch(SYSTEM, reason="Restored")
    some_acts(2)
    seal_now()
    with as_owner() as cursor:
        cursor.execute("UPDATE audit_event SET xid = 1 WHERE id = (SELECT max(id) FROM audit_event)")
    assert {"event.count", "batch.changed", "rows.outside"} <= codes(verify_audit(current=False))


def test_an_epoch_takes_a_reason_and_something_sealed() -> None:
    with pytest.raises(Refusal, match="Say why"):
        start_epoch(SYSTEM, reason=" ")
    with pytest.raises(Refusal, match="Nothing was sealed"):
        start_epoch(SYSTEM, reason="x")
    assert not Seal.objects.exists()
