"""Registers the commands stage."""

from django.apps import AppConfig


class CommandsConfig(AppConfig):
    """Management commands, thin as views."""

    name = "enforcement.commands"
    label = "commands"
