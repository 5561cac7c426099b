"""Forms of the pages: what people type, before a service looks at it."""
