"""The look: badges, numbers, addresses, pictures, templates and tokens."""
