"""Test reports inside the artifacts of runs that failed: JUnit XML in zip files, taken only when small and named like what they are.

One request lists a failed run's artifacts, since nothing else tells whether it has any; one more for each that is taken. GitHub gives
artifacts to nobody without a token, so without one nothing is asked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Final

import anyio.to_thread

from diagnose.kit.regex import regex
from diagnose.model.incident import JunitReport, LogFile, Missing
from diagnose.model.text import Untrusted, phrase
from diagnose.safety.archives import Limits, read_log_archive
from diagnose.sources.github.lists import whole_list
from diagnose.sources.github.replies import Artifacts
from diagnose.sources.github.session import together
from diagnose.sources.github.trouble import Trouble
from diagnose.sources.junit.report import read_report

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from diagnose.model.incident import Job
    from diagnose.safety.archives import Member
    from diagnose.sources.github.replies import Artifact
    from diagnose.sources.github.session import Session

MOST_RUNS: Final = 3
MOST_PAGES: Final = 3
MOST_TAKEN: Final = 5
MOST_BYTES: Final = 20 << 20
MOST_FILES: Final = 200
RESERVE: Final = 20
"""Requests that are left to the rest of the diagnosis: reports are asked for only beyond them."""

CAPS: Final = Limits(archive_bytes=MOST_BYTES, whole_bytes=100 << 20, member_bytes=MOST_BYTES, members=5_000)
_TELLING: Final = regex(
    r"(?i)junit|[xn]unit|surefire|failsafe|nextest|gtest|ctest|pytest|rspec|(?<![a-z])tests?[-_. ]*(?:results?|reports?|xml|output)|(?:results?|reports?)[-_. ]*(?:of[-_. ]*)?(?:unit|e2e|integration)?[-_. ]*tests?(?![a-z])"
)
_HEAD: Final = 8_192
_ROOT: Final = regex(rb"<(?:[\w.-]{1,40}:)?testsuites?[\s>/]")
_UNFIT: Final = regex(r"[^A-Za-z0-9 ._()+,=/-]+")
_NAME_LENGTH: Final = 120


@dataclass(frozen=True, slots=True)
class _Chosen:
    """An artifact that is taken, of this run."""

    run: str
    artifact: Artifact


async def find_reports(session: Session, failed: Sequence[Job]) -> tuple[JunitReport | Missing, ...]:
    """Return the JUnit reports in the artifacts of the failed jobs' runs, and what of them could not be had."""
    client = session.client
    if client.token is None or client.budget - client.used <= RESERVE:
        return ()
    runs = list(dict.fromkeys(job.run_id for job in failed))[:MOST_RUNS]
    listed = await together([partial(_listed, session, run, failed) for run in runs])
    out: list[JunitReport | Missing] = [each for each in listed if isinstance(each, Missing)]
    chosen = [
        _Chosen(run, artifact)
        for run, each in zip(runs, listed, strict=True)
        if not isinstance(each, Missing)
        for artifact in each
    ]
    taken = chosen[: max(0, min(MOST_TAKEN, client.budget - client.used - RESERVE))]
    if len(chosen) > len(taken):
        out.append(_passed_over(len(taken), len(chosen)))
    for found in await together([partial(_taken, session, each) for each in taken]):
        out.extend(found)
    return tuple(_distinct(out))


async def _listed(session: Session, run: str, failed: Sequence[Job]) -> list[Artifact] | Missing:
    """Choose among a run's artifacts: named like test results, not expired, not of an earlier attempt; the newest of each name."""
    found = await whole_list(
        session, f"/actions/runs/{run}/artifacts", Artifacts, lambda page: page.artifacts, most=MOST_PAGES
    )
    noun = phrase(f"the test reports of run {run}")
    if found.trouble is not None:
        if not found.items:
            return session.missing(found.trouble, noun, "runs")
        session.lose(found.trouble, phrase("some of ") + noun, "runs")
    began = min((job.started_at for job in failed if job.run_id == run and job.started_at is not None), default=None)
    newest: dict[str, Artifact] = {}
    for each in sorted(found.items, key=lambda artifact: artifact.id):
        stale = began is not None and each.created_at is not None and each.created_at < began
        if _TELLING.search(each.name) and not each.expired and not stale:
            newest[each.name] = each
    return list(newest.values())


