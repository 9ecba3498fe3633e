"""A small GitHub in memory: one repository, its pull requests, runs, jobs, logs and checks, in the shapes of GitHub's API."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tests.support.github_logs import JobLog

Json = dict[str, Any]
API = "https://api.github.com"
WEB = "https://github.com"
REPOSITORY_ID = 7001
HEAD = "3fc09d1a" + "0" * 32
BASE = "b45eb45e" + "0" * 32
MERGE = "4e46e000" + "0" * 32
USER_LINKS = [
    "events_url",
    "followers_url",
    "following_url",
    "gists_url",
    "organizations_url",
    "received_events_url",
    "repos_url",
    "starred_url",
    "subscriptions_url",
    "url",
]
REPOSITORY_LINKS = [
    "archive_url",
    "assignees_url",
    "blobs_url",
    "branches_url",
    "collaborators_url",
    "comments_url",
    "commits_url",
    "compare_url",
    "contents_url",
    "contributors_url",
    "deployments_url",
    "downloads_url",
    "events_url",
    "forks_url",
    "git_commits_url",
    "git_refs_url",
    "git_tags_url",
    "hooks_url",
    "issue_comment_url",
    "issue_events_url",
    "issues_url",
    "keys_url",
    "labels_url",
    "languages_url",
    "merges_url",
    "milestones_url",
    "notifications_url",
    "pulls_url",
    "releases_url",
    "stargazers_url",
    "statuses_url",
    "subscribers_url",
    "subscription_url",
    "tags_url",
    "teams_url",
    "trees_url",
    "url",
    "clone_url",
    "git_url",
    "ssh_url",
    "svn_url",
]


def stamp(at: datetime | None) -> str | None:
    return None if at is None else f"{at:%Y-%m-%dT%H:%M:%SZ}"


def user(login: str) -> Json:
    return {
        "login": login, "id": 1 + sum(login.encode()), "node_id": "U_1", "avatar_url": f"{WEB}/{login}.png", "gravatar_id": "",
        "html_url": f"{WEB}/{login}", "type": "User", "site_admin": False,
        **{name: f"{API}/users/{login}/{name.removesuffix('_url')}" for name in USER_LINKS},
    }  # fmt: skip


def repository(full_name: str, number: int = REPOSITORY_ID, *, private: bool = False, fork: bool = False) -> Json:
    owner, _, name = full_name.partition("/")
    counts = "forks forks_count open_issues open_issues_count stargazers_count watchers watchers_count size network_count subscribers_count"
    return {
        "id": number, "node_id": "R_1", "name": name, "full_name": full_name, "owner": user(owner), "private": private,
        "html_url": f"{WEB}/{full_name}", "description": None, "fork": fork, "homepage": None, "language": "Python", "archived": False,
        "disabled": False, "mirror_url": None, "license": None, "default_branch": "main", "visibility": "public",
        **dict.fromkeys(counts.split(), 0),
        **dict.fromkeys(["has_issues", "has_projects", "has_wiki", "has_pages", "has_downloads", "has_discussions"], True),
        **dict.fromkeys(("created_at", "updated_at", "pushed_at"), "2026-01-01T00:00:00Z"),
        **{link: f"{API}/repos/{full_name}/{link.removesuffix('_url')}" for link in REPOSITORY_LINKS},
    }  # fmt: skip


def commit(
    sha: str, message: str, parents: Sequence[str], files: Sequence[Json] | None = None, at: datetime | None = None
) -> Json:
    url = f"{API}/repos/acme/app/commits/{sha}"
    person = {"name": "Mona", "email": "mona@example.com", "date": stamp(at) or "2026-11-20T08:00:00Z"}
    found: Json = {
        "url": url, "sha": sha, "node_id": "C_1", "html_url": url, "comments_url": url, "author": user("mona"), "committer": user("mona"),
        "commit": {"url": url, "author": person, "committer": person, "message": message, "comment_count": 0, "tree": {"sha": sha, "url": url}},
        "parents": [{"sha": parent, "url": url} for parent in parents],
    }  # fmt: skip
    return found if files is None else found | {"files": list(files)}


def changed(path: str, status: str = "modified", patch: str | None = None, previous: str | None = None) -> Json:
    url = f"{WEB}/acme/app/blob/x/file"
    found: Json = {
        "sha": "a" * 40, "filename": path, "status": status, "additions": 1, "deletions": 1, "changes": 2, "blob_url": url, "raw_url": url,
        "contents_url": url,
    }  # fmt: skip
    return (
        found
        | ({} if patch is None else {"patch": patch})
        | ({} if previous is None else {"previous_filename": previous})
    )


def check_run(number: int, name: str, sha: str, status: str, conclusion: str | None, **more: Any) -> Json:
    slug = more.get("slug", "github-actions")
    url = more.get("url") or f"{WEB}/acme/app/actions/runs/{more.get('run', 1)}/job/{number}"
    app = {
        "id": 15368, "slug": slug, "node_id": "A_1", "owner": user("github"), "name": more.get("system", "GitHub Actions"), "description": None,
        "external_url": "https://example.com", "html_url": WEB, "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
        "permissions": {}, "events": [],
    }  # fmt: skip
    return {
        "id": number, "node_id": "CR_1", "head_sha": sha, "name": name, "url": url, "html_url": url, "details_url": url, "status": status,
        "conclusion": conclusion, "started_at": stamp(more.get("began")), "completed_at": stamp(more.get("ended")), "external_id": "",
        "check_suite": {"id": 1}, "app": app, "pull_requests": [],
        "output": {"title": None, "summary": None, "text": None, "annotations_count": more.get("notes", 0), "annotations_url": f"{API}/x"},
    }  # fmt: skip


def note(message: str, path: str = ".github", line: int = 1, level: str = "failure", title: str | None = None) -> Json:
    return {
        "path": path, "blob_href": WEB, "start_line": line, "end_line": line, "start_column": None, "end_column": None,
        "annotation_level": level, "title": title, "message": message, "raw_details": None,
    }  # fmt: skip


def commit_status(context: str, state: str, url: str | None = None) -> Json:
    return {
        "description": None, "id": 1, "node_id": "S_1", "state": state, "context": context, "target_url": url, "avatar_url": None,
        "url": f"{API}/x", "created_at": "2026-11-20T09:00:00Z", "updated_at": "2026-11-20T09:00:00Z",
    }  # fmt: skip


@dataclass
class World:
    """What the server serves. Keys: pulls and issues by number; jobs by (run, attempt); logs, notes by job; checks by SHA.

    A log of None is not stored (the store answers 404), an int is the API's own status for it (410: expired).
    """

    name: str
    now: datetime
    private: bool = False
    pulls: dict[int, Json] = field(default_factory=dict)
    issues: dict[int, Json] = field(default_factory=dict)
    files: dict[int, list[Json]] = field(default_factory=dict)
    commits: dict[str, Json] = field(default_factory=dict)
    compare: dict[str, Json] = field(default_factory=dict)
    runs: list[Json] = field(default_factory=list)
    jobs: dict[tuple[int, int], list[Json]] = field(default_factory=dict)
    logs: dict[int, bytes | int | None] = field(default_factory=dict)
    step_logs: dict[int, list[tuple[str, bytes]]] = field(default_factory=dict)
    notes: dict[int, list[Json]] = field(default_factory=dict)
    checks: dict[str, list[Json]] = field(default_factory=dict)
    statuses: dict[str, list[Json]] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)
    artifacts: dict[int, list[Json]] = field(default_factory=dict)
    zips: dict[int, bytes] = field(default_factory=dict)

    def add_pull(self, number: int = 123, **more: Any) -> Json:
        """Add a pull request; `more` overrides top fields, head_repo the head's repository (None: deleted)."""
        url = f"{API}/repos/acme/app/pulls/{number}"
        home = repository("acme/app", private=self.private)
        head_repo = more.pop("head_repo", home)
        links = {
            name: {"href": url}
            for name in (
                "comments",
                "commits",
                "statuses",
                "html",
                "issue",
                "review_comments",
                "review_comment",
                "self",
            )
        }
        names = "comments_url commits_url diff_url html_url issue_url patch_url review_comment_url review_comments_url statuses_url url"
        pull: Json = {
            "id": number, "node_id": "PR_1", "number": number, "state": "open", "locked": False, "title": "Sum before rounding",
            "body": None, "labels": [], "milestone": None, "assignee": None, "created_at": stamp(self.now), "updated_at": stamp(self.now),
            "closed_at": None, "merged_at": None, "merge_commit_sha": MERGE, "user": user("mona"), "author_association": "MEMBER",
            "auto_merge": None, "draft": False, "merged": False, "mergeable": True, "mergeable_state": "unstable", "merged_by": None,
            "comments": 0, "review_comments": 0, "maintainer_can_modify": False, "commits": 1, "additions": 1, "deletions": 1,
            "changed_files": 1, "_links": links, **dict.fromkeys(names.split(), url),
            "head": {"label": "acme:rounding", "ref": "rounding", "sha": HEAD, "user": user("mona"), "repo": head_repo},
            "base": {"label": "acme:main", "ref": "main", "sha": BASE, "user": user("acme"), "repo": home},
        }  # fmt: skip
        self.pulls[number] = pull | more
        return self.pulls[number]

    def add_run(self, number: int, sha: str = HEAD, **more: Any) -> Json:
        url = f"{API}/repos/acme/app/actions/runs/{number}"
        names = "artifacts_url cancel_url check_suite_url jobs_url logs_url rerun_url workflow_url url html_url"
        home = repository("acme/app", private=self.private)
        run: Json = {
            "id": number, "node_id": "WFR_1", "name": "CI", "head_branch": "rounding", "head_sha": sha, "path": ".github/workflows/ci.yml",
            "display_title": "Sum before rounding", "run_number": number, "event": "pull_request", "status": "completed",
            "conclusion": "failure", "workflow_id": 9, "check_suite_id": number, "pull_requests": [], "run_attempt": 1,
            "created_at": stamp(self.now), "updated_at": stamp(self.now), "run_started_at": stamp(self.now), "actor": user("mona"),
            "triggering_actor": user("mona"), "referenced_workflows": [], "previous_attempt_url": None, "repository": home,
            "head_repository": home, **dict.fromkeys(names.split(), url),
            "head_commit": {
                "id": sha, "tree_id": sha, "message": "Sum before rounding", "timestamp": stamp(self.now),
                "author": {"name": "Mona", "email": "m@example.com"}, "committer": {"name": "Mona", "email": "m@example.com"},
            },
        }  # fmt: skip
        run |= {
            "jobs_url": f"{url}/jobs",
            "logs_url": f"{url}/logs",
            "html_url": f"{WEB}/acme/app/actions/runs/{number}",
            **more,
        }
        self.runs.append(run)
        self.jobs.setdefault((number, run["run_attempt"]), [])
        return run

    def add_job(self, run: Json, number: int, name: str, conclusion: str | None, **more: Any) -> Json:
        """Add a job to an attempt of `run` (its newest by default), and its check run."""
        attempt = more.pop("run_attempt", run["run_attempt"])
        url = f"{API}/repos/acme/app/actions/jobs/{number}"
        status = more.pop("status", "completed")
        began, ended = more.pop("began", self.now), more.pop("ended", self.now if status == "completed" else None)
        job: Json = {
            "id": number, "run_id": run["id"], "run_url": run["url"], "run_attempt": attempt, "node_id": f"CR_{number}", "head_sha": run["head_sha"],
            "url": url, "html_url": f"{WEB}/acme/app/actions/runs/{run['id']}/job/{number}", "status": status, "conclusion": conclusion,
            "created_at": stamp(began), "started_at": stamp(began), "completed_at": stamp(ended), "name": name, "steps": [],
            "check_run_url": f"{API}/repos/acme/app/check-runs/{number}", "labels": ["ubuntu-latest"], "runner_id": None,
            "runner_name": None, "runner_group_id": None, "runner_group_name": None, "workflow_name": run["name"],
            "head_branch": run["head_branch"], **more,
        }  # fmt: skip
        self.jobs.setdefault((run["id"], attempt), []).append(job)
        check = check_run(number, name, run["head_sha"], status, conclusion, run=run["id"], began=began, ended=ended)
        newest = self.checks.setdefault(run["head_sha"], [])
        newest[:] = [
            each for each in newest if each["name"] != name or each["html_url"].split("/")[-3] != str(run["id"])
        ]
        newest.append(check)
        return job

    def give_log(self, job: Json, log: JobLog, began: datetime) -> None:
        """Store a job's log, its steps and the step files of the run's archive."""
        job["steps"] = [
            {
                "name": step.name,
                "status": "completed",
                "conclusion": step.conclusion,
                "number": step.number,
                "started_at": stamp(start),
                "completed_at": stamp(end),
            }
            for step, _, start, end in log.stamped(began)
        ]
        self.logs[job["id"]] = log.whole(began)
        self.step_logs[job["id"]] = [
            (
                f"{step.number}_{step.name.replace('/', '')}.txt",
                ("\ufeff" + "".join(line + log.line_end for line in lines)).encode(),
            )
            for step, lines, _, _ in log.stamped(began)
        ]

    def add_artifact(
        self, run: int, number: int, name: str, files: dict[str, bytes | str] | bytes, **more: Any
    ) -> Json:
        """Keep an artifact of a run: files by name, or the zip's own bytes."""
        if isinstance(files, bytes):
            body = files
        else:
            held = io.BytesIO()
            with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as bundle:
                for member, text in files.items():
                    bundle.writestr(member, text)
            body = held.getvalue()
        url = f"{API}/repos/acme/app/actions/artifacts/{number}"
        artifact: Json = {
            "id": number, "node_id": "A_1", "name": name, "size_in_bytes": len(body), "url": url, "archive_download_url": f"{url}/zip", "expired": False,
            "created_at": stamp(self.now), "updated_at": stamp(self.now), "expires_at": stamp(self.now), **more,
        }  # fmt: skip
        self.artifacts.setdefault(run, []).append(artifact)
        self.zips[number] = body
        return artifact

    def add_commit(
        self, sha: str, parents: Sequence[str] = (), files: Sequence[Json] = (), message: str = "Sum before rounding"
    ) -> None:
        self.commits[sha] = commit(sha, message, parents, files)

    def add_compare(
        self, base: str, head: str, *, ahead: int, behind: int, files: Sequence[Json] = (), commits: Sequence[Json] = ()
    ) -> None:
        """Say how two commits stand; commits: those that `head` is ahead by, oldest first, where a test needs them."""
        url = f"{API}/repos/acme/app/compare/x"
        self.compare[f"{base}...{head}"] = {
            **dict.fromkeys(("url", "html_url", "permalink_url", "diff_url", "patch_url"), url), "base_commit": commit(BASE, "b", []),
            "merge_base_commit": commit(BASE, "b", []), "status": "diverged" if behind and ahead else "ahead", "ahead_by": ahead,
            "behind_by": behind, "total_commits": ahead, "commits": list(commits), "files": list(files),
        }  # fmt: skip

    def archive(self, run: int, attempt: int) -> bytes:
        """Return the run's logs as GitHub packs them."""
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as bundle:
            for index, job in enumerate(self.jobs[run, attempt]):
                body = self.logs.get(job["id"])
                if not isinstance(body, bytes):
                    continue
                folder = job["name"].replace("/", "").replace(":", "")[:90].strip()
                bundle.writestr(f"{index}_{folder}.txt", body)
                for name, text in self.step_logs.get(job["id"], []):
                    bundle.writestr(f"{folder}/{name}", text)
                if f"{folder}/system.txt" not in bundle.namelist():
                    bundle.writestr(f"{folder}/system.txt", "Requested labels: ubuntu-latest\n")
        return held.getvalue()
