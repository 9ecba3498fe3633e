"""The comments of the fake GitHub: who the token stands for, what stands on a pull request, what may be written."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from tests.support.github_world import user

Json = dict[str, Any]
ACTIONS: Json = {**user("github-actions[bot]"), "id": 41898282, "type": "Bot"}
AT = "2026-11-21T11:30:00Z"
DENIED: Json = {
    "message": "Resource not accessible by integration",
    "documentation_url": "https://docs.github.com/rest",
    "status": "403",
}


@dataclass
class Comments:
    """me: the account of the token. knows_me: whether `viewer` answers. may_write: whether the token may. status: of what goes wrong when one is written."""

    me: Json = field(default_factory=lambda: dict(ACTIONS))
    knows_me: bool = True
    may_write: bool = True
    status: int = 0
    standing: dict[int, list[Json]] = field(default_factory=dict)
    written: list[tuple[str, str]] = field(default_factory=list)

    def add(self, number: int, body: str, by: Json | None = None) -> Json:
        """Put a comment on a pull request."""
        name = 5000 + sum(map(len, self.standing.values()))
        url = f"https://api.github.com/repos/acme/app/issues/comments/{name}"
        made = {
            "id": name, "node_id": "IC_1", "url": url, "html_url": url, "issue_url": url, "body": body, "user": by or self.me, "created_at": AT,
            "updated_at": AT, "author_association": "CONTRIBUTOR", "performed_via_github_app": None,
        }  # fmt: skip
        self.standing.setdefault(number, []).append(made)
        return made

    def bodies(self, number: int) -> list[str]:
        """Return what stands on a pull request, oldest first."""
        return [one["body"] for one in self.standing.get(number, [])]

    def viewer(self) -> Json:
        """Answer GraphQL's `viewer`."""
        if not self.knows_me:
            return {
                "data": None,
                "errors": [{"type": "FORBIDDEN", "message": "Resource not accessible by integration"}],
            }
        return {"data": {"viewer": {"login": self.me["login"], "databaseId": self.me["id"]}}}

    def write(self, method: str, rest: str, sent: Json) -> tuple[Json, int]:
        """Answer POST and PATCH, `rest` being the path below the repository's."""
        if not self.may_write:
            return DENIED, 403
        if self.status:
            return {"message": "Validation Failed", "status": str(self.status)}, self.status
        if len(sent["body"]) > 65_536:
            return {
                "message": "Validation Failed",
                "errors": [{"code": "custom", "field": "body", "message": "body is too long"}],
                "status": "422",
            }, 422
        if method == "POST" and (found := re.fullmatch(r"/issues/(\d+)/comments", rest)):
            self.written.append((method, rest))
            return self.add(int(found[1]), sent["body"]), 201
        if method == "PATCH" and (found := re.fullmatch(r"/issues/comments/(\d+)", rest)):
            one = next(
                (each for every in self.standing.values() for each in every if each["id"] == int(found[1])), None
            )
            if one is not None:
                self.written.append((method, rest))
                one["body"] = sent["body"]
                return one, 200
        return {"message": "Not Found", "status": "404"}, 404
