"""Whose it is, as far as the diff says: what the change touched against what the failure names."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final, NamedTuple

from diagnose.kit.regex import regex
from diagnose.model.finding import SuspectFinding
from diagnose.model.incident import Missing
from diagnose.model.text import phrase
from diagnose.rank.causes import causes_of
from diagnose.rank.outcome import outcome_of
from diagnose_agents._paths import Changed, Named, in_hunk, is_foreign, lines_away, plain, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from diagnose.case import Case
    from diagnose.model.finding import Finding
    from diagnose.model.incident import ChangedFile
    from diagnose.model.text import Phrase
    from diagnose.model.words import Category, Weighed
    from diagnose.rank.causes import CauseGroup, Failed
    from diagnose.rank.reading import Reading

CANDIDATES: Final = 3
LINES: Final = 40
MOST_NAMED: Final = 200
MOST_CHARACTERS: Final = 200
# Log-odds for "the change did it": judgements, none fitted; weighed with all else in diagnose.synthesis.whose.
LINE: Final = 3.0
TEST: Final = 2.5
KIND: Final = 3.0
NEAR: Final = 2.0
FILE: Final = 1.5
NEAR_LINES: Final = 10
UNTOUCHED: Final = -1.0
_BAD: Final = ("failure", "timed_out", "cancelled", "startup_failure")
_MANIFEST: Final = regex(
    r"^(?:package\.json|package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|pnpm-workspace\.yaml|bun\.lockb?|\.npmrc|"
    r"pyproject\.toml|uv\.lock|poetry\.lock|pdm\.lock|Pipfile(?:\.lock)?|setup\.(?:py|cfg)|[\w.-]*requirements[\w.-]*\.(?:txt|in)|constraints[\w.-]*\.txt|"
    r"environment\.ya?ml|Cargo\.(?:toml|lock)|rust-toolchain(?:\.toml)?|go\.(?:mod|sum|work)|Gemfile(?:\.lock)?|[\w.-]+\.gemspec|composer\.(?:json|lock)|"
    r"pom\.xml|build\.gradle(?:\.kts)?|libs\.versions\.toml|gradle\.lockfile|[\w.-]+\.(?:cs|fs|vb)proj|packages\.lock\.json|Directory\.Packages\.props|"
    r"mix\.(?:exs|lock)|pubspec\.(?:yaml|lock)|Package\.(?:swift|resolved)|Podfile(?:\.lock)?|flake\.(?:nix|lock)|conanfile\.(?:txt|py)|vcpkg\.json)$"
)
_BUILD: Final = regex(
    r"^(?:Makefile|GNUmakefile|[\w.-]+\.mk|CMakeLists\.txt|[\w.-]+\.cmake|configure(?:\.ac)?|meson\.build|BUILD(?:\.bazel)?|WORKSPACE|MODULE\.bazel|"
    r"Dockerfile[\w.-]*|Rakefile|tox\.ini|noxfile\.py|tsconfig[\w.-]*\.json|webpack\.[\w.-]+|vite\.config\.\w+|build\.gradle(?:\.kts)?|settings\.gradle(?:\.kts)?|"
    r"pom\.xml|build\.(?:rs|zig|sbt|xml)|setup\.(?:py|cfg)|pyproject\.toml|package\.json|Cargo\.toml)$"
)
_WORKFLOW: Final = regex(
    r"^(?:\.github/(?:workflows|actions)/.+|action\.ya?ml|\.gitlab-ci\.yml|\.travis\.yml|\.circleci/.+|azure-pipelines[\w.-]*\.yml|Jenkinsfile|appveyor\.yml)$"
)


class _Touch(NamedTuple):
    """What of the change a failure names: the heaviest only is said."""

    weight: float
    reason: Phrase
    control: Weighed = ""


class ChangeSuspect:
    """Compares the first candidates of every failed job with the change under test."""

    name = "change_suspect"
    cheap = False

    async def examine(self, case: Case) -> Sequence[Finding]:
        """Say for each candidate how it relates to the change; nothing where the change is not known or nothing is named."""
        change = case.incident.change
        if change is None or isinstance(change, Missing) or not change.files:
            return []
        changed = Changed(change)
        found: list[Finding] = []
        for job, reading in enumerate(case.readings):
            if reading is None or not _failed(case, job, reading):
                continue
            for group in causes_of(reading)[:CANDIDATES]:
                evidence = (case.quote(reading.log, group.lead.line, group.lead.line),)
                found.extend(
                    SuspectFinding(evidence, "change", *touch) for touch in _relations(case, changed, reading, group)
                )
        return found


def _failed(case: Case, job: int, reading: Reading) -> bool:
    status = case.incident.jobs[job].status
    return status in _BAD or (status == "unknown" and outcome_of(reading).status == "failed")


def _relations(case: Case, changed: Changed, reading: Reading, group: CauseGroup) -> Iterator[_Touch]:
    placed = _placed(group)
    named = [*placed, *_mentioned(reading, group)]
    touched = [touch for touch in (_of_path(case, changed, each) for each in named) if touch]
    touched += [
        touch for touch in (_of_test(case, changed, test) for test in list(group.tests.values())[:MOST_NAMED]) if touch
    ]
    if touched:
        yield max(touched, key=lambda touch: touch.weight)
    kind = (
        _of_kind(case, changed, group.category)
        or _of_package(case, changed, reading, group)
        or _of_step(case, changed, group)
    )
    if kind:
        yield kind
    if not touched and not kind:
        yield from _untouched(case, changed, group.category, placed)


def _placed(group: CauseGroup) -> list[Named]:
    """List the places in the repository that rules captured, and the files of the failed tests. No place twice."""
    places = [(place.file, place.line) for place in list(group.places)[:MOST_NAMED]]
    places += [(test.file, test.line) for test in list(group.tests.values())[:MOST_NAMED]]
    found = (Named(plain(file), line) for file, line in places)
    return list(dict.fromkeys(each for each in found if each.path and not is_foreign(each.path)))


def _mentioned(reading: Reading, group: CauseGroup) -> list[Named]:
    """List what looks like a path of the repository on the lines of the candidate's block."""
    extent = group.lead.extent
    lines = reading.log.lines(extent.first, min(extent.last, extent.first + LINES))
    telling = reading.log.lines(extent.line, extent.line)
    return list(dict.fromkeys(tokens(line.text for line in [*telling, *lines])))


