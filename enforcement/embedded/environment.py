"""What a command finds in its environment: the URLs of servers, the storage folder, the secret key.

Whatever is given (`DATABASE_URL`, `DATABASE_OWNER_URL`, `BROKER_URL`, `STORAGE`, `SECRET_KEY`) stands. What is missing
is filled in, from servers that are found or started for as long as the command runs.
"""

from __future__ import annotations

import secrets as random_source
import signal
import subprocess
import sys
from collections.abc import Iterator, MutableMapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

import psycopg
from psycopg.conninfo import conninfo_to_dict

from enforcement.embedded.errors import EmbeddedServerError
from enforcement.embedded.home import Home, current_home, make_secrets, read_secrets
from enforcement.embedded.locks import FileLock
from enforcement.embedded.place import Say
from enforcement.embedded.servers import use_servers

READS_NO_ROWS = frozenset(
    {
        "verify_packet",
        "simulate_campaign",
        "demo_platform",
        "help",
        "version",
        "check",
        "makemigrations",
        "diffsettings",
        "collectstatic",
        "spectacular",
        "startapp",
    }
)
"""Commands that start nothing; a database they asked for all the same would be refused by name."""

ACTS_AS_OWNER = frozenset({"migrate", "createcachetable"})
"""Commands that make tables: their DATABASE_URL is the owner's, and APPLICATION_ROLE says who gets rights on them."""

NO_DATABASE_URL = "postgresql://nobody@%2Fthis-command-reads-no-database:5432/none"

Environment = MutableMapping[str, str]


def needs_servers(arguments: Sequence[str]) -> bool:
    """Whether `manage.py` with these arguments (without its own name) reads or writes rows."""
    if not arguments or {"-h", "--help", "--version"} & set(arguments):
        return False
    return arguments[0] not in READS_NO_ROWS


@contextmanager
def prepared(arguments: Sequence[str], environment: Environment, *, say: Say) -> Iterator[None]:
    """Fill `environment` in for one command and keep the servers alive for its duration.

    Raises:
        EmbeddedServerError: servers are needed and cannot be started.
    """
    home = current_home(dict(environment))
    environment["DOSSIER_HOME"] = str(home.path)
    environment.setdefault("STORAGE", str(home.storage))
    if not needs_servers(arguments):
        _fill_in_without_servers(home, environment)
        yield
        return
    with ExitStack() as stack:
        # A command that is told to end leaves the servers properly; its own handlers may replace this one.
        signal.signal(signal.SIGTERM, _end)
        stack.enter_context(with_servers(home, environment, say=say))
        if arguments[0] in ACTS_AS_OWNER:
            become_owner(environment)
        elif environment.get("DATABASE_OWNER_URL") and not has_tables(environment["DATABASE_URL"]):
            make_tables(environment, say=say)
        yield


def has_tables(database_url: str) -> bool:
    """Whether somebody migrated this database before; later migrations are made by `make run` and `migrate`."""
    with psycopg.connect(database_url) as connection:
        found = connection.execute("SELECT to_regclass('public.django_migrations') IS NOT NULL").fetchone()
    return bool(found and found[0])


def make_tables(environment: Environment, *, say: Say) -> None:
    """Run `migrate` in a process of its own, as the owner: the first command on a new machine need not know of it.

    Raises:
        EmbeddedServerError: it failed.
    """
    say("Making tables (once) ...")
    command = [sys.executable, str(Path(sys.argv[0]).resolve()), "migrate", "--verbosity", "0"]
    if subprocess.run(command, env=dict(environment), check=False).returncode:
        raise EmbeddedServerError("The tables could not be made; `manage.py migrate` says why.")


def _end(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + signal.SIGTERM)


def _fill_in_without_servers(home: Home, environment: Environment) -> None:
    environment.setdefault("DATABASE_URL", NO_DATABASE_URL)
    environment.setdefault("BROKER_URL", "memory://")
    if "SECRET_KEY" not in environment:
        # Not worth an error or a folder: nothing that such a command does outlives the key.
        try:
            known = read_secrets(home)
        except (EmbeddedServerError, OSError):
            known = None
        environment["SECRET_KEY"] = known.django_secret_key if known else random_source.token_urlsafe(32)


@contextmanager
def with_servers(home: Home, environment: Environment, *, say: Say) -> Iterator[None]:
    """Fill in what is missing of database, broker and secret key; start servers only for what is missing."""
    environment["DOSSIER_HOME"] = str(home.path)
    environment.setdefault("STORAGE", str(home.storage))
    if "DATABASE_URL" in environment and "BROKER_URL" in environment:
        if "SECRET_KEY" not in environment:
            environment["SECRET_KEY"] = _secret_key(home)
        yield
        return
    with use_servers(home, say=say) as servers:
        if "DATABASE_URL" not in environment:
            # Never the embedded owner beside somebody else's application URL.
            environment["DATABASE_URL"] = servers.database_url
            environment["DATABASE_OWNER_URL"] = servers.owner_url
        environment.setdefault("BROKER_URL", servers.broker_url)
        environment.setdefault("SECRET_KEY", servers.secret_key)
        yield


def become_owner(environment: Environment) -> None:
    """Let this command connect as the owner, and name the role that shall have rights on what it makes.

    Raises:
        EmbeddedServerError: one of the two URLs is none.
    """
    owner_url = environment.get("DATABASE_OWNER_URL")
    if not owner_url:
        return
    try:
        application = conninfo_to_dict(environment["DATABASE_URL"]).get("user")
        conninfo_to_dict(owner_url)
    except psycopg.ProgrammingError as error:
        raise EmbeddedServerError(
            f"DATABASE_URL or DATABASE_OWNER_URL is no PostgreSQL address ({str(error).strip()}): write "
            "postgresql://user:password@host:port/name."
        ) from error
    if application:
        environment.setdefault("APPLICATION_ROLE", str(application))
    environment["DATABASE_URL"] = owner_url


def _secret_key(home: Home) -> str:
    home.make()
    with FileLock(home.change_lock):
        return (read_secrets(home) or make_secrets(home)).django_secret_key
