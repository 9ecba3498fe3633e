"""JUnit XML, in the dialects of the tools that write it."""
