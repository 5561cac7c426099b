"""The one error of this package: a sentence on what is wrong and what to do about it."""

from __future__ import annotations


class EmbeddedServerError(RuntimeError):
    """The servers could not be started, found or stopped.

    `str(error)` is one or two plain sentences for a terminal: what happened, and what to do. Nothing half made is left
    behind that would change what the next attempt does.
    """
