"""Make `.venv` and install what the requirement files name, once per change of those files.

Run as a script by any Python 3.11+, before anything is installed: standard library alone, no import of ours.

    python3 -I enforcement/embedded/bootstrap.py [--dev]
"""

from __future__ import annotations

import configparser
import fcntl
import hashlib
import html.parser
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
VENV = CHECKOUT / ".venv"
PYTHON = VENV / "bin" / "python"
PURE_PYTHON_SOURCES = ("bagit",)
"""Published without a wheel; nothing in them is compiled."""
NEWEST_WHEEL = re.compile(r"pip-(\d+(?:\.\d+)*)-py3-none-any\.whl")


class InstallError(RuntimeError):
    """One or two sentences: what is missing and how to get it."""


def wanted(*, dev: bool) -> str:
    """A digest over everything that decides what is installed."""
    names = ["constraints.txt", "requirements.txt", *(["requirements-dev.txt"] if dev else [])]
    # The interpreter behind the link: packages of another minor version are of no use to it.
    digest = hashlib.sha256(os.path.realpath(PYTHON).encode())
    for name in names:
        digest.update(name.encode() + b"\0" + (CHECKOUT / name).read_bytes() + b"\0")
    return digest.hexdigest()


def stamp_file(*, dev: bool) -> Path:
    """Holds the digest that was installed last."""
    return VENV / ("installed-dev" if dev else "installed-runtime")


def is_installed(*, dev: bool) -> bool:
    """Whether `.venv` holds what the requirement files ask for."""
    stamp = stamp_file(dev=dev)
    return PYTHON.exists() and stamp.exists() and stamp.read_text("ascii") == wanted(dev=dev)


def make_environment() -> None:
    """Create `.venv` with pip in it, or repair one that has lost its Python (a moved checkout, a removed version)."""
    if PYTHON.exists() and _runs(str(PYTHON), "-c", "import sys; sys.exit(sys.version_info < (3, 11))"):
        if _runs(str(PYTHON), "-m", "pip", "--version"):
            return
    elif VENV.exists():
        shutil.rmtree(VENV)
    _say("Making the virtual environment in .venv ...")
    if _runs(sys.executable, "-c", "import ensurepip, venv") and _runs(sys.executable, "-m", "venv", str(VENV)):
        return
    if not _runs(sys.executable, "-m", "venv", "--without-pip", str(VENV)):
        raise InstallError(
            "This Python cannot make virtual environments: install python3-venv (apt-get install python3-venv)."
        )
    put_pip_into_environment()


def put_pip_into_environment() -> None:
    """Bare Debian has no ensurepip: use the system's pip, or fetch pip as its wheel from the configured index."""
    if _runs(sys.executable, "-m", "pip", "--python", str(PYTHON), "install", "--quiet", "pip"):
        return
    for index in configured_indexes():
        try:
            wheel = find_wheel(index)
        except (OSError, ValueError, urllib.error.URLError):
            continue
        if wheel is None:
            continue
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / urllib.parse.unquote(Path(urllib.parse.urlsplit(wheel).path).name)
            with urllib.request.urlopen(wheel, timeout=60) as response:  # noqa: S310 (the index that pip would use)
                body = response.read()
            check_digest(body, urllib.parse.urlsplit(wheel).fragment)
            file.write_bytes(body)
            # A wheel is a zip file that Python runs from: pip installs itself.
            if _runs(str(PYTHON), f"{file}/pip", "install", "--quiet", "--no-index", str(file)):
                return
    raise InstallError(
        "This Python has no ensurepip and no pip, and no package index is configured to fetch pip from: install one of "
        "them (apt-get install python3-venv), or set PIP_INDEX_URL to your index."
    )


def configured_indexes() -> list[str]:
    """Index addresses from the environment and pip's configuration files, in pip's order of precedence."""
    found = [os.environ.get("PIP_INDEX_URL", ""), *os.environ.get("PIP_EXTRA_INDEX_URL", "").split()]
    home = Path("~").expanduser()
    files = [
        os.environ.get("PIP_CONFIG_FILE", ""),
        home / ".config/pip/pip.conf",
        home / ".pip/pip.conf",
        "/etc/pip.conf",
    ]
    for name in files:
        parser = configparser.RawConfigParser()
        try:
            parser.read([str(name)] if name else [], encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError):
            continue
        for option in ("index-url", "extra-index-url"):
            found += parser.get("global", option, fallback="").split()
    return [address.rstrip("/") for address in dict.fromkeys(found) if address]


class _Links(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect the targets of links."""
        self.found += [value for name, value in attrs if tag == "a" and name == "href" and value]


def find_wheel(index: str) -> str | None:
    """The address of the newest pip wheel in a simple index; None if it lists none."""
    page = f"{index}/pip/" + ("index.html" if index.startswith("file:") else "")
    with urllib.request.urlopen(page, timeout=30) as response:  # noqa: S310 (the index that pip would use)
        base, text = response.geturl(), response.read().decode("utf-8", "replace")
    links = _Links()
    links.feed(text)
    newest: tuple[tuple[int, ...], str] | None = None
    for link in links.found:
        address = urllib.parse.urljoin(base, link)
        match = NEWEST_WHEEL.fullmatch(urllib.parse.unquote(Path(urllib.parse.urlsplit(address).path).name))
        if match:
            version = tuple(int(part) for part in match[1].split("."))
            newest = max(newest or (version, address), (version, address))
    return newest[1] if newest else None


def check_digest(body: bytes, fragment: str) -> None:
    """Compare with the `sha256=` that the index gave, if it gave one.

    Raises:
        InstallError: they differ.
    """
    name, _, value = fragment.partition("=")
    if name == "sha256" and hashlib.sha256(body).hexdigest() != value:
        raise InstallError(
            "The pip wheel from the index does not have the digest that the index names: try again later."
        )


def install(*, dev: bool) -> None:
    """Run pip over the requirement files; the stamp is written last, so that a broken attempt is repeated.

    Wheels alone: nothing here needs a compiler, and a source package that does must not be picked up unseen.
    """
    _say("Installing what requirements-dev.txt names ..." if dev else "Installing what requirements.txt names ...")
    done = subprocess.run(
        [
            *(str(PYTHON), "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"),
            *("--only-binary", ":all:", "--no-binary", ",".join(PURE_PYTHON_SOURCES)),
            *("--constraint", str(CHECKOUT / "constraints.txt")),
            *("--requirement", str(CHECKOUT / ("requirements-dev.txt" if dev else "requirements.txt"))),
        ],
        check=False,
    )
    if done.returncode != 0:
        raise InstallError(
            "pip could not install the packages: what it said stands above; check the network and retry."
        )
    for is_dev in {False, dev}:
        stamp_file(dev=is_dev).write_text(wanted(dev=is_dev), "ascii")


def _runs(*command: str) -> bool:
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def main(arguments: list[str]) -> int:
    """Install unless everything is there; 0, or 1 with a sentence."""
    dev = "--dev" in arguments
    if sys.version_info < (3, 11):  # noqa: UP036 (this script runs under whatever Python there is)
        _say(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}: give PYTHON=python3.11.")
        return 1
    try:
        # Two `make` at once: the second waits and finds everything done.
        with (CHECKOUT / "requirements.txt").open("rb") as guard:
            fcntl.flock(guard, fcntl.LOCK_EX)
            if is_installed(dev=dev):
                return 0
            started = time.monotonic()
            make_environment()
            install(dev=dev)
            _say(f"Installed in {time.monotonic() - started:.0f} s.")
    except InstallError as error:
        _say(str(error))
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
