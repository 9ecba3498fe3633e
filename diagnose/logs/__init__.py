"""Bytes to a Log: decoding, lines, dialects, steps."""
