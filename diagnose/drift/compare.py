"""Two logs of one job, a green one and a failed one: what was resolved to another version, what came, what is gone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from diagnose.drift.forms import SINGLE
from diagnose.kit.regex import regex

if TYPE_CHECKING:
    from diagnose.drift.resolved import Package, Resolved

MOST_MOVED: Final = 2000
_FIRST: Final = ("image", "toolchain", "action", "docker")
_OWN_BUILD: Final = regex(r"\.dev\d|\+g[0-9a-f]{6}|\+d20\d{6}|-insiders\.|0\.0\.0-[\w.]*[0-9a-f]{7}")
"""What a project names a version of its own that it builds for each commit: it always moves."""


class Moved(NamedTuple):
    """A package whose version is another one now. All texts are foreign.

    before, after: versions, "" where it was not there. line: of the failed run's log, 0 where it is not named there. line_before: of the
    green run's. lock: the path of the lock file that says so, "" where a log does.
    """

    realm: str
    name: str
    before: str
    after: str
    line: int = 0
    line_before: int = 0
    lock: str = ""


@dataclass(frozen=True, slots=True)
class Drift:
    """How the failed run differs from the green one. moved: image, tools and actions first, then packages by name.

    came, went: named in one log only; a cache, or a step that was not reached, makes that too, so they say something only of what the
    failure itself names. partial: a cache was restored in one of them, so that the lists are not whole. compared: how many names both have;
    realms: of which kinds these are.
    """

    moved: tuple[Moved, ...]
    came: tuple[Moved, ...] = ()
    went: tuple[Moved, ...] = ()
    partial: bool = False
    compared: int = 0
    counts: tuple[int, int] | None = None
    realms: frozenset[str] = frozenset()

    @property
    def known(self) -> bool:
        """Whether there was anything to compare."""
        return bool(self.compared or self.moved or self.counts)


def compare(before: Resolved, after: Resolved) -> Drift:
    """Compare what a green log and a failed log of the same job name."""
    both = [key for key in after.packages if key in before.packages]
    moved = [one for key in both if (one := _moved(before.packages[key], after.packages[key])) is not None]
    moved.sort(key=lambda one: (_FIRST.index(one.realm) if one.realm in _FIRST else len(_FIRST), one.realm, one.name))
    came = [_only(package, "after") for key, package in after.packages.items() if key not in before.packages]
    went = [_only(package, "before") for key, package in before.packages.items() if key not in after.packages]
    then, now = before.counts.get("added"), after.counts.get("added")
    counts = (then, now) if then is not None and now is not None and then != now else None
    partial = before.cached or after.cached or before.cut or after.cut
    return Drift(
        tuple(moved[:MOST_MOVED]),
        tuple(came[:MOST_MOVED]),
        tuple(went[:MOST_MOVED]),
        partial,
        len(both),
        counts,
        frozenset(realm for realm, _ in both),
    )


def _moved(before: Package, after: Package) -> Moved | None:
    """Say what became of one package. Where versions stand side by side (a tree of npm's), one must have gone for another to have come."""
    new = [version for version in after.versions if version not in before.versions]
    gone = [version for version in before.versions if version not in after.versions]
    alone = after.realm in SINGLE and not after.fetched and not before.fetched
    if not new or (not gone and not alone) or ((after.fetched or before.fetched) and len(gone) < len(before.versions)):
        return None
    was, now = (gone or list(before.versions))[-1], new[-1]
    if _OWN_BUILD.search(was) and _OWN_BUILD.search(now):
        return None
    return Moved(after.realm, after.name, was, now, after.versions[now], before.versions[was])


def _only(package: Package, side: str) -> Moved:
    version, line = next(reversed(package.versions.items()))
    if side == "after":
        return Moved(package.realm, package.name, "", version, line, 0)
    return Moved(package.realm, package.name, version, "", 0, line)
