"""Facts from GitHub's API."""
