"""Fixtures shared with the tests of signals."""

from tests.sources import meter, storage, watch

__all__ = ["meter", "storage", "watch"]
