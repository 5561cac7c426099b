"""Items, extracts from the archive, custody."""
