"""Registers the api stage."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """REST: parse, authorize, call one service or selector, render."""

    name = "enforcement.api"
    label = "api"
