"""Files of at most 300 lines, functions of at most 40 (docstring aside)."""

import ast

import pytest

from tests.house.tree import Module, files, modules

MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 40
# Data, not code: rows of a table that somebody reads as a table.
DATA_TABLES = {
    "enforcement/simulator/names.py",
    "enforcement/simulator/texts.py",
    "tests/packets/sample.py",
    "tests/web_look/samples.py",
}


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = function.body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    docstring = (first.end_lineno or 0) - first.lineno + 1 if documented else 0
    return (function.end_lineno or 0) - function.lineno + 1 - docstring


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_this_one_is(module: Module) -> None:
    lines = len(module.text.splitlines())
    if module.name in DATA_TABLES:
        return
    assert lines <= MAX_FILE_LINES, f"{lines} lines"
    long = {
        node.name: _length(node)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _length(node) > MAX_FUNCTION_LINES
    }
    assert not long


def test_templates_and_scripts_are_short_too() -> None:
    long = [
        path.name
        for path in files(("templates", "static"), ".html", ".js")
        if len(path.read_text("utf-8").splitlines()) > 300
    ]
    assert not long
