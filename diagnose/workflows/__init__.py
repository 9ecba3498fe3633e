"""Workflow files read as data, and what in them lets a failure pass unseen."""
