"""Connection URLs of the embedded servers, and reading any PostgreSQL URL the way libpq does."""

from __future__ import annotations

from urllib.parse import quote

from psycopg.conninfo import conninfo_to_dict

PORT = 5432
"""Only part of the socket's name: the server listens on no network."""

SUPERUSER = "dossier_superuser"
OWNER = "dossier_owner"
APPLICATION = "dossier_app"
BROKER = "dossier_broker"
DATABASE = "dossier"
BROKER_DATABASE = "broker"


def postgres_url(socket_folder: str, user: str, password: str, database: str, *, scheme: str = "postgresql") -> str:
    """A URL whose host is the percent-encoded folder of a unix socket.

    The port is spelled out: PGPORT in somebody's environment would change the name of the socket otherwise.
    """
    folder = quote(socket_folder, safe="")
    return f"{scheme}://{quote(user, safe='')}:{quote(password, safe='')}@{folder}:{PORT}/{quote(database, safe='')}"


def django_database(url: str) -> dict[str, object]:
    """`url` (any form that libpq takes) as the entries of a Django `DATABASES` item, without options of our own.

    Raises:
        psycopg.ProgrammingError: libpq does not understand the URL.
    """
    parts = {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
    named = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    entries: dict[str, object] = {django: parts.pop(libpq, "") for libpq, django in named.items()}
    return {"ENGINE": "django.db.backends.postgresql", **entries, "OPTIONS": dict(parts)}
