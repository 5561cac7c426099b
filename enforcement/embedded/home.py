"""Where everything lies inside one `DOSSIER_HOME`, and the secrets made on this machine."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import stat
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from enforcement.embedded.errors import EmbeddedServerError

CHECKOUT = Path(__file__).resolve().parents[2]
DEFAULT_HOME_NAME = ".dossier"


@dataclass(frozen=True)
class Home:
    """The paths of one `DOSSIER_HOME`. Two homes share nothing."""

    path: Path

    @property
    def data(self) -> Path:
        """PostgreSQL's data folder, unless its user cannot come here (see `place`)."""
        return self.path / "postgres"

    @property
    def storage(self) -> Path:
        """Received files, archive segments, evidence."""
        return self.path / "storage"

    @property
    def logs(self) -> Path:
        """One text file a process."""
        return self.path / "logs"

    @property
    def secrets_file(self) -> Path:
        """Passwords and keys made on this machine; mode 0600."""
        return self.path / "secrets.json"

    @property
    def state_file(self) -> Path:
        """What was started last: pid, socket folder, version. Only the server lock says whether it still runs."""
        return self.path / "server.json"

    @property
    def change_lock(self) -> Path:
        """Held while somebody starts or stops the server."""
        return self.path / "change.lock"

    @property
    def users_lock(self) -> Path:
        """Shared by every process that uses the server."""
        return self.path / "users.lock"

    @property
    def server_lock(self) -> Path:
        """Inherited by PostgreSQL and its children: held exactly as long as one of them lives."""
        return self.path / "server.lock"

    @property
    def run_lock(self) -> Path:
        """Held by `make run`."""
        return self.path / "run.lock"

    @property
    def keep_file(self) -> Path:
        """Present: the server stays up when nobody uses it (`python -m enforcement.embedded start`)."""
        return self.path / "keep-running"

    def make(self) -> None:
        """Create the folder. As root others may pass through it: PostgreSQL runs as another user."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self.path.chmod(0o711 if os.geteuid() == 0 else 0o700)
            for folder in (self.logs, self.storage):
                folder.mkdir(mode=0o700, exist_ok=True)
        except PermissionError as error:
            raise EmbeddedServerError(
                f"{self.path} belongs to somebody else or cannot be written: choose another folder with DOSSIER_HOME."
            ) from error
        except (FileExistsError, NotADirectoryError) as error:
            raise EmbeddedServerError(
                f"{self.path} is not a folder: choose another place with DOSSIER_HOME."
            ) from error


def current_home(environment: dict[str, str] | os._Environ[str] | None = None) -> Home:
    """The home that `DOSSIER_HOME` names, made absolute; default `.dossier` in the checkout."""
    given = (os.environ if environment is None else environment).get("DOSSIER_HOME", "").strip()
    return Home(Path(given).expanduser().absolute() if given else CHECKOUT / DEFAULT_HOME_NAME)


@dataclass(frozen=True)
class Secrets:
    """Random text, 256 bits each, url-safe, so that it can stand in a connection URL as it is."""

    django_secret_key: str
    superuser_password: str
    owner_password: str
    application_password: str
    broker_password: str

    @classmethod
    def fresh(cls) -> Secrets:
        """New ones from the system's random source."""
        return cls(*(secrets.token_urlsafe(32) for _ in range(5)))


def read_secrets(home: Home) -> Secrets | None:
    """The secrets of `home`, or None before the first start.

    Raises:
        EmbeddedServerError: the file cannot be read, is damaged, or others may read it.
    """
    try:
        mode = home.secrets_file.stat().st_mode
        values: dict[str, Any] = json.loads(home.secrets_file.read_text("utf-8"))
        known = Secrets(**{name: str(values[name]) for name in Secrets.__dataclass_fields__})
    except FileNotFoundError:
        return None
    except PermissionError as error:
        raise EmbeddedServerError(
            f"{home.secrets_file} belongs to somebody else: run as its owner or choose another DOSSIER_HOME."
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise EmbeddedServerError(
            f"{home.secrets_file} is damaged: restore it from a backup, or `make reset` to start anew."
        ) from error
    if stat.S_IMODE(mode) & 0o077:
        home.secrets_file.chmod(0o600)
    return known


def make_secrets(home: Home) -> Secrets:
    """Write fresh secrets, all of the file or nothing, readable by us alone; the caller holds the change lock."""
    made = Secrets.fresh()
    write_private(home.secrets_file, json.dumps(asdict(made), indent=2))
    return made


def write_private(path: Path, text: str) -> None:
    """Replace `path` by `text` in one step, mode 0600, on disk before it is named."""
    partial = path.with_name(path.name + ".partial")
    with contextlib.suppress(FileNotFoundError):
        partial.unlink()
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
