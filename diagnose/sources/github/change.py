"""What is being tested: the files of the change, and how its branch stands to the base."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from diagnose.drift.pairs import is_wanted
from diagnose.model.incident import Branch, Change, Missing
from diagnose.model.text import Untrusted, phrase
from diagnose.sources.github.replies import Commit, Comparison, File, Pull
from diagnose.sources.github.scope import quoted
from diagnose.sources.github.trouble import Trouble
from diagnose.sources.patch import changed_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnose.model.incident import ChangedFile
    from diagnose.sources.github.scope import Scope
    from diagnose.sources.github.session import Session

COMPARED_FILES: Final = 300  # the most that compare and commit give
PULL_FILES: Final = 3000  # the most that the list of a pull request's files gives
MERGE_WAITS: Final = (1.0, 2.0, 3.0)
KNOWN_FILES: Final = frozenset(
    [
        "pyproject.toml",
        "setup.py",
        "setup.cfg",
        "requirements.txt",
        "requirements-dev.txt",
        "constraints.txt",
        "uv.lock",
        "poetry.lock",
        "Pipfile",
        "Pipfile.lock",
        "tox.ini",
        "noxfile.py",
        "pytest.ini",
        "environment.yml",
        "package.json",
        "package-lock.json",
        "npm-shrinkwrap.json",
        "yarn.lock",
        "pnpm-lock.yaml",
        "tsconfig.json",
        "Cargo.toml",
        "Cargo.lock",
        "go.mod",
        "go.sum",
        "Gemfile",
        "Gemfile.lock",
        "pom.xml",
        "build.gradle",
        "build.gradle.kts",
        "settings.gradle",
        "gradle.lockfile",
        "libs.versions.toml",
        "composer.json",
        "composer.lock",
        "mix.exs",
        "mix.lock",
        "Dockerfile",
        "Makefile",
        "CMakeLists.txt",
        ".python-version",
        ".nvmrc",
        ".node-version",
        ".tool-versions",
        "rust-toolchain",
        "rust-toolchain.toml",
    ]
)
MOST_FILES: Final = 12


def _files(replies: Sequence[File]) -> tuple[ChangedFile, ...]:
    return tuple(changed_file(each.filename, each.status, each.previous_filename, each.patch) for each in replies)


async def find_change(session: Session, scope: Scope) -> Change | Missing:
    """Return the files of the pull request, of the branch against its base, or of the commit itself."""
    noun = phrase("the files of the change")
    pull = scope.pull
    if pull is not None and scope.of_pull:
        pages = await session.client.pages(session.at(f"/pulls/{pull.number}/files"), tuple[File, ...], most=30)
        if pages.trouble is not None and not pages.items:
            return session.missing(pages.trouble, noun, "pull requests")
        if pages.trouble is not None:
            session.lose(pages.trouble, phrase("some of the files of the change"), "pull requests")
        files = _files([each for page in pages.items for each in page])
        return Change(
            files,
            pages.trouble is None and len(files) >= min(pull.changed_files, PULL_FILES + 1),
            scope.sha,
            pull.base.sha,
            pull.title,
            pull.user.login if pull.user else "",
            pull.from_fork,
        )
    if scope.base:
        compared = await session.client.get(_comparison(session, scope), Comparison)
        if isinstance(compared, Trouble):
            return session.missing(compared, noun, "contents")
        title, fork = (pull.title, pull.from_fork) if pull else ("", False)
        return Change(
            _files(compared.files),
            len(compared.files) < COMPARED_FILES,
            scope.sha,
            compared.merge_base_commit.sha,
            title,
            pull.user.login if pull and pull.user else "",
            fork,
        )
    commit: Commit | Trouble | None = scope.commit
    if commit is None:
        commit = await session.client.get(session.at(f"/commits/{quoted(scope.sha)}"), Commit)
    if isinstance(commit, Trouble):
        return session.missing(commit, noun, "contents")
    return Change(
        _files(commit.files),
        len(commit.files) < COMPARED_FILES,
        commit.sha,
        commit.parents[0].sha if commit.parents else "",
        commit.commit.message.partition("\n")[0],
        commit.author.login if commit.author else "",
    )


def _comparison(session: Session, scope: Scope) -> str:
    return session.at(f"/compare/{quote(scope.base, safe='')}...{quote(scope.sha, safe='')}")


async def find_branch(session: Session, scope: Scope) -> Branch | Missing | None:
    """Return how head and base stand; None when the commit is on the base itself."""
    if not scope.base:
        return None
    compared = await session.client.get(_comparison(session, scope), Comparison, {"per_page": "1"})
    pull = await _merge_known(session, scope)
    if isinstance(compared, Trouble) and pull is None:
        return session.missing(compared, phrase("how the branch stands to its base"), "contents")
    if isinstance(compared, Trouble):
        session.lose(compared, phrase("how the branch stands to its base"), "contents")
    behind, ahead = (None, None) if isinstance(compared, Trouble) else (compared.behind_by, compared.ahead_by)
    left_at = "" if isinstance(compared, Trouble) else compared.merge_base_commit.sha
    if pull is None:
        return Branch(scope.head, scope.base, None, behind, ahead, merge_base=left_at)
    return Branch(
        scope.head,
        scope.base,
        pull.mergeable if scope.of_pull else None,
        behind,
        ahead,
        draft=pull.draft,
        closed=pull.state == "closed",
        merged=pull.merged,
        merge_base=left_at,
        head_sha=pull.head.sha,
    )


async def _merge_known(session: Session, scope: Scope) -> Pull | None:
    """Ask again, a few times, while GitHub computes whether an open pull request can be merged."""
    pull = scope.pull
    if pull is None:
        return None
    for wait in MERGE_WAITS:
        if pull.mergeable is not None or pull.state != "open" or not scope.of_pull:
            break
        await session.sleep(wait)
        again = await session.client.get(session.at(f"/pulls/{pull.number}"), Pull)
        if isinstance(again, Trouble) or again.head.sha != scope.sha:
            break
        pull = again
    return pull


def _is_known(path: str) -> bool:
    folder, _, name = path.rpartition("/")
    if folder == ".github/workflows":
        return name.endswith((".yml", ".yaml"))
    return name in KNOWN_FILES or is_wanted(name)


async def find_files(
    session: Session, scope: Scope, change: Change | Missing, also: Sequence[str]
) -> tuple[tuple[str, bytes], ...]:
    """Return (path, bytes) at the commit of those workflow, manifest and lock files that the change touched, and of `also`."""
    touched = (
        []
        if isinstance(change, Missing)
        else [each.path for each in change.files if each.status != "removed" and _is_known(each.path)]
    )
    found: list[tuple[str, bytes]] = []
    for path in list(dict.fromkeys([*also, *sorted(touched, key=lambda each: (each.count("/"), each))]))[:MOST_FILES]:
        if ".." in path.split("/") or path.startswith("/") or not path.isprintable():
            continue
        body = await session.client.raw(session.at(f"/contents/{quoted(path)}"), {"ref": scope.sha})
        if isinstance(body, Trouble) and body.kind == "not-found":
            continue  # GitHub's own word that the commit has no such file
        if isinstance(body, Trouble):
            session.lose(body, phrase("the file ", Untrusted(path), " at this commit"), "contents")
        else:
            found.append((path, body))
    return tuple(found)
