"""What evidence weighs, in log-odds. Judgements, made from checks on real threads; no study was found that gives them, and none is fitted.

Published figures that bound the priors: of 375 failed jobs of Java projects on GitHub 12.8 % came of the environment, 2.7 % of the network
(replication data of "workflow_failure", zhengly1); 25 % of TELUS' failed jobs were flaky (arXiv 2501.04976); 32 % of the jobs that a
passing re-run labels as intermittent are labelled wrongly (arXiv 2507.04173), so that a pass proves no more than that it can pass.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from diagnose.model.words import Category, Verdict

PRIOR: Final[dict[Verdict, float]] = {
    "change": 0.0,
    "base": -0.7,
    "flaky": -1.4,
    "infrastructure": -1.5,
    "unknown": 0.7,
}
LEAST: Final = 0.6
"""Probability below which nobody is named."""

MARGIN: Final = 0.2
"""By how much the likeliest must lead."""

MOST: Final = 0.97
"""No comparison makes surer than that."""

SAME_ON_BASE: Final = 5.0
NOT_THE_CHANGE: Final = -4.0
"""Against the change, when the base shows the same failure."""

RED_UNREAD: Final = 2.0
"""The base fails the job too, but its log could not be compared: it may fail by something else."""

GREEN: Final = 2.0
GREEN_OTHERS: Final = 1.0
"""A green base also leaves what comes and goes, and machines, as they were."""

GREEN_AFTER: Final = -4.0
GREEN_BEFORE: Final = -2.0
SIBLINGS: Final = 3.0
ONE_SIBLING: Final = 1.0
NOT_BY_SIBLINGS: Final = -3.0
IN_THE_DIFF: Final = -3.0
"""Against the base, when the failure names what the change touched."""

TOUCHES: Final = 1.5
"""Weight from which a suspect names something that the change touched."""

MOVED: Final = 2.0
NAMED_MOVED: Final = 3.5
"""A version that moved, of a package that the failure itself names by more than a word."""

SAME_COMMIT: Final = 5.0
PASSED_BEFORE: Final = -3.0
"""Against change and base, when the same commit passed."""

REDS: Final = -4.0
KNOWN_FLAKY: Final = 3.5
FLAKY_WORDS: Final = 0.7
DETERMINISTIC: Final = -5.0
TEST_TOUCHED: Final = -2.0
MESSAGE: Final = 4.0
KIND: Final = 2.0
"""The failure is of a kind that machines and services bring about, by its category alone."""

STEP: Final = 2.0
NOT_IN_SETUP: Final = -3.0
"""Against the change, when the step that failed belongs to setting up."""

MANY_JOBS: Final = 3.0
ALWAYS_THIS: Final = -2.0

ALWAYS_SO: Final[tuple[Category, ...]] = ("compile", "type-check", "lint", "format")
"""Failures that code brings about each time: no words make one flaky."""

REAL: Final[tuple[Category, ...]] = ("test", *ALWAYS_SO)
"""Failures that are the code's or its tests': beside one of these nothing is laid at the machine's door."""
