"""What failed before and what helped: signatures, the pattern database, and the record that people read."""
