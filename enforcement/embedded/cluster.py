"""One PostgreSQL server: start it, find it, stop it.

Every function expects the caller to hold the home's change lock.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import psycopg

from enforcement.embedded.errors import EmbeddedServerError
from enforcement.embedded.folder import explain, server_environment
from enforcement.embedded.home import Home, write_private
from enforcement.embedded.locks import FileLock, is_held
from enforcement.embedded.place import POSTGRES_MAJOR, Place, as_account, make_temporary_folder
from enforcement.embedded.urls import PORT, SUPERUSER, postgres_url

START_SECONDS = 60
RECOVERY_SECONDS = 900
STOP_SECONDS = 60
LOG_BYTES = 10 * 1024 * 1024

# fsync, full_page_writes and synchronous_commit stay at their safe defaults.
SETTINGS: dict[str, str] = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    # Parallel queries take their memory here first: /dev/shm is 64 MB in a container.
    "min_dynamic_shared_memory": "128MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u@%d ",
    "log_checkpoints": "off",
    "wal_level": "replica",
}


@dataclass(frozen=True)
class Running:
    """What a client needs to find a started server."""

    pid: int
    socket_folder: str
    data: str
    moved: str | None
    version: int = POSTGRES_MAJOR


def read_state(home: Home) -> Running | None:
    """What was started last in `home`; the server lock says whether it still lives."""
    try:
        return Running(**json.loads(home.state_file.read_text("utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def running(home: Home) -> Running | None:
    """The live server of `home`, or None. Waits for the children of a killed one to notice and end."""
    state = read_state(home)
    if not is_held(home.server_lock):
        return None
    if state is not None and Path(state.socket_folder, f".s.PGSQL.{PORT}").exists() and _is_postgres(state.pid):
        return state
    if not _wait_until_gone(home, seconds=10):
        raise EmbeddedServerError(
            f"A PostgreSQL of {home.path} still runs but cannot be reached any more: end the processes that "
            f"`fuser {home.server_lock}` lists, then try again."
        )
    return None


def _is_postgres(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    status = Path(f"/proc/{pid}/stat")
    # A zombie answers signals; its state letter follows the name in brackets.
    with suppress(OSError):
        return status.read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    return True


def _wait_until_gone(home: Home, *, seconds: float) -> bool:
    lock = FileLock(home.server_lock)
    gone = lock.try_exclusive(patience_seconds=seconds)
    lock.release()
    return gone


def start(home: Home, place: Place, *, superuser_password: str, settings: dict[str, str] | None = None) -> Running:
    """Start the server of `home`, which is not running, and wait until it answers.

    `settings` are added to `SETTINGS` for this start (tests trade durability for speed with them).

    Raises:
        EmbeddedServerError: it did not start; nothing is left running.
    """
    lock = FileLock(home.server_lock)
    if not lock.try_exclusive(patience_seconds=10):
        raise EmbeddedServerError(f"PostgreSQL of {home.path} is already starting or running.")
    try:
        _forget_last(home, place)
        socket_folder = make_temporary_folder(place.account)
        process, log = _launch(home, place, lock, socket_folder, {**SETTINGS, **(settings or {})})
        state = Running(process.pid, str(socket_folder), str(place.data), str(place.moved) if place.moved else None)
        write_private(home.state_file, json.dumps(asdict(state)))
    finally:
        # From here on the server alone holds the lock.
        lock.release()
    _wait_until_ready(process, state, log, superuser_password)
    return state


def _forget_last(home: Home, place: Place) -> None:
    """Remove what a killed server left; the lock that we hold proves that none lives."""
    with suppress(FileNotFoundError):
        (place.data / "postmaster.pid").unlink()
    last = read_state(home)
    if last is not None:
        shutil.rmtree(last.socket_folder, ignore_errors=True)
    home.state_file.unlink(missing_ok=True)


def _launch(
    home: Home, place: Place, lock: FileLock, socket_folder: Path, settings: dict[str, str]
) -> tuple[subprocess.Popen[bytes], Path]:
    log = home.logs / "postgres.log"
    with suppress(FileNotFoundError):
        if log.stat().st_size > LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))
    command = [str(place.install / "bin" / "postgres"), "-D", str(place.data), "-k", str(socket_folder)]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    # All three descriptors are redirected, or a pipe that reads our output never ends. The lock's descriptor is handed
    # down: PostgreSQL knows nothing of it and so holds it until its last process is gone.
    with log.open("ab") as output:
        output.write(f"--- start {time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())}\n".encode())
        process = subprocess.Popen(  # type: ignore[call-overload]
            command,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=server_environment(),
            pass_fds=(lock.descriptor,),
            start_new_session=True,
            **as_account(place.account),
        )
    return process, log


def _wait_until_ready(process: subprocess.Popen[bytes], state: Running, log: Path, password: str) -> None:
    url = postgres_url(state.socket_folder, SUPERUSER, password, "postgres")
    started = time.monotonic()
    while True:
        try:
            psycopg.connect(url, connect_timeout=5).close()
        except psycopg.OperationalError as error:
            refused = str(error)
        else:
            return
        waited_seconds = time.monotonic() - started
        if process.poll() is not None:
            raise EmbeddedServerError(explain(_since_last_start(log), Path(state.data)))
        if "password authentication failed" in refused:
            process.send_signal(signal.SIGINT)
            process.wait(STOP_SECONDS)
            raise EmbeddedServerError(
                f"The data in {state.data} was made with other passwords than those in secrets.json: restore that "
                "file, or `make reset` to start anew."
            )
        # After a crash the server replays its log first and says so; that may take its time.
        limit_seconds = RECOVERY_SECONDS if "starting up" in refused or "recovery" in refused else START_SECONDS
        if waited_seconds > limit_seconds:
            process.send_signal(signal.SIGQUIT)
            raise EmbeddedServerError(f"PostgreSQL did not answer within {limit_seconds} seconds: see {log}.")
        time.sleep(0.03)


def _since_last_start(log: Path) -> str:
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 20_000))
        return file.read().decode("utf-8", "replace").rpartition("--- start ")[2]


def stop(home: Home) -> bool:
    """Stop the server of `home` and wait until its last process is gone; False if none ran.

    Raises:
        EmbeddedServerError: it did not stop.
    """
    state = running(home)
    if state is None:
        return False
    for step, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, STOP_SECONDS)):
        with suppress(ProcessLookupError):
            os.kill(state.pid, step)
        if _wait_until_gone(home, seconds=seconds):
            shutil.rmtree(state.socket_folder, ignore_errors=True)
            home.state_file.unlink(missing_ok=True)
            return True
    raise EmbeddedServerError(f"PostgreSQL (process {state.pid}) did not stop: see {home.logs / 'postgres.log'}.")
