"""A packet row freezes a case: what it shows is what the rows said then, for those who may, and again at any time."""

from __future__ import annotations

import csv
import io
import json

import pytest
from django.core.management import CommandError, call_command
from pypdf import PdfReader

from accounts.models import DailyCount
from enforcement.audit.errors import Refusal
from enforcement.audit.models import Event
from enforcement.cases.models import Subject
from enforcement.cases.services import close_case
from enforcement.evidence.models import CustodyEvent, Item
from enforcement.evidence.services import add_upload
from enforcement.packets import building, verifier
from enforcement.packets.models import Packet
from enforcement.packets.services import build_packet, frozen_inputs, open_packet, request_packet
from enforcement.signals.models import Blob
from enforcement.staff.matrix import MATRIX, Permission
from enforcement.staff.roles import Role
from tests.factories import FIRST_DAY, LAST_DAY, approved, desk, find_everybody, person
from tests.ingest.conftest import storage  # noqa: F401  (fixture: everything stored goes to this test's folder)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def keys(settings, key_folder, identity):
    """The key that the whole folder of tests signs with."""
    settings.KEYS_ROOT = key_folder
    settings.TIME_STAMP_URL = ""


def found_desk(members: int = 30):
    """A case with a finding on every subject, an upload, and exchanges on two days for every account."""
    at = desk(members)
    find_everybody(at)
    DailyCount.objects.bulk_create(
        DailyCount(account=account, day=day, product="api", exchanges=10 + place)
        for place, account in enumerate(at.ring.accounts)
        for day in (FIRST_DAY, LAST_DAY)
    )
    return at


def built_of(packet):
    row = build_packet(packet.pk)
    assert row.state == "done", row.failure
    return row


def content_of(actor, packet) -> bytes:
    with open_packet(actor, packet=packet) as stream:
        return stream.read()


def test_later_changes_of_the_case_do_not_change_the_bytes_of_its_row():
    at = found_desk()
    packet = built_of(request_packet(at.investigator, case=at.case))
    add_upload(at.investigator, case=at.case, stream=io.BytesIO(b"more"), filename="more.txt", title="More")
    Subject.objects.filter(case=at.case).update(finding_reason="Changed since")
    DailyCount.objects.all().delete()
    assert building.build_packet(frozen_inputs(packet)).unsigned_sha256 == packet.unsigned_sha256
    content = content_of(at.investigator, packet)
    assert verifier.verify_packet(content).ok
    assert Event.objects.filter(verb="packets.downloaded", data__sha256=packet.file.sha256).count() == 1


def test_building_twice_is_safe_and_a_row_that_is_done_is_left_alone():
    at = found_desk()
    first = built_of(request_packet(at.investigator, case=at.case))
    again = build_packet(first.pk)
    assert (again.file_id, again.unsigned_sha256) == (first.file_id, first.unsigned_sha256)
    assert Event.objects.filter(verb="packets.built").count() == 1


def test_printed_figures_are_sums_of_rows_and_of_the_attached_files():
    at = found_desk()
    inputs = frozen_inputs(request_packet(at.investigator, case=at.case))
    rows = Subject.objects.filter(case=at.case)
    for finding, words in (("violating", "violating"), ("unclear", "unclear"), ("not_violating", "not violating")):
        assert sum(s.finding == words for s in inputs.subjects) == rows.filter(finding=finding).count()
    exchanges = sum(subject.exchanges for subject in inputs.subjects)
    assert exchanges == sum(day.exchanges for day in inputs.timeline.days) == 2 * sum(range(10, 40))
    ctx = building.prepare(inputs)
    files = {f.name: f for f in ctx.files}
    listed = list(csv.DictReader(io.StringIO(files["subjects.csv"].content.decode())))
    daily = list(csv.DictReader(io.StringIO(files["daily.csv"].content.decode())))
    assert sum(int(row["exchanges"]) for row in listed) == sum(int(row["exchanges"]) for row in daily) == exchanges
    assert ctx.query("findings").total("exchanges") == exchanges
    assert ctx.query("findings").total("n") == len(listed) == rows.count()
    violating = [row for row in listed if row["finding"] == "violating"]
    assert ctx.query("violating_net").count() == len(violating) == rows.filter(finding="violating").count()
    assert all(row["clauses"] and int(row["alerts"]) for row in violating)


def test_a_small_exhibit_travels_in_the_file_and_its_custody_says_so():
    at = found_desk()
    packet = request_packet(at.investigator, case=at.case)
    inputs = frozen_inputs(packet)
    item = Item.objects.get(case=at.case)
    assert [(a.number, a.content) for a in inputs.attached] == [("EX-001", b"minutes")]
    assert inputs.exhibits[0].where == "attached: EX-001.txt"
    assert not inputs.exhibits[0].generated
    assert CustodyEvent.objects.get(item=item, act="exported").detail == f"attached to {packet}"


