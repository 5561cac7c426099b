"""Imports from the browser: sending, progress, refused lines, bad files."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from enforcement.ingest.models import Import
from enforcement.ingest.services import run_import
from tests.factories import detectors
from tests.web.pages import client_with

pytestmark = pytest.mark.django_db


def line(number: int, **changes: object) -> str:
    known = {
        "source_ref": f"r-{number}", "account": f"ac-{number}", "observed_at": "2026-11-01T10:00:00Z", "rule": "PH-01",
        "title": "Asks for reasoning in steps",
    }  # fmt: skip
    return json.dumps({name: value for name, value in {**known, **changes}.items() if value is not None})


def sent(body: bytes, name: str = "file.ndjson") -> Import:
    detectors()
    client = client_with("investigator")
    given = {"detector": "prompt-harvest", "file": SimpleUploadedFile(name, body)}
    answer = client.post(reverse("web:import_new"), given)
    assert answer.status_code == 302, answer.content.decode()[-2000:]
    return run_import(Import.objects.get().pk)


def test_a_sent_file_lands_and_its_page_links_the_counts() -> None:
    job = sent("\n".join(line(n) for n in range(3)).encode())
    assert job.state == "done", job.failure
    shown = client_with("investigator").get(reverse("web:import", args=[job.pk])).content.decode()
    assert "No line was refused" in shown
    assert "/alerts/?view=all&amp;detector=prompt-harvest" in shown
    assert "every 2s" not in shown


def test_a_gzip_file_is_the_same() -> None:
    job = sent(gzip.compress(line(1).encode()), "file.ndjson.gz")
    assert (job.state, job.rows_accepted) == ("done", 1)


def test_refused_lines_stand_with_column_and_reason_and_can_be_downloaded() -> None:
    job = sent(
        "\n".join([line(1), "not json", line(2, account=None), line(3, observed_at="3000-01-01T00:00:00Z")]).encode()
    )
    assert (job.rows_accepted, job.rows_refused) == (1, 3)
    client = client_with("investigator")
    shown = client.get(reverse("web:import", args=[job.pk])).content.decode()
    assert "<code>account</code>" in shown
    assert "1 to 3 of 3" in shown
    downloaded = client.get(reverse("web:import_refused", args=[job.pk]))
    assert len(b"".join(downloaded.streaming_content).splitlines()) == 3  # type: ignore[attr-defined]


def test_a_queued_import_asks_again_every_two_seconds_and_stops_at_its_end() -> None:
    detectors()
    client = client_with("investigator")
    client.post(
        reverse("web:import_new"), {"detector": "prompt-harvest", "file": SimpleUploadedFile("a", line(1).encode())}
    )
    job = Import.objects.get()
    url = reverse("web:import_progress", args=[job.pk])
    first = client.get(url)
    assert "every 2s" in first.content.decode()
    assert "Refresh" in first.content.decode()
    run_import(job.pk)
    last = client.get(url)
    assert "every 2s" not in last.content.decode()
    assert last["HX-Refresh"] == "true"


@pytest.mark.parametrize(
    ("body", "words"),
    [(b"", "empty"), (b"\x00\xff\xfe rubbish" * 50, ""), (gzip.compress(b"x" * 5000)[:40], "")],
    ids=["empty", "binary", "truncated gzip"],
)
def test_a_file_that_cannot_be_read_fails_with_one_sentence(body: bytes, words: str) -> None:
    job = sent(body)
    assert job.state == "failed" or job.rows_refused
    shown = client_with("investigator").get(reverse("web:import", args=[job.pk])).content.decode()
    assert (job.failure[:30] or "Refused lines") in shown.replace("&#x27;", "'")
    assert words in shown


def test_nothing_chosen_names_both_fields() -> None:
    detectors()
    answer = client_with("investigator").post(reverse("web:import_new"), {})
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert "Choose a file" in shown
    assert "Choose the detector" in shown


def test_the_same_file_again_changes_nothing_and_says_so() -> None:
    body = line(1).encode()
    first = sent(body)
    client = client_with("investigator")
    client.post(reverse("web:import_new"), {"detector": "prompt-harvest", "file": SimpleUploadedFile("b", body)})
    second = run_import(Import.objects.order_by("-id")[0].pk)
    shown = client.get(reverse("web:import", args=[second.pk])).content.decode()
    assert f"IM-{first.pk}" in shown
    assert "nothing changed" in shown


def test_a_cancelled_import_lands_nothing(tmp_path: Path) -> None:
    detectors()
    client = client_with("investigator")
    client.post(
        reverse("web:import_new"), {"detector": "prompt-harvest", "file": SimpleUploadedFile("c", line(1).encode())}
    )
    job = Import.objects.get()
    assert client.post(reverse("web:import_cancel", args=[job.pk])).status_code == 302
    assert run_import(job.pk).state == "cancelled"
    assert client.post(reverse("web:import_cancel", args=[job.pk])).status_code == 409
    assert client_with("auditor").post(reverse("web:import_retry", args=[job.pk])).status_code == 403
