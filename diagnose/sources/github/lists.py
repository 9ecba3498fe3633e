"""Lists that are read page by page while they may change: each item once, and counted against what GitHub says there is.

Between two pages a run can begin or a job end, and then an item is given twice or not at all. Such a list is read once more; when it still
does not come to its own count, that is said. An empty list is believed only when the count says so too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from diagnose.sources.github.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from diagnose.sources.github.session import Session


class Numbered(Protocol):
    """An item of a list."""

    @property
    def id(self) -> int:
        """Its number, unique in the list."""


class Counted(Protocol):
    """A page of a list."""

    @property
    def total_count(self) -> int:
        """How many items there are on all pages."""


Page = TypeVar("Page", bound=Counted)
Item = TypeVar("Item", bound=Numbered)


@dataclass(frozen=True, slots=True)
class Listed(Generic[Item]):
    """The items that were read, and, when they are not all, why."""

    items: tuple[Item, ...]
    trouble: Trouble | None = None


async def whole_list(
    session: Session,
    path: str,
    shape: type[Page],
    items: Callable[[Page], Sequence[Item]],
    query: Mapping[str, str] | None = None,
    *,
    most: int = 10,
) -> Listed[Item]:
    """Return the list at `path` (below the repository), of `most` pages at most."""
    found: dict[int, Item] = {}
    total = 0
    for _ in range(2):
        pages = await session.client.pages(session.at(path), shape, query, most=most)
        given = [item for page in pages.items for item in items(page)]
        for item in given:
            found.setdefault(item.id, item)
        if pages.trouble is not None:
            return Listed(tuple(found.values()), pages.trouble)
        total = pages.items[-1].total_count
        if len(given) == len({item.id for item in given}) and len(given) >= total:
            # what an earlier reading gave beyond this one is no longer there
            return Listed(tuple(given))
    short = Trouble("incomplete", detail=f"{len(found)} of {total}")
    return Listed(tuple(found.values()), short if len(found) < total else None)
