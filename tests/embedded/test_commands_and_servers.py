"""Every command finds the running server or starts one for its own duration; killing things breaks nothing."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from enforcement.embedded import cluster
from enforcement.embedded.home import Home
from enforcement.embedded.locks import is_held
from enforcement.embedded.servers import Use, use_servers
from enforcement.embedded.urls import APPLICATION, BROKER, OWNER
from tests.embedded.conftest import is_alive, run_manage, start_manage


def _wait_until(true: object, seconds: float = 20) -> None:
    give_up_at = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        assert time.monotonic() < give_up_at, "did not happen in time"
        time.sleep(0.05)


def test_a_command_starts_the_server_and_stops_it_when_it_ends(checkout: Path) -> None:
    done = run_manage(checkout, "who")
    assert (done.returncode, done.stdout.strip()) == (0, APPLICATION), done.stderr
    assert not is_held(Home(checkout / ".dossier").server_lock)
    assert not Home(checkout / ".dossier").state_file.exists()


def test_migrate_acts_as_the_owner_and_other_commands_as_the_application(checkout: Path) -> None:
    made = run_manage(checkout, "migrate")
    assert made.returncode == 0, made.stderr
    with use_servers(Home(checkout / ".dossier")) as servers, psycopg.connect(servers.owner_url) as owner:
        owners = owner.execute("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'").fetchall()
    assert owners == [(OWNER,)]


def test_two_commands_at_once_share_a_server_and_the_last_stops_it(checkout: Path) -> None:
    home = Home(checkout / ".dossier")
    with use_servers(home):
        first = start_manage(checkout, "wait_for_line")
        assert first.stdout is not None
        assert first.stdout.readline() == "ready\n"
    assert is_held(home.server_lock), "the first user left, the second still works"
    output, problems = first.communicate("go on\n", timeout=60)
    assert output.strip() == "2", problems
    assert not is_held(home.server_lock)


def test_a_command_that_is_told_to_end_stops_its_server(checkout: Path) -> None:
    command = start_manage(checkout, "wait_for_line")
    assert command.stdout is not None
    assert command.stdout.readline() == "ready\n"
    command.terminate()
    command.communicate(timeout=60)
    assert not is_held(Home(checkout / ".dossier").server_lock)


def test_a_killed_command_leaves_no_server_behind(checkout: Path) -> None:
    command = start_manage(checkout, "wait_for_line")
    assert command.stdout is not None
    assert command.stdout.readline() == "ready\n"
    command.kill()
    command.communicate(timeout=60)
    _wait_until(lambda: not is_held(Home(checkout / ".dossier").server_lock))


def test_after_kill_minus_nine_of_everything_the_next_command_works_and_nothing_is_lost(checkout: Path) -> None:
    home = Home(checkout / ".dossier")
    use = Use(home)
    servers = use.begin()
    with psycopg.connect(servers.owner_url) as owner:
        owner.execute("CREATE TABLE kept (id int)")
        owner.execute("INSERT INTO kept VALUES (7)")
    state = cluster.read_state(home)
    assert state is not None
    for pid in [*_children(state.pid), state.pid]:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    _wait_until(lambda: not is_held(home.server_lock))
    assert (home.data / "postmaster.pid").exists()
    # The worst case: the number in the stale pid file is that of a living process of the same user.
    pid_file = home.data / "postmaster.pid"
    pid_file.write_text(pid_file.read_text("utf-8").replace(str(state.pid), str(os.getppid()), 1), "utf-8")
    with use_servers(home) as again, psycopg.connect(again.owner_url) as owner:
        assert owner.execute("SELECT id FROM kept").fetchone() == (7,)
    use.end()


def _children(pid: int) -> list[int]:
    return [int(number) for number in Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()]


def test_a_killed_postmaster_is_noticed_while_its_children_still_end(checkout: Path) -> None:
    home = Home(checkout / ".dossier")
    with use_servers(home):
        state = cluster.read_state(home)
        assert state is not None
        os.kill(state.pid, signal.SIGKILL)
        done = run_manage(checkout, "who")
        assert done.stdout.strip() == APPLICATION, done.stderr


def test_two_checkouts_at_once_know_nothing_of_each_other(checkout: Path, another_checkout: Path) -> None:
    with use_servers(Home(checkout / ".dossier")) as one, use_servers(Home(another_checkout / ".dossier")) as two:
        assert one.database_url != two.database_url
        with psycopg.connect(one.owner_url) as owner:
            owner.execute("CREATE TABLE only_here (id int)")
        with psycopg.connect(two.owner_url) as owner:
            assert owner.execute("SELECT to_regclass('only_here')").fetchone() == (None,)
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(one.database_url.replace(one.database_url.split("@")[1], two.database_url.split("@")[1]))


@pytest.mark.parametrize("command", ["verify_packet", "help", "makemigrations"])
def test_a_command_that_reads_no_rows_starts_nothing_and_makes_no_folder(checkout: Path, command: str) -> None:
    done = run_manage(checkout, command)
    assert done.returncode == 0, done.stderr
    assert not (checkout / ".dossier").exists()


def test_given_servers_are_used_and_nothing_is_started(checkout: Path, another_checkout: Path) -> None:
    with use_servers(Home(another_checkout / ".dossier")) as somebodys:
        done = run_manage(
            checkout,
            "who",
            DATABASE_URL=somebodys.owner_url,
            DATABASE_OWNER_URL=somebodys.owner_url,
            BROKER_URL="memory://",
        )
    assert done.stdout.strip() == OWNER, done.stderr
    assert not (checkout / ".dossier" / "postgres").exists()


def test_a_given_database_without_a_broker_gets_the_embedded_broker_alone(
    checkout: Path, another_checkout: Path
) -> None:
    with use_servers(Home(another_checkout / ".dossier")) as somebodys:
        done = run_manage(checkout, "who", DATABASE_URL=somebodys.owner_url)
    assert done.stdout.strip() == OWNER, done.stderr
    assert (checkout / ".dossier" / "postgres").exists()


def test_the_roles_may_do_what_they_need_and_no_more(checkout: Path) -> None:
    with use_servers(Home(checkout / ".dossier")) as servers:
        with psycopg.connect(servers.owner_url, autocommit=True) as owner:
            owner.execute("CREATE DATABASE for_a_test")
            supers = owner.execute("SELECT rolname FROM pg_roles WHERE rolsuper").fetchall()
            assert owner.execute("SHOW data_checksums").fetchone() == ("on",)
            assert owner.execute("SHOW fsync").fetchone() == ("on",)
            assert owner.execute("SHOW server_encoding").fetchone() == ("UTF8",)
        with (
            psycopg.connect(servers.database_url) as application,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            application.execute("CREATE TABLE mine (id int)")
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            psycopg.connect(servers.database_urls("broker")[0])
        with psycopg.connect(servers.broker_url.replace("pgmq:", "postgresql:", 1)) as broker:
            assert broker.execute("SELECT count(*) FROM pgmq.list_queues()").fetchone() == (0,)
            assert broker.info.user == BROKER
    assert supers == [("dossier_superuser",)]


def test_secrets_are_private_and_never_in_the_log(checkout: Path) -> None:
    home = Home(checkout / ".dossier")
    with use_servers(home) as servers:
        password = servers.owner_url.split(":")[2].split("@")[0]
        state = cluster.read_state(home)
        assert state is not None
        assert password not in Path(f"/proc/{state.pid}/cmdline").read_text("utf-8")
    assert home.secrets_file.stat().st_mode & 0o777 == 0o600
    assert password not in (home.logs / "postgres.log").read_text("utf-8")
    assert Path(state.socket_folder).exists() is False
    assert not is_alive(state.pid)
