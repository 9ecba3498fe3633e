"""What the CI system's own messages say of whose a failure is, and whether running again may help; by the rule that knows the message."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from diagnose.safety.plain import plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from diagnose.model.check import Check
    from diagnose.model.words import Verdict
    from diagnose.scan.rule import Rule


@dataclass(frozen=True, slots=True)
class Said:
    """A message of the CI system. verdict: "unknown" where the diff decides. again: running again may help. why: in words, for both."""

    verdict: Verdict
    why: str
    again: bool = False


_OWNER: Final = "the account's owner acts; running again does not help"
SAID: Final[dict[str, Said]] = {
    # sources: each rule's own `why`; nodejs/admin#980, awalsh128/cache-apt-pkgs-action#142, actions/runner 258d6c8, actions/runner#4305
    "github-actions/billing": Said("infrastructure", f"the account cannot start jobs: {_OWNER}"),
    "github-actions/artifact-quota": Said("infrastructure", f"the storage of the account is full: {_OWNER}"),
    "github-actions/brownout": Said("infrastructure", "the runner image is being retired, for everybody"),
    "github-actions/deprecated-action": Said(
        "base", "a retired version is refused for everybody, whatever a change holds"
    ),
    "github-actions/lost-runner": Said(
        "infrastructure", "the runner was lost; where memory or disk ran out, the job's own work may be why", again=True
    ),
    "github-actions/shutdown": Said(
        "infrastructure", "the runner was shut down; where memory ran out, the job's own work may be why", again=True
    ),
    "github-actions/superseded": Said("infrastructure", "a newer run replaced this one: look at that"),
    "github-actions/disk-soon": Said("infrastructure", "the disk is nearly full: the same work fills it again"),
    "github-actions/action-not-found": Said(
        "unknown", "an action or its version does not exist: the workflow names it"
    ),
    "github-actions/local-action": Said("unknown", "a local action is not where the workflow looks for it"),
    "github-actions/workflow-invalid": Said("unknown", "the workflow file is invalid, or GitHub Actions was disturbed"),
    "github-actions/token-permission": Said(
        "unknown", "the token lacks a right; one of a fork's pull request is read-only whatever the workflow says"
    ),
    "github-actions/input-missing": Said(
        "unknown", "an input is empty: a secret that a fork does not get, or a wrong name"
    ),
    "github-actions/python-version": Said("unknown", "the version that is asked for does not exist on this image"),
    "github-actions/node-version": Said("unknown", "the version that is asked for does not exist"),
    "github-actions/java-version": Said("unknown", "the version that is asked for does not exist"),
    "github-actions/job-timeout": Said("unknown", "a time limit says nothing of what did not end"),
    "github-actions/step-timeout": Said("unknown", "a time limit says nothing of what did not end"),
}


def said_by(blocks: Sequence[Check], rules: Mapping[str, Rule]) -> Said | None:
    """Find what a blocking check quotes among the messages that are known; None when it is none of them."""
    for quote in (plain(piece.text) for check in blocks for piece in check.evidence):
        found = known_in(quote, rules)
        if found is not None:
            return found
    return None


def known_in(text: str, rules: Mapping[str, Rule]) -> Said | None:
    """Find the message in a line of a log or of an annotation."""
    for name, said in SAID.items():
        rule = rules.get(name)
        if rule is not None and any(literal in text for literal in rule.literals) and _matches(rule, text):
            return said
    return None


def _matches(rule: Rule, text: str) -> bool:
    """Whether a line matches; an annotation has the message without the mark that stands before it in a log."""
    return any(
        re.search(rule.expression, each)
        for line in text.splitlines()[:20]
        for each in (line, f"##[error]{line}", f"Error: {line}")
    )
