"""What is said: the values that every room speaks of, with no behaviour beyond their invariants."""
