"""`make run` around a small project: starts everything, restarts what crashes, stops everything."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from enforcement.embedded.home import Home
from enforcement.embedded.locks import is_held
from enforcement.embedded.servers import use_servers
from tests.embedded.checkouts import environment
from tests.embedded.conftest import is_alive


class Started:
    """A supervisor and what it has said so far."""

    def __init__(self, folder: Path, **more: str) -> None:
        self.home = Home(folder / ".dossier")
        self.said = ""
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-m", "enforcement.embedded", "run"],
            cwd=folder,
            env=environment(folder, **more),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said += line

    def wait_for(self, pattern: str, seconds: float = 90) -> re.Match[str]:
        give_up_at = time.monotonic() + seconds
        while (found := re.search(pattern, self.said)) is None:
            assert time.monotonic() < give_up_at, self.said
            assert self.process.poll() is None or re.search(pattern, self.said), self.said
            time.sleep(0.05)
        return found

    def pids(self, words: str) -> list[int]:
        """Our direct children whose command line holds `words`."""
        mine = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text("utf-8").split()
        return [int(pid) for pid in mine if words in Path(f"/proc/{pid}/cmdline").read_text("utf-8")]

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(number)
        status = self.process.wait(60)
        self._reader.join(10)
        return status


@contextmanager
def running(folder: Path, **more: str) -> Iterator[Started]:
    started = Started(folder, **more)
    try:
        yield started
    finally:
        if started.process.poll() is None:
            started.end(signal.SIGTERM)


def _get(address: str) -> str:
    with urllib.request.urlopen(address, timeout=10) as response:  # noqa: S310 (an address of ours)
        return str(response.read().decode())


def _send_task(folder: Path, path: Path, text: str) -> None:
    program = (
        "from pathlib import Path\n"
        "import os, sys\n"
        "from enforcement.embedded.environment import with_servers\n"
        "from enforcement.embedded.home import current_home\n"
        "with with_servers(current_home(), os.environ, say=print):\n"
        "    from enforcement.celery import write\n"
        "    write.delay(sys.argv[1], sys.argv[2])\n"
    )
    subprocess.run([sys.executable, "-c", program, str(path), text], cwd=folder, env=environment(folder), check=True)


def _wait_for_file(path: Path, text: str, seconds: float = 30) -> None:
    give_up_at = time.monotonic() + seconds
    while not path.exists() or text not in path.read_text("utf-8"):
        assert time.monotonic() < give_up_at, "the worker did not do its task"
        time.sleep(0.05)


def test_everything_starts_works_and_stops_on_control_c(checkout: Path, tmp_path: Path) -> None:
    with running(checkout) as run:
        address = run.wait_for(r"welcome to (http://127\.0\.0\.1:\d+/)")[1]
        assert run.said.index("loaded") < run.said.index("welcome")
        assert _get(f"{address}healthz") == "dossier_app"
        _send_task(checkout, tmp_path / "done.txt", "over pgmq")
        _wait_for_file(tmp_path / "done.txt", "over pgmq")
        with use_servers(run.home) as servers, psycopg.connect(servers.owner_url) as owner:
            assert owner.execute("SELECT to_regnamespace('pgmq')").fetchone() == (None,), "queues lie beside the data"
        children = run.pids("")
        assert len(children) >= 4, "platform, web, worker, beat"
        assert run.end() == 0, run.said
    assert run.said.rstrip().endswith("Stopped.")
    assert not any(is_alive(pid) for pid in children)
    assert not is_held(run.home.server_lock)
    assert not is_held(run.home.run_lock)


def test_a_second_start_keeps_the_data_and_a_second_run_or_a_taken_port_is_refused(checkout: Path) -> None:
    with running(checkout, DEMO="0") as run:
        address = run.wait_for(r"welcome to (http://\S+)")[1]
        assert "loaded" not in run.said
        second = subprocess.run(
            [sys.executable, "-m", "enforcement.embedded", "run"],
            cwd=checkout,
            env=environment(checkout),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert second.returncode == 1
        assert f"already runs from {run.home.path} at {address}" in second.stderr
        port = address.rstrip("/").rpartition(":")[2]
        elsewhere = subprocess.run(
            [sys.executable, "-m", "enforcement.embedded", "run"],
            cwd=checkout,
            env=environment(checkout, PORT=port, DOSSIER_HOME=str(checkout / ".another")),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert elsewhere.returncode == 1
        assert re.fullmatch(rf"Port {port} on 127\.0\.0\.1 is taken.*\n", elsewhere.stderr), elsewhere.stderr
    password = run.home.secrets_file.read_text("utf-8")
    with running(checkout, DEMO="0") as again:
        again.wait_for("welcome to")
    assert run.home.secrets_file.read_text("utf-8") == password
    assert "Making the database" not in again.said


def test_a_crashed_web_server_and_worker_are_started_again(checkout: Path, tmp_path: Path) -> None:
    with running(checkout, DEMO="0") as run:
        address = run.wait_for(r"welcome to (http://\S+)")[1]
        for name, words in (("web", "granian"), ("worker", "threads")):
            (pid,) = run.pids(words)
            os.kill(pid, signal.SIGKILL)
            run.wait_for(f"{name} ended with status -9; starting it again")
        give_up_at = time.monotonic() + 30
        while True:
            try:
                assert _get(f"{address}healthz") == "dossier_app"
                break
            except OSError:
                assert time.monotonic() < give_up_at, run.said
                time.sleep(0.1)
        _send_task(checkout, tmp_path / "done.txt", "after the crash")
        _wait_for_file(tmp_path / "done.txt", "after the crash")


def test_after_kill_minus_nine_of_the_supervisor_nothing_stays_and_the_next_run_works(checkout: Path) -> None:
    with running(checkout, DEMO="0") as run:
        run.wait_for("welcome to")
        children = run.pids("")
        run.process.kill()
        run.process.wait(10)
    with running(checkout, DEMO="0") as again:
        again.wait_for("welcome to")
        assert not any(is_alive(pid) for pid in children)
    assert again.process.returncode == 0, again.said
