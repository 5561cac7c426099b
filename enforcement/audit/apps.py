"""Registers the audit stage."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AuditConfig(AppConfig):
    """Append-only events, row history, and the seal over both."""

    name = "enforcement.audit"
    label = "audit"

    def ready(self) -> None:
        """Grants and definer rights follow every migration."""
        from enforcement.audit.hardening import harden

        post_migrate.connect(harden, sender=self, dispatch_uid="audit.harden")
