"""Evidence is preserved byte for byte, and everybody who touched it is written down."""

import hashlib
import io
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection, transaction

from enforcement.audit.errors import Refusal
from enforcement.audit.models import Event
from enforcement.cases.models import Blocker
from enforcement.cases.services import close_case
from enforcement.evidence.models import CustodyEvent, Item
from enforcement.evidence.selectors import get_item, list_items
from enforcement.evidence.services import (
    add_upload,
    establish_attribution,
    give_exhibit_numbers,
    open_item,
    recheck_item,
    record_export,
    withdraw_item,
)
from enforcement.signals.models import Blob
from tests.factories import desk, person

pytestmark = pytest.mark.django_db


def upload(at, content=b"what was seen", name="seen.txt", **more):
    return add_upload(at.investigator, case=at.case, stream=io.BytesIO(content), filename=name, **more)


def test_an_upload_is_kept_under_its_sha256_received_and_hashed():
    at = desk()
    item = upload(at, title="What was seen")
    assert item.blob.sha256 == hashlib.sha256(b"what was seen").hexdigest()
    assert [e.act for e in get_item(at.reviewer, item_id=item.pk).custody] == ["received", "hashed"]
    assert not Blocker.objects.filter(case=at.case, source="evidence").exists()


def test_reading_is_logged_in_custody_and_audit_before_a_byte_is_given():
    at = desk()
    item = upload(at)
    with open_item(at.reviewer, item=item, purpose="Review") as stream:
        assert stream.read() == b"what was seen"
    assert CustodyEvent.objects.filter(item=item, act="read", person_id=at.reviewer.person_id, detail="Review").exists()
    assert Event.objects.filter(verb="evidence.item_read", target_id=item.pk).exists()


def test_leaving_in_a_packet_is_in_the_custody():
    at = desk()
    item = upload(at)
    record_export(at.lead, items=[item], detail="PK-2026-0001 version 1")
    assert item.custody.filter(act="exported", detail__contains="PK-2026-0001").exists()


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [(b"", "empty.bin", "evidence.empty"), (b"x", "  ", "evidence.filename"), (b"x", "..", "evidence.filename")],
)
def test_bad_uploads_are_refused_and_leave_nothing(content, name, code):
    at = desk()
    blobs = Blob.objects.count()
    with pytest.raises(Refusal) as refused:
        upload(at, content, name)
    assert refused.value.code == code
    assert (Item.objects.count(), Blob.objects.count()) == (0, blobs)


def test_a_file_over_the_cap_is_refused_with_413_and_leaves_nothing(settings):
    at = desk()
    settings.MAX_EVIDENCE_BYTES = 1_000
    with pytest.raises(Refusal) as refused:
        upload(at, b"x" * 1_001)
    assert refused.value.status == 413
    assert not Item.objects.exists()


@pytest.mark.parametrize(("path", "code"), [("gone.txt", "file.vanished"), (".", "file.directory")])
def test_a_vanished_file_and_a_folder_are_refused_in_words(tmp_path: Path, path, code):
    at = desk()
    with pytest.raises(Refusal) as refused:
        add_upload(at.investigator, case=at.case, stream=tmp_path / path, filename="x.txt")
    assert refused.value.code == code


def test_folders_in_a_file_name_are_dropped():
    at = desk()
    assert upload(at, name="..\\..\\etc/passwd").filename == "passwd"


def test_the_same_bytes_twice_in_a_case_are_refused_naming_the_first():
    at = desk()
    first = upload(at)
    with pytest.raises(Refusal, match=str(first)):
        upload(at, name="other.txt")


def test_nothing_is_added_to_a_closed_case_and_no_bytes_are_taken():
    at = desk()
    close_case(at.lead, case=at.case, outcome="referred", reason="Elsewhere")
    blobs = Blob.objects.count()
    with pytest.raises(Refusal, match="read-only"):
        upload(at)
    assert Blob.objects.count() == blobs


def test_exhibit_numbers_are_given_once_and_never_change():
    at = desk()
    first, second = upload(at, b"1"), upload(at, b"2")
    assert give_exhibit_numbers(at.case) == 2
    withdraw_item(at.lead, item=first, reason="Wrong file")
    third = upload(at, b"3")
    assert give_exhibit_numbers(at.case) == 1
    numbers = {i.pk: i.exhibit_number for i in list_items(at.lead, case=at.case)}
    assert numbers == {first.pk: 1, second.pk: 2, third.pk: 3}
    with pytest.raises(DatabaseError), transaction.atomic():
        Item.objects.filter(pk=second.pk).update(exhibit_number=9)
    with pytest.raises(DatabaseError), transaction.atomic():
        Item.objects.filter(pk=second.pk).update(blob=first.blob)


def test_a_closed_case_can_still_be_numbered_and_rechecked_for_a_packet():
    at = desk()
    item = upload(at)
    close_case(at.lead, case=at.case, outcome="referred", reason="Elsewhere")
    assert give_exhibit_numbers(at.case) == 1
    assert recheck_item(at.lead, item=item)


