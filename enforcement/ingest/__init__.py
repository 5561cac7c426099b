"""Imports, formats, folding signals into tallies and sightings."""
