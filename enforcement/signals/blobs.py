"""Bytes kept whole under their SHA-256, on any storage, written so that a crash leaves all or nothing."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.core.files import File
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import transaction

from enforcement.audit.errors import Refusal
from enforcement.signals.models import Blob

_CHUNK_BYTES = 1024**2


def store_blob(source: BinaryIO | Path, *, media_type: str, max_bytes: int | None = None) -> Blob:
    """Keep a stream or file whole; the same bytes are one blob. Raises Refusal: vanished, a folder, or too large."""
    if isinstance(source, Path):
        with open_given(source) as stream:
            return store_blob(stream, media_type=media_type, max_bytes=max_bytes)
    temporary, digest, size = _receive(source, max_bytes or settings.MAX_IMPORT_BYTES)
    try:
        path = keep_file(temporary, folder="blobs", sha256=digest)
    finally:
        temporary.unlink(missing_ok=True)
    with transaction.atomic():
        blob, _ = Blob.objects.get_or_create(
            sha256=digest, defaults={"bytes": size, "media_type": media_type, "path": path}
        )
    return blob


def open_given(path: Path) -> BinaryIO:
    """A file that somebody named. Raises Refusal in words for a folder, a missing or an unreadable file."""
    if path.is_dir():
        raise Refusal("file.directory", f"{path} is a folder. Name the files in it.", status=422)
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise Refusal("file.vanished", f"There is no file {path}. Check the name.", status=404) from None
    except OSError as error:
        raise Refusal("file.unreadable", f"{path} cannot be read: {error.strerror}.", status=422) from None


def _receive(stream: BinaryIO, max_bytes: int) -> tuple[Path, str, int]:
    """Copy to a temporary file on our side, hashing on the way."""
    digest, size = hashlib.sha256(), 0
    with tempfile.NamedTemporaryFile(dir=_work_folder(), prefix="in-", delete=False) as target:
        temporary = Path(target.name)
        try:
            while chunk := stream.read(_CHUNK_BYTES):
                size += len(chunk)
                if size > max_bytes:
                    raise Refusal(
                        "file.too_large", f"This file is larger than {max_bytes:,} bytes. Split it.", status=413
                    )
                digest.update(chunk)
                target.write(chunk)
            target.flush()
            os.fsync(target.fileno())
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    return temporary, digest.hexdigest(), size


def _work_folder() -> Path:
    folder = Path(settings.STORAGE_ROOT) / "tmp"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for one piece of work, beside the storage and removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="work-", dir=_work_folder()) as folder:
        yield Path(folder)


def sha256_of(path: Path) -> str:
    """SHA-256 (hex) of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def keep_file(path: Path, *, folder: str, sha256: str, suffix: str = "") -> str:
    """Put a finished file into storage under its hash (moved where that is possible) and return its storage name."""
    name = f"{folder}/{sha256[:2]}/{sha256[2:4]}/{sha256}{suffix}"
    if default_storage.exists(name):
        return name
    if isinstance(default_storage, FileSystemStorage):
        target = Path(default_storage.path(name))
        target.parent.mkdir(parents=True, exist_ok=True)
        with path.open("rb") as stream:
            os.fsync(stream.fileno())
        path.chmod(0o640)
        path.replace(target)
        _sync_folder(target.parent)
        return name
    with path.open("rb") as stream:
        return default_storage.save(name, File(stream))


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def local_file(name: str) -> Iterator[Path]:
    """A stored file as a path on this machine; fetched to a temporary one where the storage is elsewhere.

    Raises Refusal when the storage lost it.
    """
    try:
        found = Path(default_storage.path(name))
    except NotImplementedError:
        with scratch() as folder, default_storage.open(name) as stream:
            copy = folder / Path(name).name
            with copy.open("wb") as target:
                for chunk in stream.chunks():
                    target.write(chunk)
            yield copy
        return
    if not found.is_file():
        raise Refusal("storage.lost", f"The storage has lost {name}. Restore it from a backup.", status=409)
    yield found
