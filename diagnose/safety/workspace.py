"""Paths as a log names them, made paths of the repository: what differs between machines is taken off."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from diagnose.safety.paths import to_path
from diagnose.safety.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from diagnose.model.text import Untrusted

# Where the runners of GitHub, GitLab, CircleCI, Travis CI and Azure put a checkout, as the logs that they leave show it.
_WORKSPACE: Final = re.compile(
    r"(?:(?:/home/runner/work|/Users/runner/work|/home/[^/]+/actions-runner/_work|/__w|[A-Za-z]:/a(?:/_work)?)/[^/]+/[^/]+/|/github/workspace/|"
    r"/home/vsts/work/\d+/s/|/builds/[^/]+/[^/]+/|/home/circleci/[^/]+/|/(?:home|Users)/travis/build/[^/]+/[^/]+/)"
)
_INSTALLED: Final = re.compile(
    r"(?:^|/)(?:site-packages|dist-packages|node_modules|\.cargo/registry|\.rustup|go/pkg/mod|\.gradle|\.m2|vendor/bundle|hostedtoolcache|\.tox|\.venv)/"
)


def below_checkout(file: str) -> str:
    """Return the path as it is called in a checkout, where `file` lies in a runner's; any other name as it is."""
    path = file.replace("\\", "/")
    found = _WORKSPACE.match(path)
    below = path[found.end() :] if found else ""
    return file if not below or ".." in below.split("/") else below


def to_source(file: str | Untrusted, roots: Iterable[str] = ()) -> str | None:
    """Return the path below the root of the repository that `file` may be, None when it leads elsewhere or lies in what was installed.

    roots: absolute folders of the checkout, to be taken off before the known ones. The file need not exist.
    """
    path = plain(file).strip().replace("\\", "/").removeprefix("file://")
    for root in roots:
        below = root.replace("\\", "/").rstrip("/") + "/"
        if len(below) > 1 and path.startswith(below):
            path = path[len(below) :]
            break
    else:
        path = _WORKSPACE.sub("", path, count=1) if _WORKSPACE.match(path) else path
    return None if _INSTALLED.search(path) else to_path(path)
