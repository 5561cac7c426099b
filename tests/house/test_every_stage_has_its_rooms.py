"""Every stage has the same rooms, so that a path can be guessed."""

import ast

import pytest

from tests.house.tree import STAGES, Module, product_modules, room, stage_folder

WITHOUT_TABLES = {"reports", "pipeline"}  # reads that span stages; tasks alone
WITHOUT_WRITES = {"reports", "pipeline"}
WITHOUT_READS = {"pipeline"}


def _has(stage: str, name: str) -> bool:
    folder = stage_folder(stage)
    return (folder / f"{name}.py").exists() or (folder / name / "__init__.py").exists()


@pytest.mark.parametrize("stage", STAGES)
def test_the_stage_has_models_services_and_selectors(stage: str) -> None:
    assert _has(stage, "models") is (stage not in WITHOUT_TABLES)
    assert _has(stage, "services") is (stage not in WITHOUT_WRITES)
    assert _has(stage, "selectors") is (stage not in WITHOUT_READS)
    assert _has(stage, "apps")


SPOKEN = [module for module in product_modules() if room(module) in {"services", "selectors"}]


def _public(module: Module) -> list[ast.FunctionDef]:
    return [node for node in module.tree.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]


@pytest.mark.parametrize("module", SPOKEN, ids=lambda module: module.name)
def test_public_functions_of_rooms_say_what_they_do_and_hint_their_types(module: Module) -> None:
    silent = [node.name for node in _public(module) if not ast.get_docstring(node) or node.returns is None]
    assert not silent


SELECTORS = [module for module in SPOKEN if module.path.name == "selectors.py"]


@pytest.mark.parametrize("module", SELECTORS, ids=lambda module: module.name)
def test_reads_begin_with_their_viewer(module: Module) -> None:
    reads = [node for node in _public(module) if node.name.startswith(("list_", "get_"))]
    assert all(node.args.args and node.args.args[0].arg == "viewer" for node in reads)
