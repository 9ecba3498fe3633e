"""What is learnt without being told: which change turned a failing job green again."""
