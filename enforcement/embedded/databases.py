"""Roles and databases inside a running server: who may do what, and the broker's queues.

Four roles, none of them a superuser but the launcher's own: the owner (migrations; may create databases, for tests),
the application (rows, no tables), and the broker's, which owns a database of its own and sees no other.
"""

from __future__ import annotations

import psycopg
from pgmq.install import get_embedded_install_sql, install_pgmq_sql
from psycopg import sql

from enforcement.embedded.cluster import Running
from enforcement.embedded.home import Secrets
from enforcement.embedded.urls import (
    APPLICATION,
    BROKER,
    BROKER_DATABASE,
    DATABASE,
    OWNER,
    SUPERUSER,
    postgres_url,
)


def prepare(state: Running, secrets: Secrets) -> None:
    """Make roles, databases and queues that are missing; safe to repeat, cheap when nothing is."""
    folder = state.socket_folder
    roles = (
        (OWNER, secrets.owner_password, "CREATEDB"),
        (APPLICATION, secrets.application_password, "NOCREATEDB"),
        (BROKER, secrets.broker_password, "NOCREATEDB"),
    )
    url = postgres_url(folder, SUPERUSER, secrets.superuser_password, "postgres")
    with psycopg.connect(url, autocommit=True) as connection:
        for name, password, attribute in roles:
            _make_role(connection, name, password, attribute)
        for database, owner in ((DATABASE, OWNER), (BROKER_DATABASE, BROKER)):
            _make_database(connection, database, owner)
    admit(postgres_url(folder, OWNER, secrets.owner_password, DATABASE), application_role=APPLICATION)
    _install_queues(postgres_url(folder, BROKER, secrets.broker_password, BROKER_DATABASE))


def _make_role(connection: psycopg.Connection, name: str, password: str, attribute: str) -> None:
    if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone():
        return
    connection.execute(
        sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEROLE {} PASSWORD {}").format(
            sql.Identifier(name), sql.SQL(attribute), sql.Literal(password)
        )
    )


def _make_database(connection: psycopg.Connection, name: str, owner: str) -> None:
    if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
        return
    # template0: PostgreSQL runs no other connection check on it, and nobody connects to it by mistake.
    connection.execute(
        sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0").format(sql.Identifier(name), sql.Identifier(owner))
    )
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))


def admit(owner_url: str, *, application_role: str) -> None:
    """Let `application_role` connect to the owner's database; `migrate` gives it its rights on tables.

    Raises:
        psycopg.Error: the owner cannot connect, or the role does not exist.
    """
    with psycopg.connect(owner_url) as connection:
        connection.execute(
            sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(
                sql.Identifier(connection.info.dbname), sql.Identifier(application_role)
            )
        )


def _install_queues(broker_url: str) -> None:
    """Put pgmq's own SQL into the broker's database, all of it or nothing; it installs without an extension."""
    with psycopg.connect(broker_url) as connection:
        found = connection.execute("SELECT to_regnamespace('pgmq') IS NOT NULL").fetchone()
        if found is not None and found[0]:
            return
        # The script grants to pg_monitor, which belongs to no schema of ours and needs no superuser.
        install_pgmq_sql(get_embedded_install_sql(), conn=connection)
