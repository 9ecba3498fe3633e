"""Phase 3: findings to a report."""
