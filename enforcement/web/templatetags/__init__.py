"""Tags and filters of the pages; templates load them all as ``dossier``."""
