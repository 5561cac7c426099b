"""`make run`: servers, tables, demo, worker, beat and web, until Ctrl-C; then everything stops in order."""

from __future__ import annotations

import base64
import json
import os
import secrets as random_source
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

from enforcement.embedded.children import Child, stop_all
from enforcement.embedded.environment import with_servers
from enforcement.embedded.errors import EmbeddedServerError
from enforcement.embedded.home import CHECKOUT, Home, write_private
from enforcement.embedded.locks import FileLock
from enforcement.embedded.place import Say
from enforcement.embedded.ports import choose_port, next_free_port
from enforcement.embedded.schema import is_made, note_made

HEALTHY_WITHIN_SECONDS = 60
FIRST_PLATFORM_PORT = 8900
WEB_THREADS = 8
WORKER_THREADS = 4


class _Stop(BaseException):
    """Somebody asked us to end: not an error, and nothing on the way may catch it."""


@dataclass
class Run:
    """One `make run`: where, with which environment, and the processes it has started."""

    home: Home
    environment: dict[str, str]
    lock: FileLock
    host: str
    port: int
    say: Say
    children: list[Child] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Where a browser on this machine finds the pages."""
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}/"


def run(home: Home, *, say: Say) -> int:
    """Serve until SIGINT, SIGTERM or SIGHUP; the exit status is 0 then.

    Raises:
        EmbeddedServerError: something could not be started; everything that was is stopped again.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    environment = dict(os.environ)
    host = environment.get("HOST") or "127.0.0.1"
    home.make()
    try:
        with _alone(home) as lock:
            this = Run(home, environment, lock, host, choose_port(host, environment), say)
            say("Starting PostgreSQL and the broker ...")
            with with_servers(home, environment, say=say):
                try:
                    _serve(this)
                finally:
                    _ignore_signals()
                    say("Stopping ...")
                    stop_all(this.children)
    except _Stop:
        say("Stopped.")
    return 0


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise _Stop


def _ignore_signals() -> None:
    # Stopping is under way; a second Ctrl-C must not leave half of it running.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


@contextmanager
def _alone(home: Home) -> Iterator[FileLock]:
    """One `make run` a home. The children inherit the lock: it is free when all of them are gone."""
    lock = FileLock(home.run_lock)
    # After a kill -9 the children of the last run are told to end by the kernel; that takes a few seconds.
    if not lock.try_exclusive(patience_seconds=0 if _last_run_answers(home) else 20):
        raise EmbeddedServerError(
            f"Dossier already runs from {home.path}{_last_address(home)}: end it with Ctrl-C there, or choose "
            "another folder with DOSSIER_HOME."
        )
    try:
        yield lock
    finally:
        lock.release()


