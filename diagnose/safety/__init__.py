"""Redaction, and the gates: one for each way out."""
