"""Detectors and their tokens, blobs, segments, the archive."""
