"""A folder and a storage of the test's own, and files that are none of what a command asks for."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from pytest_django import Settings

from tests.ingest.rows import ndjson, signal

TRUTH = "account,ring,organization,benign\n"


@pytest.fixture(autouse=True)
def storage(tmp_path: Path, settings: Settings) -> Path:
    root = tmp_path / "store"
    settings.STORAGE_ROOT, settings.KEYS_ROOT = root, tmp_path / "keys"
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(root)}},
    }
    return root


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "files"
    made.mkdir()
    return made


@pytest.fixture
def bad_files(folder: Path) -> dict[str, Path]:
    """By what is wrong with them."""
    (folder / "sub").mkdir()
    (folder / "empty.ndjson").touch()
    (folder / "rubbish.ndjson").write_bytes(bytes(range(256)) * 40)
    (folder / "cut.ndjson.gz").write_bytes(gzip.compress(ndjson([signal(f"r{n}") for n in range(3_000)]))[:-500])
    return {
        "a folder": folder / "sub", "vanished": folder / "gone.ndjson", "empty": folder / "empty.ndjson",
        "rubbish": folder / "rubbish.ndjson", "cut gzip": folder / "cut.ndjson.gz",
    }  # fmt: skip
