"""Pages, through Django's client."""
