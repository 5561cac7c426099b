"""Before the first start: what cannot work is refused with a sentence, and the data folder is made."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from pathlib import Path

from enforcement.embedded.errors import EmbeddedServerError
from enforcement.embedded.place import POSTGRES_MAJOR, Account, Place, as_account, make_temporary_folder
from enforcement.embedded.urls import SUPERUSER

NEEDED_BYTES = 300 * 1024 * 1024


def check(place: Place, *, needed_bytes: int | None = None) -> None:
    """Refuse, with a sentence, what cannot work.

    Raises:
        EmbeddedServerError: somebody else's data, another major version's data, or no room on the disk.
    """
    if place.data.exists():
        uid = place.account.uid if place.account else os.geteuid()
        owner = place.data.stat().st_uid
        if owner != uid:
            raise EmbeddedServerError(
                f"The data folder {place.data} belongs to {_user_name(owner)}, and PostgreSQL would run as "
                f"{_user_name(uid)}: run as its owner, or choose another folder with DOSSIER_HOME."
            )
        major = _major_version(place.data)
        if major != str(POSTGRES_MAJOR):
            raise EmbeddedServerError(
                f"The data folder {place.data} was made by PostgreSQL {major or 'of an unknown version'} and this "
                f"is PostgreSQL {POSTGRES_MAJOR}: move the data with pg_dump and pg_restore, or `make reset` to start "
                "anew."
            )
    free_bytes = shutil.disk_usage(_existing(place.data)).free
    needed_bytes = NEEDED_BYTES if needed_bytes is None else needed_bytes
    if free_bytes < needed_bytes:
        raise EmbeddedServerError(
            f"The disk that holds {place.data} is full ({free_bytes // 2**20} MB free, {needed_bytes // 2**20} MB "
            "needed): make room, or choose a folder on another disk with DOSSIER_HOME."
        )


def _existing(path: Path) -> Path:
    return path if path.exists() else _existing(path.parent)


def _user_name(uid: int) -> str:
    try:
        return f"user {pwd.getpwuid(uid).pw_name}"
    except KeyError:
        return f"user number {uid}"


def _major_version(data: Path) -> str:
    try:
        return (data / "PG_VERSION").read_text("ascii").strip()
    except FileNotFoundError:
        return ""
    except PermissionError as error:
        raise EmbeddedServerError(f"{data} cannot be read: run as its owner.") from error


def make_data(place: Place, *, superuser_password: str) -> None:
    """Run initdb with data checksums, UTF-8, the C.UTF-8 locale that is built in, and SCRAM; all of it or nothing."""
    partial = place.data.with_name(place.data.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    _make_folder(partial, place.account)
    private = make_temporary_folder(place.account)
    try:
        done = _initdb(place, partial, private / "password", superuser_password)
    finally:
        shutil.rmtree(private, ignore_errors=True)
    if done.returncode != 0:
        shutil.rmtree(partial, ignore_errors=True)
        raise EmbeddedServerError(explain(done.stdout.decode("utf-8", "replace"), place.data))
    partial.rename(place.data)


def _initdb(place: Place, data: Path, password_file: Path, password: str) -> subprocess.CompletedProcess[bytes]:
    password_file.touch(mode=0o600)
    password_file.write_text(password, "utf-8")
    if place.account:
        os.chown(password_file, place.account.uid, place.account.gid)
    return subprocess.run(  # type: ignore[call-overload,no-any-return]
        [
            str(place.install / "bin" / "initdb"),
            f"--pgdata={data}",
            f"--username={SUPERUSER}",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--data-checksums",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
        ],
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=server_environment(),
        check=False,
        **as_account(place.account),
    )


def _make_folder(path: Path, account: Account | None) -> None:
    try:
        path.mkdir(mode=0o700)
        if account:
            os.chown(path, account.uid, account.gid)
    except OSError as error:
        raise EmbeddedServerError(f"{path} cannot be made ({error.strerror}): check the folder above it.") from error


def server_environment() -> dict[str, str]:
    """The environment of every PostgreSQL program."""
    # Nothing of ours leaks into the server: PG* variables, LD_PRELOAD, locale.
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def explain(output: str, data: Path) -> str:
    """One sentence for what PostgreSQL wrote before it gave up."""
    lowered = output.lower()
    if any(words in lowered for words in ("no space left on device", "disk quota exceeded", "check free disk space")):
        return f"The disk that holds {data} is full: make room, or choose a folder on another disk with DOSSIER_HOME."
    if "cannot allocate memory" in lowered or "could not map anonymous shared memory" in lowered:
        return "PostgreSQL found too little memory: about 400 MB have to be free."
    if "error while loading shared libraries" in lowered or "version `glibc" in lowered:
        return (
            "The PostgreSQL in the wheel does not run on this system: install PostgreSQL 15 or newer and give "
            "DATABASE_URL, DATABASE_OWNER_URL and BROKER_URL."
        )
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if "FATAL" in line or "PANIC" in line or "error:" in line]
    reason = (errors or lines or ["it said nothing"])[-1]
    return f"PostgreSQL did not start in {data}: {reason}"
