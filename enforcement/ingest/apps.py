"""Registers the ingest stage."""

from django.apps import AppConfig


class IngestConfig(AppConfig):
    """Imports, formats, folding signals into tallies and sightings."""

    name = "enforcement.ingest"
    label = "ingest"
