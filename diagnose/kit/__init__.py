"""Tools that know nothing of CI: guarded children, clocks, processes, files."""
