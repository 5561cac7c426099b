"""Tables and rules stand below requests and pages."""

import ast

import pytest

from tests.house.tree import STAGES, Module, product_modules, room

HTTP = (
    "django.http",
    "django.urls",
    "django.shortcuts",
    "django.template",
    "django.views",
    "rest_framework",
    "django_htmx",
)
BELOW = {"models", "states", "services", "selectors", "tasks"}


def _of_a_stage(module: Module) -> bool:
    parts = module.path.parts
    return parts[0] == "accounts" or (parts[0] == "enforcement" and len(parts) > 2 and parts[1] in STAGES)


ROOMS = [module for module in product_modules() if _of_a_stage(module) and room(module) in BELOW]


@pytest.mark.parametrize("module", ROOMS, ids=lambda module: module.name)
def test_here(module: Module) -> None:
    imported = {
        name
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
    }
    assert not [name for name in imported if name.startswith(HTTP)]
