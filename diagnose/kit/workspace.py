"""Where runners put a checkout: what stands before a file's own path in their logs."""

from __future__ import annotations

from typing import Final

from diagnose.kit.regex import regex

# Where the runners of GitHub, GitLab, CircleCI, Travis CI and Azure put a checkout, as the logs that they leave show it.
WORKSPACE: Final = regex(
    r"(?:(?:/home/runner/work|/Users/runner/work|/home/[^/]+/actions-runner/_work|/__w|[A-Za-z]:/a(?:/_work)?)/[^/]+/[^/]+/|/github/workspace/|"
    r"/home/vsts/work/\d+/s/|/builds/[^/]+/[^/]+/|/home/circleci/[^/]+/|/(?:home|Users)/travis/build/[^/]+/[^/]+/)"
)


def below_checkout(file: str) -> str:
    """Return the path as it is called in a checkout, where `file` lies in a runner's; any other name as it is."""
    path = file.replace("\\", "/")
    found = WORKSPACE.match(path)
    below = path[found.end() :] if found else ""
    return file if not below or ".." in below.split("/") else below
