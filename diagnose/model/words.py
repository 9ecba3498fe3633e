"""The closed vocabularies of the contract."""

from __future__ import annotations

from typing import Final, Literal, get_args

Category = Literal[
    "test",
    "compile",
    "type-check",
    "lint",
    "format",
    "dependency",
    "build-system",
    "configuration",
    "infrastructure",
    "network",
    "resource",
    "timeout",
    "permission",
    "vcs",
    "other",
]
CATEGORIES: Final[tuple[Category, ...]] = get_args(Category)

Status = Literal["failed", "passed", "undetermined"]
Verdict = Literal["change", "base", "flaky", "infrastructure", "unknown"]
Weighed = Literal[
    "",
    "diff-line",
    "diff-test",
    "diff-file",
    "diff-dependency",
    "diff-build",
    "diff-workflow",
    "base-green",
    "base-red",
    "merge-base-red",
    "siblings",
    "moved",
    "same-commit",
    "known-flaky",
    "flaky-words",
    "step",
    "message",
    "many-jobs",
]
Trigger = Literal["confidence", "fix_time", "infrastructure", "several_systems", "blocked", "agents"]
CheckStatus = Literal["ok", "failed", "skipped", "error"]
AgentStatus = Literal["ok", "error", "timeout", "skipped"]
Severity = Literal["error", "warning", "note"]
Basis = Literal["history", "rule", "category"]
Risk = Literal["low", "medium", "high"]
JobStatus = Literal[
    "success",
    "failure",
    "cancelled",
    "skipped",
    "timed_out",
    "neutral",
    "action_required",
    "startup_failure",
    "stale",
    "queued",
    "in_progress",
    "waiting",
    "unknown",
]
SaidBy = Literal["", "person", "green-run", "re-run", "record", "import"]
"""Who says what fixed a failure: nobody, a person, a run that turned green, a re-run, DISCOVERIES.md, an imported file."""

SilentKind = Literal[
    "no-tests-ran",
    "all-skipped",
    "tests-not-run",
    "tests-not-collected",
    "focused-tests",
    "xpassed",
    "flaky-retry",
    "swallowed-failure",
    "swallowed-timeout",
    "unhandled-exception",
    "never-awaited",
    "crash-ignored",
    "resource-leak",
    "assertion-not-checked",
    "coverage-empty",
    "upload-failed",
    "test-count-drop",
    "log-truncated",
    "empty-report",
]
SILENT_KINDS: Final[tuple[SilentKind, ...]] = get_args(SilentKind)
