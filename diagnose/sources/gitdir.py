"""The configuration of the repository that a folder is a checkout of, also where `.git` is a file that only names its place.

git writes such a file into a worktree and into a submodule (gitrepository-layout(5), "gitdir"; git-worktree(1), "Details"). A checkout
may be anybody's, and so may be what its file says: a place is believed only where it names this checkout in return, no link is
followed on the way there, and other machines are not asked. A repository whose folder was only moved away (`--separate-git-dir`) names
no checkout, and is not read.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from diagnose.kit.regex import regex
from diagnose.model.incident import Missing
from diagnose.safety.paths import PATH_BYTES, open_below

MOST_BYTES: Final = 512 << 10
_PREFIX: Final = b"gitdir: "
_LINE: Final = PATH_BYTES + len(_PREFIX) + 2
_CONTROL: Final = regex(rb"[\x00-\x1f\x7f]")
_ELSEWHERE: Final = (b"//", b"\\\\", b"/\\", b"\\/")
_SECTION: Final = regex(rb"\s*\[([^\]\n]*)\]")
_WORKTREE: Final = regex(rb"\s*worktree[ \t]*=(.*)", re.IGNORECASE | re.DOTALL)
_QUOTED: Final = regex(rb'"((?:[^"\\]|\\.)*)"')
_COMMENT: Final = regex(rb"[#;]")


def repository_config(root: Path) -> bytes | None:
    """Read the repository's `config`; None where there is none, or where it is not certain to be this checkout's."""
    git = root / ".git"
    if git.is_symlink():
        return None
    if git.is_dir():
        return _read(git, "config", MOST_BYTES)
    kept = _named(Path(os.path.realpath(root)), _beginning(git))
    if kept is None:
        return None
    common = _read(kept, "commondir", _LINE)
    return _of_submodule(kept, root) if common is None else _of_worktree(kept, common, root)


def _of_worktree(kept: Path, common: bytes, root: Path) -> bytes | None:
    """kept: `worktrees/NAME` in the repository, whose file `gitdir` names the worktree's `.git`."""
    back = _read(kept, "gitdir", _LINE)
    home = _named(kept, common)
    if home is None or kept.parent != home / "worktrees" or not _leads_to(kept, back, root / ".git"):
        return None
    return _read(home, "config", MOST_BYTES)


def _of_submodule(kept: Path, root: Path) -> bytes | None:
    """kept: `modules/PATH` in the repository above, whose setting core.worktree names the submodule's folder."""
    config = _read(kept, "config", MOST_BYTES)
    return config if config is not None and _leads_to(kept, _worktree(config), root) else None


def _worktree(config: bytes) -> bytes | None:
    """Give core.worktree as it is written last, None where it is not set."""
    section, found = b"", None
    for line in config.split(b"\n"):
        head = _SECTION.match(line)
        if head is not None:
            section = head[1].strip().lower()
            continue
        told = _WORKTREE.fullmatch(line) if section == b"core" and len(line) <= _LINE else None
        if told is not None:
            quoted = _QUOTED.match(told[1].strip())
            found = re.sub(rb"\\(.)", rb"\1", quoted[1]) if quoted else _COMMENT.split(told[1])[0].strip()
    return found


def _beginning(git: Path) -> bytes | None:
    """Give what stands behind `gitdir: ` in a regular file, None for any other."""
    try:
        if not git.is_file():
            return None
        with git.open("rb") as file:
            data = file.read(_LINE + 1)
    except OSError:
        return None
    return data.removeprefix(_PREFIX) if data.startswith(_PREFIX) else None


def _path(base: Path, written: bytes | None) -> Path | None:
    """Make a path of what git wrote, from `base` on; None for what is no single path of this machine."""
    line = (written or b"").removesuffix(b"\n").removesuffix(b"\r")
    if not line.strip() or len(line) > PATH_BYTES or _CONTROL.search(line) or line.startswith(_ELSEWHERE):
        return None
    return Path(os.path.normpath(base / os.fsdecode(line)))


def _named(base: Path, written: bytes | None) -> Path | None:
    """Give the folder that is named, None where there is none or a link stands on the way."""
    path = _path(base, written)
    return path if path is not None and os.path.realpath(path) == str(path) and path.is_dir() else None


def _leads_to(base: Path, written: bytes | None, place: Path) -> bool:
    path = _path(base, written)
    return path is not None and os.path.realpath(path) == os.path.realpath(place)


def _read(folder: Path, name: str, most: int) -> bytes | None:
    data = open_below(folder, name, most)
    return None if isinstance(data, Missing) else data
