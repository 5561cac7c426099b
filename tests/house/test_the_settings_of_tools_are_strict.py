"""The linters look as widely as the house rules say."""

import tomllib

from tests.house.tree import ROOT

TOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]


def test_ruff_looks_for_prints_naive_times_and_broad_excepts() -> None:
    assert {"T20", "DTZ", "BLE", "D", "S", "ERA", "C90", "PL"} <= set(TOOLS["ruff"]["lint"]["select"])


def test_mypy_is_strict_with_the_stubs_of_django_and_drf() -> None:
    assert TOOLS["mypy"]["strict"] is True
    assert TOOLS["mypy"]["plugins"] == ["mypy_django_plugin.main", "mypy_drf_plugin.main"]
    assert "ignore_errors" not in TOOLS["mypy"]


def test_make_check_runs_every_one() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    check = makefile.split("\ncheck:", 1)[1].split("\n\n", 1)[0]
    for tool in ("ruff check", "ruff format --check", "mypy", "lint-imports", "djade", "makemigrations --check"):
        assert tool in check
