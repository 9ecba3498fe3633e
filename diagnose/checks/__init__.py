"""Phase 1: what stands before any reading of causes. One file a check; the registry finds every module that has a CHECK."""
