"""The tree as the house tests read it: our files, parsed once."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE = ("enforcement", "accounts", "tests", "benchmarks")
TEXT = (*CODE, "templates", "static", "docs")
STAGES = (
    "audit",
    "staff",
    "policies",
    "signals",
    "accounts",
    "alerts",
    "ingest",
    "cases",
    "evidence",
    "decisions",
    "actions",
    "packets",
    "reports",
    "pipeline",
)
EDGES = ("api", "web", "commands")


@dataclass(frozen=True)
class Module:
    """A Python file of ours: path from the root, text, syntax tree."""

    path: Path
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        """The path as text, with slashes."""
        return self.path.as_posix()


def stage_folder(stage: str) -> Path:
    """Where a stage lives: accounts beside the project, every other in it."""
    return ROOT / stage if stage == "accounts" else ROOT / "enforcement" / stage


def files(folders: tuple[str, ...], *suffixes: str) -> Iterator[Path]:
    """Files below `folders` with one of the suffixes, by path; caches and generated output aside."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix in suffixes and not {"__pycache__", "results"} & set(path.parts):
                yield path


@cache
def modules() -> tuple[Module, ...]:
    """Every Python file of ours but migrations."""
    found = []
    for path in [ROOT / "manage.py", *files(CODE, ".py")]:
        if "migrations" not in path.parts:
            text = path.read_text("utf-8")
            found.append(Module(path.relative_to(ROOT), text, ast.parse(text)))
    return tuple(found)


def product_modules() -> list[Module]:
    """Every Python file that runs in production."""
    return [module for module in modules() if module.path.parts[0] not in {"tests", "benchmarks"}]


def room(module: Module) -> str:
    """The room of a stage that a module belongs to: services for services.py and services/any.py."""
    parts = module.path.parts
    inner = parts[1:] if parts[0] == "accounts" else parts[2:]
    return inner[0].removesuffix(".py") if inner else ""
