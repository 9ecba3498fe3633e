"""Whose a failure is: one file a kind of evidence, the weights, the tally that decides, and what is vetoed."""
