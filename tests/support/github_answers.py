"""What the fake GitHub answers to each path, out of its world."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from tests.support.github_comments import Comments
from tests.support.github_world import API, repository

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.support.github_world import World

REPOSITORY = "/repos/acme/app"
BLOB_NOT_FOUND = b'<?xml version="1.0" encoding="utf-8"?><Error><Code>BlobNotFound</Code><Message>The specified blob does not exist.</Message></Error>'


@dataclass(frozen=True)
class Answer:
    """What is sent back: a JSON value or bytes."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


NOT_FOUND = Answer({"message": "Not Found", "documentation_url": "https://docs.github.com/rest", "status": "404"}, 404)


@dataclass
class Answers:
    """Gives the answers of one world. url, store_url: the addresses of the two ports."""

    world: World
    url: str
    store_url: str
    comments: Comments = field(default_factory=Comments)

    def answer(self, path: str, query: dict[str, str]) -> Answer:
        """Return the API's answer to GET `path`."""
        if path == "/rate_limit":
            rate = {"limit": 5000, "remaining": 4812, "used": 188, "reset": int(self.world.now.timestamp()) + 3600}
            return Answer({"resources": {"core": rate, "search": rate}, "rate": rate})
        if path in ("", "/"):
            return Answer({})
        if path == "/user":
            return Answer({"login": "mona", "id": 1})
        if not path.startswith(REPOSITORY):
            return NOT_FOUND
        rest = path.removeprefix(REPOSITORY)
        for pattern, give in ROUTES:
            found = re.fullmatch(pattern, rest)
            if found:
                return give(self, query, *[unquote(group) for group in found.groups()])
        return NOT_FOUND

    def page(self, path: str, query: dict[str, str], items: Sequence[Any], key: str = "") -> Answer:
        """Return one page of `items` with its Link header."""
        size, number = int(query.get("per_page", "30")), int(query.get("page", "1"))
        part = list(items[(number - 1) * size : number * size])
        headers = {}
        if number * size < len(items):
            rest = "&".join(
                f"{name}={value}" for name, value in {**query, "per_page": str(size), "page": str(number + 1)}.items()
            )
            headers["Link"] = f'<{self.url}{REPOSITORY}{path}?{rest}>; rel="next"'
        return Answer({"total_count": len(items), key: part} if key else part, headers=headers)

    def runs(self, query: dict[str, str], workflow: int | None = None) -> Answer:
        words = {"head_sha": "head_sha", "branch": "head_branch", "event": "event"}
        found = [
            run
            for run in self.world.runs
            if all(run[field] == query[name] for name, field in words.items() if name in query)
        ]
        if "status" in query:
            found = [run for run in found if query["status"] in (run["status"], run["conclusion"])]
        if workflow is not None:
            found = [run for run in found if run["workflow_id"] == workflow]
        if ".." in query.get("created", ""):
            first, _, last = query["created"].partition("..")
            found = [run for run in found if first <= run["created_at"] <= last]
        path = "/actions/runs" if workflow is None else f"/actions/workflows/{workflow}/runs"
        return self.page(path, query, sorted(found, key=lambda run: -int(run["id"]))[:1000], "workflow_runs")

    def log(self, _query: dict[str, str], job: str) -> Answer:
        world = self.world
        if int(job) not in {each["id"] for jobs in world.jobs.values() for each in jobs}:
            return NOT_FOUND
        body = world.logs.get(int(job))
        if isinstance(body, int):
            return Answer(
                {"message": "Server Error", "documentation_url": "https://docs.github.com/rest", "status": str(body)},
                body,
            )
        return Answer(status=302, headers={"Location": f"{self.store_url}/logs/{job}.txt?se=2026&sig=SIGNED%2BVALUE"})

    def archive(self, _query: dict[str, str], run: str, attempt: str = "") -> Answer:
        found = next((each for each in self.world.runs if each["id"] == int(run)), None)
        if found is None:
            return NOT_FOUND
        return Answer(
            status=302,
            headers={"Location": f"{self.store_url}/runs/{run}-{attempt or found['run_attempt']}.zip?sig=SIGNED"},
        )

    def artifact(self, _query: dict[str, str], number: str) -> Answer:
        if int(number) not in self.world.zips:
            return NOT_FOUND
        return Answer(
            status=302, headers={"Location": f"{self.store_url}/artifacts/{number}.zip?se=2026&sig=SIGNED%2BVALUE"}
        )

    def sent(self, method: str, path: str, body: dict[str, Any]) -> Answer:
        """Return the answer to what is sent: a question by GraphQL, or a comment."""
        if path == "/graphql":
            return Answer(self.comments.viewer()) if "viewer" in body.get("query", "") else self.graphql(body)
        return (
            Answer(*self.comments.write(method, path.removeprefix(REPOSITORY), body))
            if path.startswith(REPOSITORY)
            else NOT_FOUND
        )

    def graphql(self, asked: dict[str, Any]) -> Answer:
        """Return the annotations of check runs, by the names that GraphQL has for them."""
        if "nodes(ids:$ids)" not in asked.get("query", ""):
            return Answer({"errors": [{"type": "INVALID", "message": "this query is not known here"}]})
        nodes: list[Any] = []
        for name in asked["variables"]["ids"]:
            number = int(name.removeprefix("CR_"))
            notes = [
                {
                    "path": each["path"],
                    "message": each["message"],
                    "title": each["title"],
                    "annotationLevel": each["annotation_level"].upper(),
                    "location": {"start": {"line": each["start_line"]}},
                }
                for each in self.world.notes.get(number, [])[:50]
            ]
            nodes.append({"databaseId": number, "annotations": {"nodes": notes}})
        return Answer(
            {"data": {"nodes": nodes}}, headers={"X-RateLimit-Resource": "graphql", "X-RateLimit-Remaining": "4999"}
        )

    def stored(self, path: str) -> Answer:
        """Return what lies in the store."""
        world = self.world
        if found := re.fullmatch(r"/logs/(\d+)\.txt", path):
            body = world.logs.get(int(found[1]))
            if isinstance(body, bytes):
                return Answer(body, headers={"Content-Type": "text/plain"})
        if found := re.fullmatch(r"/runs/(\d+)-(\d+)\.zip", path):
            return Answer(world.archive(int(found[1]), int(found[2])), headers={"Content-Type": "application/zip"})
        if (found := re.fullmatch(r"/artifacts/(\d+)\.zip", path)) and int(found[1]) in world.zips:
            return Answer(world.zips[int(found[1])], headers={"Content-Type": "application/zip"})
        return Answer(BLOB_NOT_FOUND, 404, {"Content-Type": "application/xml"})


