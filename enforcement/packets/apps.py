"""Registers the packets stage."""

from django.apps import AppConfig


class PacketsConfig(AppConfig):
    """PDF packets, signing, the verifier."""

    name = "enforcement.packets"
    label = "packets"
