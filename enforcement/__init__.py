"""Dossier: a terms-of-service enforcement case manager."""
