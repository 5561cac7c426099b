"""Registers the web stage."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Pages: parse, authorize, call one service or selector, render."""

    name = "enforcement.web"
    label = "web"
