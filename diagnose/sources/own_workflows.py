"""The workflow files of the checkout around a folder: with them a saved log's hidden failure is named by file and line.

Read, never run; regular files only, so many and so large at most. A log that says of which repository it is, and it is another, gets none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.model.incident import Missing
from diagnose.safety.paths import open_below
from diagnose.sources.gitdir import repository_config

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

MOST_FILES: Final = 40
MOST_BYTES: Final = 512 << 10
HEAD: Final = 256 << 10
_PLACES: Final = (
    ".github/workflows/*.yml", ".github/workflows/*.yaml", ".gitlab-ci.yml", ".gitlab/ci/*.yml", ".circleci/config.yml", ".travis.yml",
    "azure-pipelines*.yml", ".azure-pipelines/*.yml", "Jenkinsfile",
)  # fmt: skip
_OF: Final = regex(rb"Syncing repository: ([\w.-]{1,100}/[\w.-]{1,100})")


def own_workflows(folder: Path, logs: Sequence[Path]) -> tuple[tuple[str, bytes], ...]:
    """Return (path below the root, bytes) of the workflow files of the checkout that `folder` is in, () outside of one."""
    root = next((place for place in (folder, *folder.parents) if (place / ".git").exists()), None)
    if root is None or not all(_belongs(root, log) for log in logs):
        return ()
    found: list[tuple[str, bytes]] = []
    for path in _files(root):
        name = path.relative_to(root).as_posix()
        data = open_below(root, name, MOST_BYTES)
        if not isinstance(data, Missing):
            found.append((name, data))
        if len(found) == MOST_FILES:
            break
    return tuple(found)


def _files(root: Path) -> Iterator[Path]:
    for place in _PLACES:
        yield from sorted(path for path in root.glob(place) if path.name.isprintable())


def _belongs(root: Path, log: Path) -> bool:
    """Tell whether nothing speaks against a log being of this checkout: the repository that it names is one of the remotes."""
    try:
        with log.open("rb") as file:
            named = {found.lower() for found in _OF.findall(file.read(HEAD))}
    except OSError:
        return False
    if not named:
        return True
    config = repository_config(root)
    return config is not None and any(
        re.search(rb"[/:]" + re.escape(name) + rb"(?:\.git)?/?\s", config.lower() + b"\n") for name in named
    )