def _one(found: Any) -> Answer:
    return NOT_FOUND if found is None else Answer(found)


def _commit(server: Answers, _query: dict[str, str], ref: str) -> Answer:
    world = server.world
    found = world.commits.get(ref) or next(
        (each for sha, each in world.commits.items() if len(ref) > 6 and sha.startswith(ref)), None
    )
    return (
        Answer({"message": f"No commit found for SHA: {ref}", "status": "422"}, 422) if found is None else Answer(found)
    )


def _sha(server: Answers, ref: str) -> str:
    found = server.world.commits.get(ref)
    return str(found["sha"]) if found else ref


def _pulls_of(server: Answers, query: dict[str, str], ref: str) -> Answer:
    left_out = "additions auto_merge_x changed_files comments commits deletions mergeable mergeable_state merged merged_by review_comments"
    brief = [
        {name: value for name, value in pull.items() if name not in left_out.split()}
        for pull in server.world.pulls.values()
        if pull["head"]["sha"] == _sha(server, ref)
    ]
    return server.page(f"/commits/{ref}/pulls", query, brief)


def _checks(server: Answers, query: dict[str, str], ref: str) -> Answer:
    return server.page(
        f"/commits/{ref}/check-runs", query, server.world.checks.get(_sha(server, ref), []), "check_runs"
    )


def _status(server: Answers, _query: dict[str, str], ref: str) -> Answer:
    found = server.world.statuses.get(_sha(server, ref), [])
    state = "pending" if not found or any(each["state"] == "pending" for each in found) else "success"
    return Answer({
        "state": state, "sha": _sha(server, ref), "total_count": len(found), "statuses": found, "repository": repository("acme/app"),
        "commit_url": API, "url": API,
    })  # fmt: skip


def _repository(server: Answers, _query: dict[str, str]) -> Answer:
    return Answer(repository("acme/app", private=server.world.private))


