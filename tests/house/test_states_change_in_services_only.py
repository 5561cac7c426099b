"""A state is changed nowhere but in its stage's services: no page, command, task or selector assigns one."""

import ast

import pytest

from tests.house.tree import Module, product_modules

# Claiming and finishing a job is one function for every stage.
JOBS = "enforcement/audit/jobs.py"
NO_ROOM = {"models", "states", "selectors", "tasks", "admin", "views", "forms"}
EDGES = {"api", "web", "commands", "reports", "pipeline"}


def _changes(tree: ast.Module) -> list[int]:
    """Lines that assign `.state` of something, or update rows with `state=`."""
    lines = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            lines += [
                node.lineno for target in node.targets if isinstance(target, ast.Attribute) and target.attr == "state"
            ]
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in {"update", "bulk_update"}
        ):
            lines += [node.lineno for keyword in node.keywords if keyword.arg == "state"]
    return lines


@pytest.mark.parametrize("module", product_modules(), ids=lambda module: module.name)
def test_here(module: Module) -> None:
    parts = {part.removesuffix(".py") for part in module.path.parts}
    if module.name != JOBS and parts & (NO_ROOM | EDGES):
        assert not _changes(module.tree)