def _of_path(case: Case, changed: Changed, named: Named) -> _Touch | None:
    file = changed.file_of(named.path)
    if file is None:
        return None
    name = case.said(file.path)
    if in_hunk(file, named.line):
        return _Touch(
            LINE, phrase("the change edits ", name, f" at line {named.line}, which this failure names"), "diff-line"
        )
    if file.status == "removed":
        return _Touch(FILE, phrase("the change removes ", name, ", which this failure names"), "diff-file")
    if file.status == "renamed":
        return _Touch(FILE, phrase("the change renames ", name, ", which this failure names"), "diff-file")
    away = lines_away(file, named.line)
    if away is None:
        return _Touch(FILE, phrase("the change edits ", name, ", which this failure names"), "diff-file")
    how = f", {away} line{'s' * (away != 1)} from line {named.line}, which this failure names"
    return _Touch(NEAR if away <= NEAR_LINES else FILE, phrase("the change edits ", name, how), "diff-file")


def _of_test(case: Case, changed: Changed, test: Failed) -> _Touch | None:
    """Relate a failing test: this change added or edited it, by the lines it added or by its file's hunks; or its file."""
    name = test.name
    there = changed.file_of(plain(test.file or name.partition("::")[0])) or changed.named_by(name)
    if there is None:
        return None
    said = case.said(there.path)
    if _added(there, name) or there.status == "added" or in_hunk(there, test.line):
        return _Touch(
            TEST,
            phrase(
                "the failing test ", case.said(name, MOST_CHARACTERS), " is added or edited by the change, in ", said
            ),
            "diff-test",
        )
    return _Touch(
        FILE,
        phrase("the change edits ", said, ", where the failing test ", case.said(name, MOST_CHARACTERS), " stands"),
        "diff-file",
    )


def _added(file: ChangedFile, test: str) -> bool:
    last = re.split(r"::|\.|#|\s\u203a\s|\s>\s|/", re.sub(r"[\[(].*$", "", test))[-1].strip()
    return len(last) > 3 and any(last in text for _, text in file.added)  # noqa: PLR2004 - shorter names stand everywhere


def _of_kind(case: Case, changed: Changed, category: Category) -> _Touch | None:
    """Find a manifest, a build file or a workflow in the change, and a failure of that kind."""
    for kinds, pattern, whole, what, control in _KINDS:
        if category not in kinds:
            continue
        for file in changed.files:
            if pattern.match(file.path if whole else PurePosixPath(file.path).name):
                return _Touch(
                    KIND,
                    phrase("the change edits ", case.said(file.path), f", and this is a failure of {what}"),
                    control,
                )
    return None


