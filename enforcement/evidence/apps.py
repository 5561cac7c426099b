"""Registers the evidence stage."""

from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    """Items, extracts from the archive, custody."""

    name = "enforcement.evidence"
    label = "evidence"
