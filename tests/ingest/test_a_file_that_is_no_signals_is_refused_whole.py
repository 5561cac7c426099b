"""Files that hold no signals: one clear sentence, and nothing half written."""

from __future__ import annotations

import gzip
import zlib
from io import BytesIO, RawIOBase
from pathlib import Path

import pytest
from pytest_django import Settings

from accounts.models import Account
from enforcement.audit.actors import SYSTEM, Actor
from enforcement.audit.errors import Refusal
from enforcement.ingest.models import Import
from enforcement.ingest.services import receive_import
from enforcement.signals.models import Detector, Segment
from enforcement.signals.services import revoke_detector
from tests.ingest.rows import imported, ndjson, signal

GOOD = ndjson([signal(f"r{n}") for n in range(5_000)])
WHOLE = gzip.compress(GOOD)

WRONG = {
    "a PDF document": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj",
    "a Parquet file": b"PAR1" + b"\x15\x04\x15" * 50,
    "a ZIP archive": b"PK\x03\x04" + b"\0" * 40,
    "binary data": bytes(range(256)) * 20,
    "text in UTF-16": "one\n".encode("utf-16"),
    "is empty": b"",
    "file is empty": b"\n\n   \n",
    "before its end mark": WHOLE[: len(WHOLE) // 2],
    "content is damaged": WHOLE[:200] + b"\xff" * 50 + WHOLE[250:],
}


def nothing_landed() -> bool:
    return not (Account.objects.exists() or Segment.objects.exists())


@pytest.mark.parametrize("words", WRONG)
def test_a_wrong_file_fails_with_one_sentence_and_changes_nothing(watch: Detector, words: str, storage: Path) -> None:
    job = imported(watch, WRONG[words])
    assert job.state == "failed"
    assert words in job.failure
    assert job.failure.count("\n") == 0
    assert nothing_landed()
    assert not list(storage.glob("segments/**/*.parquet"))
    assert not list((storage / "tmp").iterdir())


def test_a_whole_gzip_lands_and_so_do_several_members_in_one_file(watch: Detector) -> None:
    half = len(GOOD.splitlines()) // 2
    lines = GOOD.splitlines(keepends=True)
    job = imported(
        watch, gzip.compress(b"".join(lines[:half])) + gzip.compress(b"".join(lines[half:])), name="x.ndjson.gz"
    )
    assert (job.state, job.rows_accepted) == ("done", 5_000)


def test_a_gzip_bomb_stops_at_the_bound(watch: Detector, settings: Settings) -> None:
    settings.MAX_IMPORT_BYTES = 50_000_000
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(b"\n" * 1_000_000) for _ in range(200)) + packer.flush()
    job = imported(watch, bomb)
    assert job.state == "failed"
    assert "more than 50,000,000 bytes once unpacked" in job.failure
    assert nothing_landed()


def test_a_folder_and_a_vanished_file_are_refused_before_there_is_an_import(watch: Detector, tmp_path: Path) -> None:
    for path, words in ((tmp_path, "is a folder"), (tmp_path / "gone.ndjson", "There is no file")):
        with pytest.raises(Refusal, match=words):
            receive_import(SYSTEM, detector=watch, stream=path, filename=path.name)
    assert not Import.objects.exists()


def test_a_file_over_the_limit_is_refused_while_it_arrives(watch: Detector, settings: Settings, storage: Path) -> None:
    settings.MAX_IMPORT_BYTES = 3_000_000

    class Endless(RawIOBase):
        read_bytes = 0

        def read(self, size: int = -1) -> bytes:
            self.read_bytes += size
            return b"x" * size

    stream = Endless()
    with pytest.raises(Refusal) as refusal:
        receive_import(SYSTEM, detector=watch, stream=stream, filename="endless")  # type: ignore[arg-type]
    assert refusal.value.status == 413
    assert stream.read_bytes < 6_000_000
    assert not list((storage / "tmp").iterdir())


def test_a_blob_lost_from_storage_fails_the_import_in_words(watch: Detector, storage: Path) -> None:
    job = receive_import(SYSTEM, detector=watch, stream=BytesIO(GOOD), filename="x")
    (storage / job.blob.path).unlink()
    from enforcement.ingest.services import retry_import, run_import

    assert "has lost" in run_import(job.pk).failure
    (storage / job.blob.path).write_bytes(GOOD)
    retry_import(SYSTEM, import_id=job.pk)
    assert run_import(job.pk).state == "done"


def test_a_revoked_detector_takes_nothing(watch: Detector) -> None:
    revoke_detector(SYSTEM, slug="watch")
    watch.refresh_from_db()
    with pytest.raises(Refusal) as refusal:
        receive_import(SYSTEM, detector=watch, stream=BytesIO(GOOD), filename="x")
    assert refusal.value.code == "detector.revoked"


@pytest.mark.parametrize("role", [None, "triager", "reviewer", "auditor", "machine"])
def test_a_stranger_may_not_import(watch: Detector, role: str | None) -> None:
    stranger = Actor("machine" if role == "machine" else "person", 7, "x", frozenset({role} if role else ()), 999)
    with pytest.raises(Refusal) as refusal:
        receive_import(stranger, detector=watch, stream=BytesIO(GOOD), filename="x")
    assert refusal.value.status == 403
    assert not Import.objects.exists()
