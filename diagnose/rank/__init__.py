"""Lines to candidates, candidates to the one that tells, and how sure that is."""