def _run(server: Answers, _query: dict[str, str], run: str) -> Answer:
    return _one(next((each for each in server.world.runs if each["id"] == int(run)), None))


def _jobs(server: Answers, query: dict[str, str], run: str, attempt: str) -> Answer:
    found = server.world.jobs.get((int(run), int(attempt)))
    return (
        NOT_FOUND
        if found is None
        else server.page(f"/actions/runs/{run}/attempts/{attempt}/jobs", query, found, "jobs")
    )


def _artifacts(server: Answers, query: dict[str, str], run: str) -> Answer:
    return server.page(f"/actions/runs/{run}/artifacts", query, server.world.artifacts.get(int(run), []), "artifacts")


def _latest_jobs(server: Answers, query: dict[str, str], run: str) -> Answer:
    newest = max((attempt for number, attempt in server.world.jobs if number == int(run)), default=0)
    return server.page(f"/actions/runs/{run}/jobs", query, server.world.jobs.get((int(run), newest), []), "jobs")


def _job(server: Answers, _query: dict[str, str], job: str) -> Answer:
    return _one(next((each for jobs in server.world.jobs.values() for each in jobs if each["id"] == int(job)), None))


def _workflow(server: Answers, _query: dict[str, str], workflow: str) -> Answer:
    url = "https://api.github.com/x"
    return Answer({
        "id": int(workflow), "node_id": "W_1", "name": "CI", "path": ".github/workflows/ci.yml", "state": "active", "url": url,
        "html_url": url, "badge_url": url, "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
    })  # fmt: skip


def _notes(server: Answers, query: dict[str, str], job: str) -> Answer:
    return server.page(f"/check-runs/{job}/annotations", query, server.world.notes.get(int(job), []))


def _content(server: Answers, query: dict[str, str], path: str) -> Answer:
    """A file; one that differs from commit to commit has the commit in front, `<sha>:<path>`."""
    contents = server.world.contents
    return _one(contents.get(f"{query.get('ref', '')}:{path}", contents.get(path)))


def _files(server: Answers, query: dict[str, str], number: str) -> Answer:
    return server.page(f"/pulls/{number}/files", query, server.world.files.get(int(number), []))


ROUTES: list[tuple[str, Callable[..., Answer]]] = [
    (r"", _repository),
    (r"/pulls/(\d+)", lambda server, _query, number: _one(server.world.pulls.get(int(number)))),
    (
        r"/issues/(\d+)/comments",
        lambda server, query, number: server.page(
            f"/issues/{number}/comments", query, server.comments.standing.get(int(number), [])
        ),
    ),
    (r"/issues/(\d+)", lambda server, _query, number: _one(server.world.issues.get(int(number)))),
    (r"/pulls/(\d+)/files", _files),
    (r"/commits/(.+)/pulls", _pulls_of),
    (r"/commits/(.+)/check-runs", _checks),
    (r"/commits/(.+)/status", _status),
    (r"/commits/(.+)", _commit),
    (r"/compare/(.+)", lambda server, _query, pair: _one(server.world.compare.get(pair))),
    (r"/actions/runs", lambda server, query: server.runs(query)),
    (r"/actions/workflows/(\d+)/runs", lambda server, query, workflow: server.runs(query, int(workflow))),
    (r"/actions/workflows/(\d+)", _workflow),
    (r"/actions/runs/(\d+)", _run),
    (r"/actions/runs/(\d+)/attempts/(\d+)/jobs", _jobs),
    (r"/actions/runs/(\d+)/jobs", _latest_jobs),
    (r"/actions/runs/(\d+)/artifacts", _artifacts),
    (r"/actions/artifacts/(\d+)/zip", lambda server, query, number: server.artifact(query, number)),
    (
        r"/actions/runs/(\d+)/attempts/(\d+)/logs",
        lambda server, query, run, attempt: server.archive(query, run, attempt),
    ),
    (r"/actions/runs/(\d+)/logs", lambda server, query, run: server.archive(query, run)),
    (r"/actions/jobs/(\d+)", _job),
    (r"/actions/jobs/(\d+)/logs", lambda server, query, job: server.log(query, job)),
    (r"/check-runs/(\d+)/annotations", _notes),
    (r"/contents/(.+)", _content),
]
