"""Templates compile, carry neither style nor script of their own, and hold no logic beyond display."""

import re
from pathlib import Path

import pytest
from django.template import engines

from tests.house.tree import ROOT, files

TEMPLATES = list(files(("templates",), ".html", ".txt"))
COMMENT = re.compile(r"{#.*?#}|{% comment %}.*?{% endcomment %}", re.DOTALL)
INLINE = re.compile(
    r"<style\b|\sstyle\s*=\s*[\"']|<script(?![^>]*\bsrc=)[^>]*>\s*\S|\son[a-z]+\s*=\s*[\"']|javascript:", re.IGNORECASE
)
DEEPEST_WITH = 3


def _name(path: Path) -> str:
    return path.relative_to(ROOT / "templates").as_posix()


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_it_compiles(path: Path) -> None:
    engines["django"].from_string(path.read_text("utf-8"))


@pytest.mark.parametrize("path", [path for path in TEMPLATES if path.suffix == ".html"], ids=_name)
def test_it_carries_no_style_and_no_script(path: Path) -> None:
    assert not INLINE.findall(COMMENT.sub("", path.read_text("utf-8")))


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_it_holds_no_logic(path: Path) -> None:
    text = path.read_text("utf-8")
    depth = deepest = 0
    for tag in re.findall(r"{%\s*(with|endwith)\b", text):
        depth += 1 if tag == "with" else -1
        deepest = max(deepest, depth)
    assert deepest <= DEEPEST_WITH
    conditions = re.findall(r"{%\s*(?:el)?if\s+(.*?)\s*%}", text)
    assert not [condition for condition in conditions if len(re.findall(r"\b(?:and|or)\b", condition)) > 3]
