"""What cannot work is one sentence: what is wrong, and what to do."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from enforcement.embedded import folder, place
from enforcement.embedded.errors import EmbeddedServerError
from enforcement.embedded.home import Home
from enforcement.embedded.ports import choose_port
from enforcement.embedded.servers import remove_home, stop_servers, use_servers
from tests.embedded.conftest import run_manage


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield int(listener.getsockname()[1])


def test_a_given_port_that_is_taken_is_refused(taken_port: int) -> None:
    with pytest.raises(EmbeddedServerError, match=rf"Port {taken_port} .* is taken .*PORT"):
        choose_port("127.0.0.1", {"PORT": str(taken_port)})


@pytest.mark.parametrize("given", ["eighty", "0", "65536", "-1", "8000.5", "²"])
def test_a_port_that_is_none_is_refused(given: str) -> None:
    with pytest.raises(EmbeddedServerError, match="is not a port"):
        choose_port("127.0.0.1", {"PORT": given})


def test_without_a_given_port_the_next_free_one_is_taken() -> None:
    first = choose_port("127.0.0.1", {})
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", first))
        listener.listen()
        assert choose_port("127.0.0.1", {}) > first


def test_a_full_disk_is_said_before_anything_is_made(checkout: Path) -> None:
    home = Home(checkout / ".dossier")
    home.make()
    found = place.find_place(home, say=lambda _text: None)
    with pytest.raises(EmbeddedServerError, match=r"is full .* MB free.*make room.*DOSSIER_HOME"):
        folder.check(found, needed_bytes=2**60)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_disk_that_fills_up_while_the_data_is_made_is_said_and_leaves_nothing(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = checkout / "small disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", str(disk)], check=False, capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("this machine lets nobody mount a tmpfs")
    try:
        monkeypatch.setattr(folder, "NEEDED_BYTES", 0)
        home = Home(disk / "home")
        with pytest.raises(EmbeddedServerError, match=r"is full: make room"), use_servers(home):
            pass
        assert not home.data.exists()
        assert not home.data.with_name("postgres.partial").exists()
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_another_major_version_is_refused_by_its_number(checkout: Path) -> None:
    home = Home(checkout / ".dossier")
    with use_servers(home):
        pass
    (home.data / "PG_VERSION").write_text("14\n", "ascii")
    done = run_manage(checkout, "who")
    assert done.returncode == 1
    assert "made by PostgreSQL 14 and this is PostgreSQL 18" in done.stderr
    assert "pg_dump" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_data_folder_of_somebody_else_is_refused_by_name(checkout: Path) -> None:
    home = Home(checkout / ".dossier")
    with use_servers(home):
        pass
    os.chown(home.data, 1, 1)
    done = run_manage(checkout, "who")
    assert done.returncode == 1
    assert "belongs to user daemon" in done.stderr
    assert "run as its owner" in done.stderr


def test_missing_secrets_are_not_replaced_while_there_is_data(checkout: Path) -> None:
    home = Home(checkout / ".dossier")
    with use_servers(home):
        pass
    home.secrets_file.unlink()
    done = run_manage(checkout, "who")
    assert done.returncode == 1
    assert "secrets.json is missing although there is data" in done.stderr


def test_damaged_secrets_are_said(checkout: Path) -> None:
    home = Home(checkout / ".dossier")
    home.make()
    home.secrets_file.write_text('{"django_secret_key": ', "utf-8")
    done = run_manage(checkout, "who")
    assert done.returncode == 1
    assert "secrets.json is damaged" in done.stderr


def test_a_home_that_is_a_file_is_said(checkout: Path) -> None:
    (checkout / ".dossier").write_text("not a folder", "utf-8")
    done = run_manage(checkout, "who")
    assert done.returncode == 1
    assert "is not a folder" in done.stderr
    (checkout / ".dossier").unlink()


def test_a_server_that_fails_to_start_is_explained_by_its_own_words(checkout: Path) -> None:
    home = Home(checkout / ".dossier")
    with (
        pytest.raises(EmbeddedServerError, match=r"did not start in .*shared_buffers"),
        use_servers(home, settings={"shared_buffers": "nonsense"}),
    ):
        pass
    with use_servers(home):
        """The failed attempt left nothing in the way."""


def test_servers_in_use_are_neither_stopped_nor_removed(checkout: Path) -> None:
    home = Home(checkout / ".dossier")
    with use_servers(home):
        for refused in (stop_servers, remove_home):
            with pytest.raises(EmbeddedServerError, match="are in use"):
                refused(home)


def test_a_folder_that_is_not_ours_is_not_removed(tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    with pytest.raises(EmbeddedServerError, match="was not made by Dossier"):
        remove_home(Home(tmp_path))
    assert (tmp_path / "letters").exists()


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("FATAL: could not write: No space left on device", "is full"),
        ("FATAL: could not map anonymous shared memory: Cannot allocate memory", "too little memory"),
        ("postgres: error while loading shared libraries: libz.so.1", "does not run on this system"),
        ("LOG: fine\nFATAL:  something else entirely\n", "something else entirely"),
        ("", "it said nothing"),
    ],
)
def test_every_failure_has_a_sentence(output: str, expected: str) -> None:
    assert expected in folder.explain(output, Path("/data"))