def test_changed_bytes_are_found_by_a_recheck_written_down_and_block():
    at = desk()
    item = upload(at)
    assert recheck_item(at.lead, item=item)
    path = Path(default_storage.path(item.blob.path))
    path.chmod(0o640)
    path.write_bytes(b"what was SEEN")
    assert not recheck_item(at.lead, item=item)
    assert item.custody.filter(act="re-checked", detail__startswith="MISMATCH").exists()
    assert Blocker.objects.get(case=at.case, source="evidence").code == "evidence.unhashed"
    path.unlink()
    assert not recheck_item(at.lead, item=item)


def test_custody_is_append_only():
    at = desk()
    upload(at)
    for statement in ("UPDATE evidence_custodyevent SET act = 'x'", "DELETE FROM evidence_custodyevent"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.mark.parametrize(
    ("role", "may_add", "may_open"),
    [("", False, False), ("triager", False, False), ("investigator", True, True), ("lead", True, True),
     ("reviewer", False, True), ("enforcer", False, True), ("appeal_reviewer", False, True), ("legal", False, True),
     ("auditor", False, True), ("administrator", False, False)],
)  # fmt: skip
def test_who_may_add_and_open_is_the_matrixs_word(role, may_add, may_open):
    at = desk()
    item = upload(at)
    actor = person(*([role] if role else []))
    for may, act in (
        (may_add, lambda: add_upload(actor, case=at.case, stream=io.BytesIO(b"more"), filename="more.txt")),
        (may_open, lambda: open_item(actor, item=item).close()),
        (role == "lead", lambda: withdraw_item(actor, item=item, reason="Wrong")),
    ):
        if may:
            act()
            continue
        with pytest.raises(Refusal) as refused:
            act()
        assert refused.value.status == 403


def test_a_person_establishes_an_attribution_from_exhibits_and_the_suggestion_gives_way():
    at = desk()
    item = upload(at)
    made = establish_attribution(
        at.investigator, case=at.case, organization=at.ring.organization, role="operator", confidence="high",
        why="Registry and payment records", items=[(item, "Names the director")],
    )  # fmt: skip
    standing = at.case.attributions.filter(withdrawn_at=None)
    assert [(a.pk, a.suggested) for a in standing] == [(made.pk, False)]
    assert made.basis.get().shows == "Names the director"


@pytest.mark.parametrize("confidence", ["moderate", "high"])
def test_more_than_low_confidence_needs_an_exhibit_in_service_and_database(confidence):
    from enforcement.cases.models import Attribution

    at = desk()
    given = {"case": at.case, "organization": at.ring.organization, "role": "reseller", "why": "Because"}
    with pytest.raises(Refusal) as refused:
        establish_attribution(at.investigator, confidence=confidence, **given)
    assert refused.value.code == "attribution.no_basis"
    with pytest.raises(DatabaseError, match="needs an exhibit"), transaction.atomic():
        Attribution.objects.create(confidence=confidence, set_by_id=at.investigator.id, **given)
        connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_rule_cannot_establish_an_attribution_nor_suggest_above_low():
    from enforcement.cases.models import Attribution
    from tests.factories import RULE

    at = desk()
    with pytest.raises(Refusal) as refused:
        establish_attribution(
            RULE, case=at.case, organization=at.ring.organization, role="operator", confidence="low", why="x"
        )
    assert refused.value.status == 403
    with pytest.raises(DatabaseError), transaction.atomic():
        Attribution.objects.create(
            case=at.case, organization=at.ring.organization, role="reseller", confidence="high", why="x", suggested=True
        )


def test_an_item_that_an_attribution_rests_on_alone_cannot_be_withdrawn():
    at = desk()
    item = upload(at)
    establish_attribution(
        at.investigator, case=at.case, organization=at.ring.organization, role="operator", confidence="moderate",
        why="Records", items=[(item, "Names it")],
    )  # fmt: skip
    with pytest.raises(Refusal) as refused:
        withdraw_item(at.lead, item=item, reason="Wrong file")
    assert refused.value.code == "evidence.attribution_rests_on_it"


def test_an_extract_can_carry_the_finding_of_the_accounts_it_holds():
    from enforcement.cases.services import set_finding
    from enforcement.evidence.models import Extract, ExtractAccount
    from enforcement.evidence.services import rest_on_extract

    at = desk()
    item = upload(at)
    extract = Extract.objects.create(item=item, accounts=1, rows=4)
    alone = at.subjects()[7]
    ExtractAccount.objects.create(extract=extract, account=alone.account, conduct_rows=4)
    assert rest_on_extract(at.investigator, item=item, clauses=["4.2"]) == 1
    done = set_finding(
        at.investigator, case=at.case, subject_ids=[alone.pk], finding="violating", reason="Extract", clauses=["4.2"]
    )
    assert (done.changed, done.left) == (1, 0)
    withdraw_item(at.lead, item=item, reason="Wrong window")
    assert Blocker.objects.filter(case=at.case, code="findings.no_basis", count=1).exists()
