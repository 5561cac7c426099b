"""Nothing names the machine it was written on, or where packages come from."""

import re

from tests.house.tree import ROOT, TEXT, files

# Put together here, so that this file does not name them either.
MACHINE = re.compile(r"(?<![\w.$/}{-])/(?:wor" + r"k|tm" + r"p|home/\w+|root)(?:/|\b)")
HOSTS = re.compile("pyp" + r"i\.org|python" + r"hosted\.org|npm" + r"js\.(?:org|com)|proxy\.gol" + "ang")
# Folders of every system, which the launcher looks at on purpose.
OF_THE_SYSTEM = {"enforcement/embedded/place.py"}
SUFFIXES = (".py", ".html", ".txt", ".md", ".css", ".js", ".typ", ".svg", ".toml", ".json", ".csv")


def _texts() -> list[tuple[str, str]]:
    top = [path for path in ROOT.iterdir() if path.is_file() and (path.suffix in SUFFIXES or path.name == "Makefile")]
    paths = [*top, *files(TEXT, *SUFFIXES)]
    return [(path.relative_to(ROOT).as_posix(), path.read_text("utf-8", errors="replace")) for path in paths]


def test_no_path_of_a_machine() -> None:
    texts = [(name, text) for name, text in _texts() if name not in OF_THE_SYSTEM]
    assert not [(name, found.group()) for name, text in texts for found in MACHINE.finditer(text)]


def test_no_package_registry() -> None:
    assert not [(name, found.group()) for name, text in _texts() for found in HOSTS.finditer(text)]


def test_nothing_is_left_to_do() -> None:
    left = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
    assert not [name for name, text in _texts() if left.search(text) and not name.endswith(".json")]
