"""Reasons, approval rules and notice texts that every installation begins with."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from enforcement.policies.defaults import APPROVAL_RULES, NOTICE_TEXTS, REASONS


def add_defaults(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Insert what is missing; rows that are there stay as they are."""
    reason = apps.get_model("policies", "Reason")
    for use, rows in REASONS.items():
        for code, label in rows:
            reason.objects.get_or_create(use=use, code=code, defaults={"label": label})
    rule = apps.get_model("policies", "ApprovalRule")
    for name, role, approvers, targets_at_least, lapses_after_hours in APPROVAL_RULES:
        rule.objects.get_or_create(
            name=name,
            defaults={
                "role": role,
                "approvers": approvers,
                "targets_at_least": targets_at_least,
                "lapses_after_hours": lapses_after_hours,
            },
        )
    notice = apps.get_model("policies", "NoticeText")
    for kind, (subject, body) in NOTICE_TEXTS.items():
        notice.objects.get_or_create(action_kind=kind, version=1, defaults={"subject": subject, "body": body})


class Migration(migrations.Migration):
    """Data alone."""

    dependencies = [("policies", "0001_initial")]
    operations = [migrations.RunPython(add_defaults, migrations.RunPython.noop)]
