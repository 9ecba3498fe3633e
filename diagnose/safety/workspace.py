"""Paths as a log names them, made paths of the repository: what differs between machines is taken off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.kit.workspace import WORKSPACE
from diagnose.safety.paths import to_path
from diagnose.safety.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from diagnose.model.text import Untrusted

_INSTALLED: Final = regex(
    r"(?:^|/)(?:site-packages|dist-packages|node_modules|\.cargo/registry|\.rustup|go/pkg/mod|\.gradle|\.m2|vendor/bundle|hostedtoolcache|\.tox|\.venv)/"
)


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
        path = WORKSPACE.sub("", path, count=1) if WORKSPACE.match(path) else path
    return None if _INSTALLED.search(path) else to_path(path)
