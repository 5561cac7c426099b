"""Registers the staff stage."""

from django.apps import AppConfig


class StaffConfig(AppConfig):
    """People, roles, and the one permission matrix."""

    name = "enforcement.staff"
    label = "staff"

    def ready(self) -> None:
        """The audit stage stands below the matrix; it is handed the one check that it needs."""
        from enforcement.audit.selectors import authorize_with
        from enforcement.staff.matrix import Permission, require

        authorize_with(everything=lambda viewer: require(viewer, Permission.AUDIT_VIEW))
