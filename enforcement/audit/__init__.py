"""Append-only events, row history, and the seal over both."""