def test_an_exhibit_whose_bytes_are_gone_refuses_the_packet_and_leaves_no_row(storage):  # noqa: F811
    at = found_desk()
    (storage / Item.objects.get(case=at.case).blob.path).unlink()
    with pytest.raises(Refusal, match="EX-001") as caught:
        request_packet(at.investigator, case=at.case)
    assert caught.value.code == "packet.exhibit_lost"


def test_a_case_without_evidence_is_refused_in_one_sentence_and_leaves_no_row():
    at = desk()
    with pytest.raises(Refusal) as caught:
        request_packet(at.investigator, case=at.case)
    assert caught.value.code == "packet.no_evidence"
    assert "Add an upload or an extract" in caught.value.message
    assert not Packet.objects.exists()
    assert not Event.objects.filter(verb="packets.requested").exists()


def test_a_subject_without_a_finding_refuses_the_packet_and_nothing_stays():
    at = desk()
    add_upload(at.investigator, case=at.case, stream=io.BytesIO(b"m"), filename="m.txt", title="M")
    blobs = Blob.objects.count()
    with pytest.raises(Refusal, match="has no finding"):
        request_packet(at.investigator, case=at.case)
    assert (Packet.objects.count(), Blob.objects.count()) == (0, blobs)


def test_only_roles_that_the_matrix_names_may_ask_for_a_packet_and_read_it():
    at = desk()
    packet = Packet(case=at.case, ref="PK-1", version=1)
    for role in (role for role in Role if role is not Role.MACHINE):
        actor = person(role)
        with pytest.raises(Refusal) as asked:
            request_packet(actor, case=at.case)
        assert (asked.value.status == 403) is (Permission.PACKET_BUILD not in MATRIX[role]), role
        with pytest.raises(Refusal) as read:
            open_packet(actor, packet=packet)
        assert (read.value.status == 403) is (Permission.PACKET_VIEW not in MATRIX[role]), role


def test_a_stranger_may_neither_ask_nor_read():
    at = desk()
    for act in (
        lambda who: request_packet(who, case=at.case),
        lambda who: open_packet(who, packet=Packet(case=at.case)),
    ):
        with pytest.raises(Refusal) as caught:
            act(person())
        assert caught.value.status == 403


def test_a_closed_case_still_has_its_packet_and_the_next_version_says_what_changed():
    at = found_desk()
    first = frozen_inputs(request_packet(at.lead, case=at.case))
    close_case(at.lead, case=at.case, outcome="referred", reason="Elsewhere")
    second = request_packet(at.lead, case=at.case)
    inputs = frozen_inputs(second)
    assert (first.cover.version, inputs.cover.version, inputs.cover.supersedes) == (1, 2, 1)
    assert inputs.cover.packet_ref == first.cover.packet_ref
    assert inputs.cover.changes == ("State of the case: Investigating before, Closed now.",)


def test_evidence_without_a_number_gets_one_even_when_the_case_is_closed():
    at = found_desk()
    close_case(at.lead, case=at.case, outcome="referred", reason="Elsewhere")
    inputs = frozen_inputs(request_packet(at.lead, case=at.case))
    assert [exhibit.number for exhibit in inputs.exhibits] == ["EX-001"]


def test_an_approved_decision_is_told_with_its_digest_and_people():
    at, decision = approved()
    inputs = frozen_inputs(request_packet(at.lead, case=at.case))
    told = inputs.decision.rounds[0]
    assert (told.digest, told.state, told.targets) == (decision.digest, "approved", decision.targets_count)
    assert [a.name for a in told.approvals] == ["Ruth Adeyemi"]
    assert {p.name for p in inputs.decision.people} >= {"Ines Calloway", "Ruth Adeyemi"}


def test_the_command_writes_the_file_and_its_figures(tmp_path):
    at = found_desk()
    out, said = tmp_path / "packet.pdf", io.StringIO()
    call_command("build_packet", at.case.ref, "--out", str(out), "--json", "--no-wait", stdout=said)
    figures = json.loads(said.getvalue())
    assert figures["pages"] == len(PdfReader(out).pages)
    assert figures["bytes"] == out.stat().st_size
    assert verifier.verify_file(out).ok
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".part"] == []


@pytest.mark.parametrize(
    ("case", "out", "words"),
    [("C-1999-0001", "x.pdf", "C-1999-0001"), (None, "", "name a file"), (None, "gone/x.pdf", "name a file")],
)
def test_the_command_refuses_in_one_sentence_and_leaves_nothing(tmp_path, case, out, words):
    ref = case or desk().case.ref
    with pytest.raises(CommandError, match=words) as caught:
        call_command("build_packet", ref, "--out", str(tmp_path / out), "--no-wait")
    assert caught.value.returncode == 1
    assert "\n" not in str(caught.value)
    assert not Packet.objects.exists()
    assert not (tmp_path / "x.pdf").exists()
