"""Makes text of a Report: one file a format, found by name."""
