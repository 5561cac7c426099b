"""No `print`, no naive datetimes. ruff looks as well; this holds where a `noqa` would silence it."""

import ast

import pytest

from tests.house.tree import Module, product_modules

NAIVE = ("datetime.utcnow", "datetime.utcfromtimestamp", "date.today")


@pytest.mark.parametrize("module", product_modules(), ids=lambda module: module.name)
def test_here(module: Module) -> None:
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        assert called not in {"print", "breakpoint"}, f"line {node.lineno}"
        assert not called.endswith(("datetime.utcnow", "datetime.utcfromtimestamp", "date.today")), (
            f"line {node.lineno}"
        )
        if called in {"datetime.now", "datetime.datetime.now"}:
            assert node.args or node.keywords, f"line {node.lineno}"
