"""Carrying decisions out: connectors, deliveries, targets, notices."""
