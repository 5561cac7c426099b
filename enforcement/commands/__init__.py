"""Management commands, thin as views."""
