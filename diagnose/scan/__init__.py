"""Rules to a compiled database, a log to hits, hits to blocks."""
