"""Registers the accounts stage."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Who is enforced against: organizations, accounts, sightings, clusters."""

    name = "accounts"
    label = "accounts"