async def _taken(session: Session, chosen: _Chosen) -> list[JunitReport | Missing]:
    artifact = chosen.artifact
    noun = phrase('the test reports in artifact "', Untrusted(artifact.name), '"')
    if artifact.size_in_bytes > MOST_BYTES:
        return [
            Missing(
                noun,
                "too-large",
                phrase(f"it has more than {MOST_BYTES >> 20} MB."),
                f"gh run download {chosen.run}    then --junit FILE",
            )
        ]
    path = session.spool / f"artifact-{artifact.id}.zip"
    size = await session.client.download(session.at(f"/actions/artifacts/{artifact.id}/zip"), path, most=MOST_BYTES)
    if isinstance(size, Trouble):
        return [session.missing(size, noun, "runs")]
    found = await anyio.to_thread.run_sync(_unpacked, session.spool, path, chosen)
    return [replace(each, what=noun) if isinstance(each, Missing) else each for each in found]


def _unpacked(spool: Path, path: Path, chosen: _Chosen) -> list[JunitReport | Missing]:
    """Read the reports of one archive; members that are no JUnit XML are of no concern."""
    archive = read_log_archive(path, limits=CAPS)
    if isinstance(archive, Missing):
        return [archive]
    members = [
        member
        for member in archive.members
        if member.name.lower().endswith(".xml") and not member.name.startswith("__MACOSX/")
    ]
    out: list[JunitReport | Missing] = []
    for place, member in enumerate(members[:MOST_FILES]):
        target = spool / f"artifact-{chosen.artifact.id}-{place}.xml"
        problem = _copied(member, target)
        if problem is not None:
            out.append(problem)
            break  # an archive with one false member is not to be trusted with the next
        if _looks_like_junit(target):
            name = f"{_UNFIT.sub('_', f'{chosen.artifact.name}/{member.name}')[-_NAME_LENGTH:]} [{chosen.artifact.id}]"
            found = read_report(LogFile(name, target), chosen.run)
            if isinstance(found, JunitReport):
                out.append(found)
    if len(members) > MOST_FILES:
        out.append(
            Missing(
                phrase(""), "too-large", phrase(f"only the first {MOST_FILES} of {len(members)} XML files are read.")
            )
        )
    return out


def _copied(member: Member, target: Path) -> Missing | None:
    with target.open("wb") as file:
        done = member.copy_to(file)
    return done if isinstance(done, Missing) else None


def _looks_like_junit(path: Path) -> bool:
    with path.open("rb") as file:
        return _ROOT.search(file.read(_HEAD)) is not None


def _passed_over(taken: int, chosen: int) -> Missing:
    return Missing(
        phrase("the test reports"),
        "too-large",
        phrase(f"only {taken} of {chosen} artifacts that look like test results are read."),
        "gh run download RUN    then --junit FILE",
    )


def _distinct(found: Sequence[JunitReport | Missing]) -> list[JunitReport | Missing]:
    """Drop reports whose file is the same byte for byte (an artifact beside the one that merges all), and make names unique."""
    out: list[JunitReport | Missing] = []
    seen: set[bytes] = set()
    names: set[str] = set()
    for each in found:
        if isinstance(each, Missing):
            out.append(each)
            continue
        digest = sha256(each.file.path.read_bytes()).digest()
        if digest in seen:
            continue
        seen.add(digest)
        name = each.name if each.name not in names else f"{each.name} ({len(out) + 1})"
        names.add(name)
        out.append(replace(each, name=name, file=LogFile(name, each.file.path)))
    return out
