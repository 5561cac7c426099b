"""Registers the signals stage."""

from django.apps import AppConfig


class SignalsConfig(AppConfig):
    """Detectors and their tokens, blobs, segments, the archive."""

    name = "enforcement.signals"
    label = "signals"
