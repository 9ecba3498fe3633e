"""Whether a step that installs failed, and whether the lock knows all that the manifest asks for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from diagnose.checks.failing import failed_jobs, hits, quoted
from diagnose.drift.pairs import is_wanted
from diagnose.drift.tree import manifests_of
from diagnose.kit.regex import regex
from diagnose.model.check import Check as Answer
from diagnose.model.text import joined, phrase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnose.case import Case
    from diagnose.checks.failing import Hit
    from diagnose.drift.gaps import Gap, Unjudged
    from diagnose.model.text import Phrase

MOST_NAMED: Final = 8
MOST_STEPS: Final = 3
_INSTALLS: Final = regex(
    r"\b(?:npm (?:ci|i|install)|yarn(?: install)?$|pnpm (?:i|install)|pip3? (?:install|download)|poetry (?:install|lock)|uv (?:sync|pip|lock)|"
    r"pipenv|bundle(?: install|$)|gem install|composer (?:install|update)|cargo (?:fetch|install)|go (?:mod|get|install)|apt(?:-get)?|"
    r"brew|choco|conda|mamba|dotnet restore|bun (?:i|install)|pdm (?:install|sync)|apk add|dnf|yum|swift package resolve|(?:flutter|dart) pub get|before[_.]install|install(?:\.\d+)?|restore|dependenc(?:y|ies)|deps|bootstrap)\b",
    re.IGNORECASE,
)


class Dependencies:
    """Reads failed install steps, and compares manifests with the locks beside them."""

    name = "dependencies"
    requires: tuple[str, ...] = ("setup",)

    async def run(self, case: Case) -> Answer:
        """Say which installs failed and what the locks lack. Nothing here blocks: the log has the rest."""
        failed, files = _failed_installs(case), _files(case)
        pairs, others = _compared(files)
        gaps = [gap for gap in pairs if gap.names or gap.others or gap.problem]
        left_out = list(_unjudged_words(case, others))
        if failed or gaps:
            said = [
                *_install_words(case, failed),
                *(words for gap in gaps for words in _gap_words(case, gap)),
                *left_out,
            ]
            remedy = failed[0].match.rule.remedy if failed and "{" not in failed[0].match.rule.remedy else ""
            evidence = tuple(quoted(case, hit) for hit in failed)
            fallback = (
                "Write the lock anew with the package manager and commit it."
                if any(gap.names or gap.others for gap in gaps)
                else ""
            )
            return Answer(self.name, "failed", joined(said, "; "), evidence=evidence, remedy=remedy or fallback)
        if pairs:
            many = "1 lock knows" if len(pairs) == 1 else f"{len(pairs)} locks know"
            return Answer(self.name, "ok", joined([phrase(f"{many} all that the manifests ask for"), *left_out], "; "))
        nothing = phrase("no step that installs failed, and there is no manifest with a lock to compare")
        return Answer(self.name, "skipped", joined([nothing, *left_out], "; "))


def _compared(files: dict[str, bytes]) -> tuple[list[Gap], list[Unjudged]]:
    if not files:
        return [], []
    from diagnose.drift.gaps import compared, unjudged  # a log alone brings no file to read

    return list(compared(files)), list(unjudged(files))


def _failed_installs(case: Case) -> list[Hit]:
    """For each failed step that installs, the first line that says why; MOST_STEPS of them at most."""
    found: list[Hit] = []
    for job in failed_jobs(case):
        steps: set[int] = set()
        for hit in hits(case, job):
            step, rule = hit.window.step, hit.match.rule
            if (
                step is None
                or step.number in steps
                or rule.kind != "cause"
                or rule.category not in ("dependency", "network")
            ):
                continue
            if _INSTALLS.search(step.name) and hit.match.line >= step.body:
                steps.add(step.number)
                found.append(hit)
    return found[:MOST_STEPS]


def _install_words(case: Case, failed: list[Hit]) -> Iterator[Phrase]:
    for hit in failed:
        name = hit.window.step.name if hit.window.step else ""
        yield phrase(
            "an install failed in ",
            case.said(name).map(lambda text: text[:200]),
            ": ",
            case.said(hit.match.text.strip()).map(lambda text: text[:300]),
        )


def _gap_words(case: Case, gap: Gap) -> Iterator[Phrase]:
    if gap.problem:
        yield phrase(case.said(gap.manifest), " was not compared with ", case.said(gap.lock), f": {gap.problem}")
    if gap.names:
        names = _listed([phrase(case.said(name)) for name in gap.names[:MOST_NAMED]], len(gap.names))
        yield phrase(case.said(gap.lock), " lacks what ", case.said(gap.manifest), " asks for: ", names)
    if gap.others:
        told = [
            phrase(case.said(one.name), " ", case.said(one.locked), " for ", case.said(one.asked))
            for one in gap.others[:MOST_NAMED]
        ]
        yield phrase(
            case.said(gap.lock),
            " holds other versions than ",
            case.said(gap.manifest),
            " asks for: ",
            _listed(told, len(gap.others)),
        )


def _listed(told: list[Phrase], many: int) -> Phrase:
    return phrase(joined(told, ", "), f" and {many - len(told)} more" if many > len(told) else "")


def _unjudged_words(case: Case, others: list[Unjudged]) -> Iterator[Phrase]:
    """Say once for each reason which manifests were compared with nothing."""
    for reason in dict.fromkeys(one.reason for one in others):
        paths = [phrase(case.said(one.manifest)) for one in others if one.reason == reason]
        were = "was" if len(paths) == 1 else "were"
        yield phrase(_listed(paths[:MOST_NAMED], len(paths)), f" {were} not compared: {reason}")


def _files(case: Case) -> dict[str, bytes]:
    """Manifests and locks by path: those that the source brought, else those of the work tree."""
    if case.incident.files:
        return dict(case.incident.files)
    checkout = case.incident.checkout
    return {} if checkout is None or checkout.root is None else manifests_of(checkout.root, is_wanted)


CHECK = Dependencies()
