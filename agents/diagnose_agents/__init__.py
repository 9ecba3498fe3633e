"""The agents of phase 2: one file each, found by the entry point group `ci_diagnose.agents`."""