_KINDS: Final[tuple[tuple[tuple[Category, ...], re.Pattern[str], bool, str, Weighed], ...]] = (
    (("dependency",), _MANIFEST, False, "dependencies", "diff-dependency"),
    (("build-system",), _BUILD, False, "the build", "diff-build"),
    (("configuration", "permission"), _WORKFLOW, True, "the workflow's settings", "diff-workflow"),
)
_ENTRY: Final = regex(
    r"""^[\s"'-]*(?:["']?(?:node_modules/)?)?(@?[A-Za-z][\w./-]{2,80}?)["']?\s*(?:\[[^\]]*\]\s*)?(?:===?|~=|>=?|<=?|!=|@|:|=|\^|\s(?=v?\d))\s*\S"""
)
_INSTALLED: Final = regex(
    r"(?:site-packages|dist-packages|node_modules|registry/src/[^/]+|pkg/mod|gems)/(@[\w.-]+/[\w.-]+|[\w.@/-]+)"
)
_MISSED: Final = regex(
    r"""(?:No module named|Cannot find (?:module|package)|cannot import name \S+ from|unresolved import|cannot find package|cannot load such file --)\s+["'`]?(@?[\w./-]+)"""
)
_NO_PACKAGE: Final = frozenset(
    {
        "name",
        "version",
        "python",
        "requires",
        "description",
        "license",
        "resolved",
        "integrity",
        "source",
        "checksum",
        "node",
        "engines",
        "scripts",
        "test",
        "tests",
    }
)


def _of_package(case: Case, changed: Changed, reading: Reading, group: CauseGroup) -> _Touch | None:
    """Find a package that the change adds, moves or takes away, and that the failure names: a path into it, or that it is missing."""
    extent = group.lead.extent
    named: set[str] = set()
    for line in reading.log.lines(extent.first, min(extent.last, extent.first + LINES)):
        text = line.text[:2000].replace("\\", "/")
        for found in (*_INSTALLED.finditer(text), *_MISSED.finditer(text)):
            named |= _packages(found[1])
    if not named:
        return None
    for file in changed.files:
        if not _MANIFEST.match(PurePosixPath(file.path).name):
            continue
        for text in (*(text for _, text in file.added), *file.removed):
            entry = _ENTRY.match(text[:300])
            package = _normal(entry[1]) if entry else ""
            if package in named and package not in _NO_PACKAGE:
                return _Touch(
                    KIND,
                    phrase(
                        "the change moves ",
                        case.said(package, MOST_CHARACTERS),
                        " in ",
                        case.said(file.path),
                        ", which this failure names",
                    ),
                    "diff-dependency",
                )
    return None


def _packages(path: str) -> set[str]:
    """Give what a path or a module's name may be the package of: its first part, a scope with it, a crate without its version."""
    parts = [part for part in path.split("/") if part]
    whole = "/".join(parts[:2]) if path.startswith("@") else parts[0] if parts else ""
    names = {
        whole,
        whole.partition(".")[0] if not whole.startswith("@") else whole,
        re.sub(r"[-@]v?\d[\w.+-]*$", "", whole),
    }
    if len(parts) > 1 and not path.startswith("@"):
        names.add("/".join(parts))
    return {_normal(name) for name in names if name}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name.lower()) if not name.startswith("@") and "/" not in name else name.lower()


_KEY: Final = regex(r"^\s*(?:-\s+)?(?:(?:name|run|uses):\s*)?")


def _of_step(case: Case, changed: Changed, group: CauseGroup) -> _Touch | None:
    """Find the failed step's name or script among the lines that the change adds to a workflow."""
    step = group.step
    if step is None or step.kind != "run":
        return None
    script = step.name.removeprefix("Run ").strip()
    if len(script) < 4:  # noqa: PLR2004 - shorter names stand everywhere
        return None
    for file in changed.files:
        if _WORKFLOW.match(file.path) and any(
            _KEY.sub("", text[:2000]).strip().strip("\"'") == script for _, text in file.added
        ):
            return _Touch(
                KIND,
                phrase(
                    "the change edits the step that failed, ",
                    case.said(script, MOST_CHARACTERS),
                    ", in ",
                    case.said(file.path),
                ),
                "diff-workflow",
            )
    return None


def _untouched(case: Case, changed: Changed, category: Category, placed: list[Named]) -> Iterator[_Touch]:
    """Say what speaks against the change: all that is named lies elsewhere. Only where the whole change is known."""
    if not changed.complete:
        return
    if category == "dependency":
        yield _Touch(UNTOUCHED, phrase("the change edits no manifest and no lock"))
        return
    own = [each.path for each in placed if "/" in each.path and not each.path.startswith("/")]
    if own and not any(changed.touches_folder(path) for path in own):
        yield _Touch(
            UNTOUCHED,
            phrase("the change touches nothing in the folder of ", case.said(own[0]), ", which this failure names"),
        )
