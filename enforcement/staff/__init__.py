"""People, roles, and the one permission matrix."""