def _last_run(home: Home) -> dict[str, object]:
    try:
        found = json.loads((home.path / "run.json").read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _last_address(home: Home) -> str:
    address = _last_run(home).get("address")
    return f" at {address}" if address else ""


def _last_run_answers(home: Home) -> bool:
    pid = _last_run(home).get("pid")
    if not isinstance(pid, int):
        return False
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def _serve(this: Run) -> None:
    environment, say = this.environment, this.say
    demo = environment.get("DEMO", "1") != "0"
    environment["DEMO"] = "1" if demo else "0"
    environment["SITE_ADDRESS"] = this.address
    write_private(this.home.path / "run.json", json.dumps({"pid": os.getpid(), "address": this.address}))
    _make_tables(this)
    if demo:
        _add_child(this, "platform", _platform(this))
    _add_child(this, "web", _web(this.host, this.port))
    if demo:
        say("Loading the demo campaign (once) ...")
        _manage(environment, "load_demo")
    _add_child(this, "worker", _worker())
    _add_child(this, "beat", _beat(this.home))
    say("Waiting for the first page ...")
    _wait_until_healthy(this)
    say(f"\nDossier serves at {this.address}")
    _manage(environment, "welcome")
    say("Ctrl-C stops everything; the data stays.")
    while True:
        for child in this.children:
            child.look_after(say=say)
        time.sleep(0.5)


def _make_tables(this: Run) -> None:
    """Migrate, unless this very code did so before in the embedded database; a server of somebody's is always asked."""
    embedded = "DATABASE_URL" not in os.environ
    if embedded and is_made(this.home):
        return
    this.say("Making tables ...")
    _manage(this.environment, "migrate", "--verbosity", "0")
    if embedded:
        note_made(this.home)


def _add_child(this: Run, name: str, command: Sequence[str]) -> None:
    child = Child(
        name=name,
        command=[sys.executable, *command],
        folder=CHECKOUT,
        log=this.home.logs / f"{name}.log",
        environment=this.environment,
        pass_fds=(this.lock.descriptor,),
    )
    this.children.append(child)
    child.start()


def _web(host: str, port: int) -> list[str]:
    return [
        *("-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port), "--workers", "1"),
        *("--blocking-threads", str(WEB_THREADS), "--no-ws", "--log-level", "warning", "--access-log"),
        "enforcement.wsgi:application",
    ]


def _worker() -> list[str]:
    # Threads, and nothing that needs a fanout queue: see `broker`.
    return [
        *("-m", "celery", "-A", "enforcement.celery", "worker", "-P", "threads", "-c", str(WORKER_THREADS)),
        *("--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "info"),
    ]


def _beat(home: Home) -> list[str]:
    schedule = str(home.path / "beat-schedule")
    return ["-m", "celery", "-A", "enforcement.celery", "beat", "-s", schedule, "--pidfile=", "-l", "info"]


def _platform(this: Run) -> list[str]:
    """The receiver of the demo's actions; its address and secret reach every process by the environment.

    Port and secret stay the same from run to run, since a connector row remembers them; a port that somebody else has
    taken meanwhile is replaced, and `load_demo` sees the new one.
    """
    folder = this.home.path / "demo"
    folder.mkdir(mode=0o700, exist_ok=True)
    secret_file, port_file = folder / "platform-secret", folder / "platform-port"
    if not secret_file.exists():
        write_private(secret_file, "whsec_" + base64.b64encode(random_source.token_bytes(24)).decode())
    last = int(port_file.read_text("ascii")) if port_file.exists() else FIRST_PLATFORM_PORT
    port = next_free_port("127.0.0.1", last)
    write_private(port_file, str(port))
    this.environment["DEMO_PLATFORM_URL"] = f"http://127.0.0.1:{port}/"
    this.environment["DEMO_PLATFORM_SECRET_FILE"] = str(secret_file)
    record = str(folder / "platform.ndjson")
    return [
        *("manage.py", "demo_platform", "--port", str(port)),
        *("--secret-file", str(secret_file), "--record", record),
    ]


def _manage(environment: dict[str, str], *arguments: str) -> None:
    """Run one management command in the terminal; what it says is the progress that people see."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=CHECKOUT, env=environment, stdin=subprocess.DEVNULL, check=False
    )
    if done.returncode != 0:
        raise EmbeddedServerError(f"`manage.py {' '.join(arguments)}` failed: what it said stands above.")


def _wait_until_healthy(this: Run) -> None:
    give_up_at = time.monotonic() + HEALTHY_WITHIN_SECONDS
    while time.monotonic() < give_up_at:
        if _answers(f"{this.address}healthz"):
            return
        for child in this.children:
            child.look_after(say=this.say)
        time.sleep(0.1)
    web = next(child for child in this.children if child.name == "web")
    raise EmbeddedServerError(f"The pages did not answer within {HEALTHY_WITHIN_SECONDS} seconds: see {web.log}.")


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=10) as response:  # noqa: S310 (our own address)
            return bool(response.status == 200)
    except urllib.error.HTTPError as error:
        # Something answers that has no such page; any other status says that it is not well yet.
        return error.code == 404
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
