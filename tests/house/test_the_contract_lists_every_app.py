"""import-linter cannot be exhaustive over two roots; this is: folders, settings and contract name the same apps."""

import tomllib

from django.conf import settings

from tests.house.tree import EDGES, ROOT, STAGES

PLAIN = {"embedded", "simulator"}  # packages that import nothing of ours, and have contracts of their own


def _contracts() -> list[dict[str, object]]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]


def _layers() -> list[set[str]]:
    (contract,) = (contract for contract in _contracts() if contract["type"] == "layers")
    return [{name.strip() for name in line.split("|")} for line in reversed(contract["layers"])]  # type: ignore[call-overload]


def test_the_layers_are_in_the_order_of_the_journey() -> None:
    named = [f"enforcement.{stage}" if stage != "accounts" else stage for stage in STAGES]
    assert _layers() == [*({name} for name in named), {f"enforcement.{edge}" for edge in EDGES}]


def test_every_folder_is_a_stage_an_edge_or_plain() -> None:
    folders = {path.parent.name for path in (ROOT / "enforcement").glob("*/__init__.py")}
    assert folders == (set(STAGES) | set(EDGES) | PLAIN) - {"accounts"}
    assert (ROOT / "accounts/__init__.py").exists()


def test_every_installed_app_of_ours_is_in_the_contract() -> None:
    ours = {app for app in settings.INSTALLED_APPS if app.startswith("enforcement.") or app == "accounts"}
    assert ours == set().union(*_layers())


def test_what_imports_nothing_of_ours_is_forbidden_every_app() -> None:
    apps = set().union(*_layers())
    for contract in _contracts():
        if contract["id"] in {"servers", "simulator"}:
            assert apps <= set(contract["forbidden_modules"])  # type: ignore[call-overload]
    assert {contract["id"] for contract in _contracts()} >= {"stages", "servers", "simulator", "linking"}
