"""No bare `except`; a broad one only at a boundary that logs, or to clean up and raise again."""

import ast

import pytest

from tests.house.tree import Module, modules

BOUNDARIES = {"tasks.py", "middleware.py", "supervisor.py", "wake.py"}
BROAD = {"Exception", "BaseException"}


def _names(handler: ast.ExceptHandler) -> set[str]:
    if handler.type is None:
        return {"bare"}
    return {node.id for node in ast.walk(handler.type) if isinstance(node, ast.Name)}


def _raises_again(handler: ast.ExceptHandler) -> bool:
    return any(isinstance(node, ast.Raise) and node.exc is None for node in handler.body)


def _logs(handler: ast.ExceptHandler) -> bool:
    return any(isinstance(node, ast.Name) and node.id in {"log", "logger"} for node in ast.walk(handler))


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_here(module: Module) -> None:
    for handler in (node for node in ast.walk(module.tree) if isinstance(node, ast.ExceptHandler)):
        names = _names(handler)
        assert "bare" not in names, f"bare except in line {handler.lineno}"
        if names & BROAD and not _raises_again(handler):
            assert module.path.name in BOUNDARIES, f"broad except in line {handler.lineno}, and no boundary"
            assert _logs(handler), f"broad except in line {handler.lineno} does not log"
