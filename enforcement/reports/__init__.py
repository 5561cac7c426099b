"""Reads that span stages."""
