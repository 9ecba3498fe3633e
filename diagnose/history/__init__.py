"""What the memory of failures comes to: figures against their targets, and one page to browse it."""
