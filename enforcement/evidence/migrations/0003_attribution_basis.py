"""Moderate and high confidence rest on exhibits: checked by the database at commit."""

from django.db import migrations

from enforcement.evidence.guards import ATTRIBUTION_RESTS_ON_EXHIBITS, ATTRIBUTION_RESTS_ON_EXHIBITS_BACK


class Migration(migrations.Migration):
    """Raw SQL: pgtrigger makes no constraint trigger on another stage's table."""

    dependencies = [("evidence", "0002_guards")]
    operations = [migrations.RunSQL(ATTRIBUTION_RESTS_ON_EXHIBITS, ATTRIBUTION_RESTS_ON_EXHIBITS_BACK)]
