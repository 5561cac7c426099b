"""Registers the policies stage."""

from django.apps import AppConfig


class PoliciesConfig(AppConfig):
    """Terms of service as versions and clauses; reasons, approval rules, notice texts."""

    name = "enforcement.policies"
    label = "policies"
