"""POST /api/v1/imports/: raw, packed or as a part; the same file again; files that are none; and who may send."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from accounts.models import Account
from enforcement.audit.actors import SYSTEM
from enforcement.ingest.models import IdempotencyKey, Import
from enforcement.signals.models import Segment
from enforcement.signals.services import revoke_detector, revoke_token
from tests.api.conftest import Machine, is_problem, ndjson, run, signed_in
from tests.ingest.rows import derived

pytestmark = pytest.mark.django_db
URL = "/api/v1/imports/"
FILE = ndjson(5)
TYPE = "application/x-ndjson"


def test_a_raw_file_is_queued_and_its_job_has_an_address(watch: Machine) -> None:
    answer = watch.post(f"{URL}?filename=a/b/day%201.ndjson", FILE, TYPE)
    body = answer.json()
    assert (answer.status_code, body["state"], body["filename"]) == (202, "queued", "day 1.ndjson")
    assert answer["Location"] == body["address"] == f"{URL}{body['id']}/"
    assert (run(answer).state, Import.objects.get().rows_accepted) == ("done", 5)
    seen = watch.get(body["address"]).json()
    assert (seen["state"], seen["rows_accepted"], seen["alerts_created"]) == ("done", 5, 1)


def test_packed_or_as_a_part_it_is_the_same_signals(watch: Machine) -> None:
    assert run(watch.post(URL, gzip.compress(FILE), "application/gzip")).rows_accepted == 5
    part = SimpleUploadedFile("day.ndjson", FILE, content_type=TYPE)
    answer = Client().post(URL, {"file": part, "other": "x"}, headers={"Authorization": f"Bearer {watch.secret}"})
    assert (answer.status_code, answer.json()["filename"]) == (202, "day.ndjson")
    assert run(answer).rows_duplicate == 5


def test_the_same_file_again_says_so_and_changes_nothing(watch: Machine) -> None:
    first = run(watch.post(URL, FILE, TYPE))
    before = derived()
    again = watch.post(f"{URL}?filename=other.ndjson", FILE, TYPE)
    assert (again.status_code, again.json()["same_as"]) == (200, first.pk)
    second = run(again)
    assert (second.state, second.same_as_id, second.rows_accepted) == ("done", first.pk, 0)
    assert derived() == before
    assert Segment.objects.count() == 1


def test_the_same_bytes_of_another_detector_are_another_file(watch: Machine, meter: Machine) -> None:
    run(watch.post(URL, FILE, TYPE))
    assert meter.post(URL, FILE, TYPE).status_code == 202


WRONG = {
    "before its end mark": gzip.compress(ndjson(5_000))[:-2_000],
    "a PDF document": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "binary data": bytes(range(256)) * 40,
    "is empty": b"\n\n",
}


@pytest.mark.parametrize("words", WRONG)
def test_a_file_that_is_none_fails_in_one_sentence_and_leaves_nothing(
    watch: Machine, storage: Path, words: str
) -> None:
    answer = watch.post(URL, WRONG[words], TYPE)
    assert answer.status_code == 202
    run(answer)
    body = watch.get(answer.json()["address"]).json()
    assert body["state"] == "failed"
    assert words in body["failure"]
    assert not Account.objects.exists()
    assert not Segment.objects.exists()
    assert not list((storage / "tmp").iterdir())


def test_a_gzip_bomb_is_stopped_at_the_bound(watch: Machine, settings: Settings) -> None:
    settings.MAX_IMPORT_BYTES = 5_000_000
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(b"\n" * 1_000_000) for _ in range(40)) + packer.flush()
    assert len(bomb) < 100_000
    assert "more than 5,000,000 bytes once unpacked" in run(watch.post(URL, bomb, "application/gzip")).failure


def test_more_bytes_than_allowed_are_refused_while_they_arrive(
    watch: Machine, settings: Settings, storage: Path
) -> None:
    settings.MAX_IMPORT_BYTES = 1_000
    assert is_problem(watch.post(URL, b"x" * 5_000, TYPE), 413, "file.too_large")
    assert not Import.objects.exists()
    assert not list((storage / "tmp").iterdir())


@pytest.mark.parametrize("content_type", [TYPE, "application/gzip", "text/html", "application/x-www-form-urlencoded"])
def test_an_empty_body_is_no_file(watch: Machine, content_type: str) -> None:
    assert is_problem(watch.post(URL, b"", content_type), 400, "import.no_file", "file")


@pytest.mark.parametrize("data", [{"file": "text"}, {"other": SimpleUploadedFile("x", b"{}")}, {}])
def test_a_form_without_a_part_named_file_is_refused(watch: Machine, data: dict[str, object]) -> None:
    answer = Client().post(URL, data, headers={"Authorization": f"Bearer {watch.secret}"})
    assert is_problem(answer, 400, "import.no_file", "file")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"rubbish", "multipart/form-data"),
        (b"rubbish", "multipart/form-data; boundary=x"),
        (b"--x\r\n\r\n", "multipart/form-data; boundary=x"),
    ],
)
def test_a_form_that_cannot_be_read_is_refused(watch: Machine, body: bytes, content_type: str) -> None:
    assert is_problem(watch.post(URL, body, content_type), 400)


def test_a_form_with_too_many_fields_is_refused(watch: Machine) -> None:
    answer = Client().post(
        URL, {f"f{n}": "x" for n in range(2_100)}, headers={"Authorization": f"Bearer {watch.secret}"}
    )
    assert is_problem(answer, 400)
    answer = Client().post(URL, {"f": "x" * 6_000_000}, headers={"Authorization": f"Bearer {watch.secret}"})
    assert is_problem(answer, 413)


def test_who_may_not_send_keeps_nothing_here(watch: Machine, meter: Machine) -> None:
    assert is_problem(watch.post(f"{URL}?detector=meter", FILE, TYPE), 403, "token.other_detector", "detector")
    assert is_problem(Client().post(URL, FILE, content_type=TYPE), 401)
    unknown = Client().post(URL, FILE, content_type=TYPE, headers={"Authorization": "Bearer dsr_watch_made-up"})
    assert is_problem(unknown, 401, "token.unknown")
    revoke_token(SYSTEM, token_id=watch.token_id)
    assert is_problem(watch.post(URL, FILE, TYPE), 401, "token.revoked")
    revoke_detector(SYSTEM, slug="meter")
    assert is_problem(meter.post(URL, FILE, TYPE), 401, "token.revoked")
    assert not Import.objects.exists()


def test_a_bad_token_is_refused_even_beside_a_session(watch: Machine) -> None:
    answer = signed_in("investigator").post(
        f"{URL}?detector=watch", FILE, content_type=TYPE, headers={"Authorization": "Bearer made-up"}
    )
    assert is_problem(answer, 401, "token.unknown")


def test_a_person_names_the_detector(watch: Machine) -> None:
    client = signed_in("investigator")
    assert client.post(f"{URL}?detector=watch", FILE, content_type=TYPE).status_code == 202
    for query in ("", "?detector=nobody", "?detector=%00"):
        assert is_problem(client.post(URL + query, FILE, content_type=TYPE), 400, field="detector")
    revoke_detector(SYSTEM, slug="watch")
    assert is_problem(client.post(f"{URL}?detector=watch", FILE, content_type=TYPE), 403, "detector.revoked")


def test_a_session_without_its_csrf_token_sends_nothing(watch: Machine) -> None:
    client = signed_in("investigator", checks_csrf=True)
    assert is_problem(client.post(f"{URL}?detector=watch", FILE, content_type=TYPE), 403)
    part = {"file": SimpleUploadedFile("day.ndjson", FILE)}
    assert is_problem(client.post(f"{URL}?detector=watch", part), 403)
    assert not Import.objects.exists()
    client.get("/account/login/")
    client.cookies["csrftoken"] = "a" * 32
    part = {"file": SimpleUploadedFile("day.ndjson", FILE), "csrfmiddlewaretoken": "a" * 32}
    assert client.post(f"{URL}?detector=watch", part).status_code == 202
    answer = client.post(f"{URL}?detector=watch", FILE, content_type=TYPE, headers={"X-CSRFToken": "a" * 32})
    assert answer.status_code == 202


def test_an_idempotency_key_gives_the_same_answer_once(watch: Machine, meter: Machine) -> None:
    first = watch.post(URL, FILE, TYPE, **{"Idempotency-Key": "k-1"})
    again = watch.post(URL, FILE, TYPE, **{"Idempotency-Key": "k-1"})
    assert (again.status_code, again.json(), again["Location"]) == (202, first.json(), first["Location"])
    assert Import.objects.count() == 1
    other = watch.post(URL, ndjson(2), TYPE, **{"Idempotency-Key": "k-1"})
    assert is_problem(other, 409, "idempotency.other_body", "Idempotency-Key")
    assert meter.post(URL, ndjson(2), TYPE, **{"Idempotency-Key": "k-1"}).status_code == 202
    run(first)
    later = watch.post(URL, FILE, TYPE, **{"Idempotency-Key": "k-1"})
    assert (later.status_code, later.json()["id"], later.json()["state"]) == (202, first.json()["id"], "done")
    assert (Import.objects.count(), IdempotencyKey.objects.count()) == (2, 2)


@pytest.mark.parametrize("key", ["k" * 201, "k\x07", "k\u00e9"])
def test_a_key_that_is_none_is_refused(watch: Machine, key: str) -> None:
    assert is_problem(
        watch.post(URL, FILE, TYPE, **{"Idempotency-Key": key}), 400, "idempotency.key", "Idempotency-Key"
    )
    assert not Import.objects.exists()
