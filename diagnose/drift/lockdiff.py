"""What moved between two states of a lock file: exact, also where no log names a version (`npm ci`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.drift.compare import MOST_MOVED, Drift, Moved
from diagnose.drift.lockfiles import read_lock, realm_of
from diagnose.drift.resolved import plain_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from diagnose.drift.lockfiles import Locked

LARGEST: Final = 32 << 20
Files = tuple[tuple[str, bytes], ...]


def moved_in_locks(before: Files, after: Files) -> tuple[Moved, ...]:
    """Compare the locks that both have. One that cannot be read says nothing here; the check of the dependencies says why."""
    then = dict(before)
    out: list[Moved] = []
    for path, data in after:
        if path in then and realm_of(path) and data != then[path] and max(len(data), len(then[path])) <= LARGEST:
            one, other = _read(path, then[path]), _read(path, data)
            if one is not None and other is not None:
                out.extend(_moved(path, one, other))
    return tuple(out[:MOST_MOVED])


def _read(path: str, data: bytes) -> Locked | None:
    try:
        return read_lock(path, data.decode("utf-8-sig"))
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
        return None


def _moved(path: str, before: Locked, after: Locked) -> Iterator[Moved]:
    """Pair what went with what came. Where versions stand side by side (npm's trees), those that both have are left out."""
    for name in sorted(before.keys() & after.keys()):
        gone, new = sorted(before[name] - after[name]), sorted(after[name] - before[name])
        if gone and new:
            yield Moved(realm_of(path), name, gone[-1], new[-1], lock=path)


def with_locks(drift: Drift | None, moved: Sequence[Moved]) -> Drift | None:
    """Add what moved in a lock to what the logs say; a package that both name is named once, with its lock."""
    if not moved:
        return drift
    drift = drift or Drift(())
    locks = {(one.realm, one.name): one for one in moved}
    own = {(one.realm, plain_name(one.realm, one.name)): one for one in drift.moved}
    both = tuple(one._replace(lock=locks[key].lock) if key in locks else one for key, one in own.items())
    more = tuple(one for key, one in locks.items() if key not in own)
    return Drift(
        (*both, *more),
        drift.came,
        drift.went,
        drift.partial,
        drift.compared + len(more),
        drift.counts,
        drift.realms | {one.realm for one in moved},
    )
