"""No rooms for odds and ends, and units in the names of what is measured."""

import ast
import re

from django.apps import apps
from django.db import models

from tests.house.tree import CODE, ROOT, STAGES, files, product_modules

NOWHERE = re.compile(r"(^|_)(utils?|helpers?|common|misc|stuff)(_|$)")
MEASURED = re.compile(
    r"(^|_)(timeout|interval|age|lease|delay|period|duration|memory|quota|ttl|file_size)$", re.IGNORECASE
)
# Django's own settings, named by Django; and a limit that carries its unit in its value ("2GB").
GIVEN = {"CONN_MAX_AGE", "SESSION_COOKIE_AGE", "DUCKDB_MEMORY_LIMIT"}


def test_no_module_is_for_odds_and_ends() -> None:
    names = {path.relative_to(ROOT).as_posix() for path in files(CODE, ".py")}
    assert not [name for name in names if any(NOWHERE.search(part.removesuffix(".py")) for part in name.split("/"))]


def test_fields_that_measure_name_their_unit() -> None:
    ours = [config for config in apps.get_app_configs() if config.label in STAGES]
    numbers = (models.IntegerField, models.FloatField, models.DecimalField)
    assert not [
        f"{model.__name__}.{field.name}"
        for config in ours
        for model in config.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, numbers) and MEASURED.search(field.name)
    ]


def test_constants_that_measure_name_their_unit() -> None:
    unnamed = []
    for module in product_modules():
        for node in module.tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant | ast.BinOp):
                unnamed += [
                    f"{module.name}: {target.id}"
                    for target in node.targets
                    if isinstance(target, ast.Name) and MEASURED.search(target.id) and target.id not in GIVEN
                ]
    assert not unnamed
