"""Making `.venv` where Python has no ensurepip, and telling when there is nothing to install."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from enforcement.embedded import bootstrap
from enforcement.embedded.home import CHECKOUT


def _index(folder: Path, *names: str, digest: str = "") -> str:
    page = folder / "simple" / "pip"
    page.mkdir(parents=True)
    links = "".join(f'<a href="../../files/{name}{digest}">{name}</a>' for name in names)
    (page / "index.html").write_text(f"<html>{links}</html>", "utf-8")
    return (folder / "simple").as_uri()


def test_the_newest_pip_wheel_of_an_index_is_found(tmp_path: Path) -> None:
    index = _index(
        tmp_path, "pip-9.0.1-py3-none-any.whl", "pip-26.2-py3-none-any.whl", "pip-27.0.tar.gz", "pip-26.10.zip"
    )
    assert (bootstrap.find_wheel(index) or "").endswith("/files/pip-26.2-py3-none-any.whl")


def test_an_index_without_pip_gives_nothing(tmp_path: Path) -> None:
    assert bootstrap.find_wheel(_index(tmp_path)) is None


def test_indexes_come_from_the_environment_and_from_pips_own_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "pip.conf"
    settings.write_text("[global]\nindex-url = https://third.example/simple/\nextra-index-url = https://4.example\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(settings))
    monkeypatch.setenv("PIP_INDEX_URL", "https://first.example/simple/")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "https://second.example/simple")
    assert bootstrap.configured_indexes()[:4] == [
        "https://first.example/simple",
        "https://second.example/simple",
        "https://third.example/simple",
        "https://4.example",
    ]


def test_a_wheel_that_is_not_what_the_index_names_is_refused() -> None:
    bootstrap.check_digest(b"pip", f"sha256={hashlib.sha256(b'pip').hexdigest()}")
    with pytest.raises(bootstrap.InstallError, match="does not have the digest"):
        bootstrap.check_digest(b"pip", "sha256=" + "0" * 64)


def test_without_pip_and_without_an_index_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "PYTHON", tmp_path / "no" / "python")
    monkeypatch.setattr(bootstrap, "configured_indexes", list)
    with pytest.raises(bootstrap.InstallError, match=r"apt-get install python3-venv.*PIP_INDEX_URL"):
        bootstrap.put_pip_into_environment()


def test_a_changed_requirement_is_noticed_and_an_unchanged_one_costs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("requirements.txt", "requirements-dev.txt", "constraints.txt"):
        (tmp_path / name).write_bytes((CHECKOUT / name).read_bytes())
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    monkeypatch.setattr(bootstrap, "CHECKOUT", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    assert not bootstrap.is_installed(dev=False)
    bootstrap.stamp_file(dev=False).write_text(bootstrap.wanted(dev=False), "ascii")
    assert bootstrap.is_installed(dev=False)
    assert not bootstrap.is_installed(dev=True)
    (tmp_path / "constraints.txt").write_text("celery==5.6.0\n", "ascii")
    assert not bootstrap.is_installed(dev=False)


def test_it_runs_before_anything_is_installed() -> None:
    script = CHECKOUT / "enforcement" / "embedded" / "bootstrap.py"
    program = f"import runpy, sys; sys.argv = ['x']; runpy.run_path({str(script)!r}, run_name='tried')"
    subprocess.run([sys.executable, "-I", "-S", "-c", program], check=True)


def test_every_requirement_is_pinned() -> None:
    for name in ("requirements.txt", "requirements-dev.txt", "constraints.txt"):
        for line in (CHECKOUT / name).read_text("utf-8").splitlines():
            if line.strip() and not line.startswith(("#", "-r ")):
                assert "==" in line, f"{name}: {line}"
