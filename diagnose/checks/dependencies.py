"""Whether a step that installs failed, and whether the lock knows all that the manifest asks for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from diagnose.checks.failing import failed_jobs, hits, quoted
from diagnose.checks.locks import LARGEST, PAIRS, compared
from diagnose.model.check import Check as Answer
from diagnose.model.text import joined, phrase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnose.case import Case
    from diagnose.checks.failing import Hit
    from diagnose.checks.locks import Gap
    from diagnose.model.text import Phrase

MOST_NAMED: Final = 8
MOST_STEPS: Final = 3
_INSTALLS: Final = re.compile(
    r"\b(?:npm (?:ci|i|install)|yarn(?: install)?$|pnpm (?:i|install)|pip3? (?:install|download)|poetry (?:install|lock)|uv (?:sync|pip|lock)|"
    r"pipenv|bundle(?: install|$)|gem install|composer (?:install|update)|cargo (?:fetch|install)|go (?:mod|get|install)|apt(?:-get)?|"
    r"brew|choco|conda|dotnet restore|before[_.]install|install(?:\.\d+)?|restore|dependenc(?:y|ies)|deps|bootstrap)\b",
    re.IGNORECASE,
)


class Dependencies:
    """Reads failed install steps, and compares manifests with the locks beside them."""

    name = "dependencies"
    requires: tuple[str, ...] = ("setup",)

    async def run(self, case: Case) -> Answer:
        """Say which installs failed and what the locks lack. Nothing here blocks: the log has the rest."""
        failed = _failed_installs(case)
        pairs = list(compared(_files(case)))
        gaps = [gap for gap in pairs if gap.names or gap.problem]
        if failed or gaps:
            said = [*_install_words(case, failed), *(_gap_words(case, gap) for gap in gaps)]
            remedy = failed[0].match.rule.remedy if failed and "{" not in failed[0].match.rule.remedy else ""
            evidence = tuple(quoted(case, hit) for hit in failed)
            fallback = "Write the lock anew with the package manager and commit it." if any(gap.names for gap in gaps) else ""
            return Answer(self.name, "failed", joined(said, "; "), evidence=evidence, remedy=remedy or fallback)
        if pairs:
            many = "1 lock knows" if len(pairs) == 1 else f"{len(pairs)} locks know"
            return Answer(self.name, "ok", phrase(f"{many} all that the manifests ask for"))
        return Answer(self.name, "skipped", phrase("no step that installs failed, and there is no manifest with a lock to compare"))


def _failed_installs(case: Case) -> list[Hit]:
    """For each failed step that installs, the first line that says why; MOST_STEPS of them at most."""
    found: list[Hit] = []
    for job in failed_jobs(case):
        steps: set[int] = set()
        for hit in hits(case, job):
            step, rule = hit.window.step, hit.match.rule
            if step is None or step.number in steps or rule.kind != "cause" or rule.category not in ("dependency", "network"):
                continue
            if _INSTALLS.search(step.name) and hit.match.line >= step.body:
                steps.add(step.number)
                found.append(hit)
    return found[:MOST_STEPS]


def _install_words(case: Case, failed: list[Hit]) -> Iterator[Phrase]:
    for hit in failed:
        name = hit.window.step.name if hit.window.step else ""
        yield phrase("an install failed in ", case.said(name).map(lambda text: text[:200]), ": ", case.said(hit.match.text.strip()).map(lambda text: text[:300]))


def _gap_words(case: Case, gap: Gap) -> Phrase:
    if gap.problem:
        return phrase(case.said(gap.manifest), " was not compared with ", case.said(gap.lock), f": {gap.problem}")
    names = joined([phrase(case.said(name)) for name in gap.names[:MOST_NAMED]], ", ")
    more = phrase(f" and {len(gap.names) - MOST_NAMED} more") if len(gap.names) > MOST_NAMED else phrase()
    return phrase(case.said(gap.lock), " lacks what ", case.said(gap.manifest), " asks for: ", names, more)


def _files(case: Case) -> dict[str, bytes]:
    """Manifests and locks by path: those that the source brought, else those at the root of the work tree."""
    if case.incident.files:
        return dict(case.incident.files)
    checkout = case.incident.checkout
    if checkout is None or checkout.root is None:
        return {}
    found: dict[str, bytes] = {}
    for manifest, locks in PAIRS:
        for name in (manifest, *locks):
            path = checkout.root / name
            try:
                if path.is_file() and not path.is_symlink() and path.stat().st_size <= LARGEST:
                    found[name] = path.read_bytes()
            except OSError:
                continue  # as good as not there: the pair is not compared
    return found


CHECK = Dependencies()
