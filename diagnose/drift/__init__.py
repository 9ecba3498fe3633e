"""What was resolved now and was not in the last green run: versions that logs and lock files name, and how two of them differ."""
