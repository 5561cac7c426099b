"""The migrations make the tables that the models describe, triggers included."""

import io

import pytest
from django.core.management import call_command

from enforcement.audit.protections import missing_protections

pytestmark = pytest.mark.django_db


def test_no_change_of_a_model_lacks_its_migration() -> None:
    said = io.StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=said, stderr=said)
    except SystemExit:
        pytest.fail(said.getvalue()[:2000])


def test_every_trigger_of_a_model_is_in_the_database() -> None:
    assert missing_protections() == []
