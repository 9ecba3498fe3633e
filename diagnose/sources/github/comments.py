"""The comments of a pull request: who we are to GitHub, what stands there, and writing one.

A workflow's own token may not ask `GET /user`; GraphQL's `viewer` answers it. Comments come oldest first, at most 100 a page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from diagnose.sources.github.replies import Reply, Side
from diagnose.sources.github.trouble import Trouble

if TYPE_CHECKING:
    from diagnose.sources.github.client import Pages
    from diagnose.sources.github.session import Session

PAGES: Final = 10
PULLS: Final = 3
_VIEWER: Final = "query { viewer { login databaseId } }"


class Account(Reply):
    """Who wrote a comment. type: "User", "Bot", "Organization"."""

    login: str
    id: int
    type: str = "User"


class Comment(Reply):
    """A comment; user is null when the account is gone."""

    id: int
    body: str | None = None
    user: Account | None = None


class PullHead(Reply):
    """A pull request as the list of a commit's gives it."""

    number: int
    state: str
    head: Side


class RunOf(Reply):
    """The run that a job belongs to."""

    run_id: int


class _Viewer(Reply):
    login: str
    databaseId: int | None = None  # noqa: N815 - GraphQL's name


class _Data(Reply):
    viewer: _Viewer


class _Answer(Reply):
    data: _Data | None = None


@dataclass(frozen=True, slots=True)
class Me:
    """The account that the token stands for. id: 0 when unknown; login: ends in "[bot]" for an app's."""

    login: str
    id: int = 0

    def wrote(self, comment: Comment) -> bool:
        """Whether a comment is this account's: by its number, or by an app's name, which no user can have."""
        author = comment.user
        if author is None:
            return False
        same_bot = self.login.endswith("[bot]") and author.type == "Bot" and author.login.lower() == self.login.lower()
        return same_bot or (self.id != 0 and author.id == self.id)


ACTIONS_BOT: Final = Me("github-actions[bot]", 41898282)
"""Whom a workflow's own token stands for on github.com."""


async def who_am_i(session: Session) -> Me | Trouble:
    """Ask whom the token stands for."""
    found = await session.client.query(_VIEWER, {}, _Answer)
    if not isinstance(found, Trouble) and found.data is not None:
        viewer = found.data.viewer
        return Me(viewer.login, viewer.databaseId or 0)
    account = await session.client.get("/user", Account)
    return account if isinstance(account, Trouble) else Me(account.login, account.id)


async def comments(session: Session, number: int) -> Pages[tuple[Comment, ...]]:
    """Return the pages of a pull request's comments, a thousand comments at most."""
    return await session.client.pages(session.at(f"/issues/{number}/comments"), tuple[Comment, ...], most=PAGES)


async def create(session: Session, number: int, body: str) -> Comment | Trouble:
    """Write a comment; never tried twice, for the first one may have arrived."""
    return await session.client.send("POST", session.at(f"/issues/{number}/comments"), Comment, {"body": body})


async def update(session: Session, comment: int, body: str) -> Comment | Trouble:
    """Put another body in the place of a comment's."""
    return await session.client.send(
        "PATCH", session.at(f"/issues/comments/{comment}"), Comment, {"body": body}, again=True
    )


async def pulls_at(session: Session, sha: str) -> tuple[PullHead, ...] | Trouble:
    """Return the open pull requests whose head is exactly `sha`, those of forks among them."""
    pages = await session.client.pages(session.at(f"/commits/{sha}/pulls"), tuple[PullHead, ...], most=PULLS)
    if pages.trouble is not None and not pages.items:
        return pages.trouble
    return tuple(one for page in pages.items for one in page if one.state == "open" and one.head.sha == sha)
