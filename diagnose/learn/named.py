"""What a failure named: files, modules, tests, packages. A change that touches one of them may be what cured it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.learn.paths import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from diagnose.model.words import JobStatus

MOST_TEXT: Final = 20_000
MOST_TESTS: Final = 50
MOST_MENTIONS: Final = 50
MOST_PREFIX: Final = 300

_EVERYWHERE: Final = frozenset(
    {
        "__init__.py",
        "__main__.py",
        "index.js",
        "index.ts",
        "index.tsx",
        "main.go",
        "main.rs",
        "main.py",
        "mod.rs",
        "lib.rs",
        "utils.py",
        "conftest.py",
        "types.ts",
        "build.gradle",
        "CMakeLists.txt",
    }
)
"""Names that many folders have: alone they name no file."""

_COMMON_WORDS: Final = frozenset(
    {
        "python",
        "node",
        "go",
        "ruby",
        "java",
        "rust",
        "os",
        "runs-on",
        "ubuntu",
        "image",
        "toolchain",
        "npm",
        "pip",
        "setup",
        "build",
        "test",
        "tests",
        "click",
        "six",
        "rich",
        "requests",
        "packaging",
    }
)
"""Packages whose name is also a word: they are named only where a version or a quotation mark stands by."""

_IMPORTED_AS: Final = {
    "pyyaml": "yaml", "opencv-python": "cv2", "pillow": "PIL", "scikit-learn": "sklearn", "beautifulsoup4": "bs4", "python-dateutil": "dateutil", "python-dotenv": "dotenv",
    "pyjwt": "jwt", "gitpython": "git", "pyserial": "serial", "pycryptodome": "Crypto", "attrs": "attr", "protobuf": "google.protobuf", "mysqlclient": "MySQLdb",
    "psycopg2-binary": "psycopg2", "python-magic": "magic", "pyopenssl": "OpenSSL", "setuptools": "pkg_resources", "msgpack-python": "msgpack", "scikit-image": "skimage",
    "python-docx": "docx", "ruamel-yaml": "ruamel", "importlib-metadata": "importlib_metadata", "typing-extensions": "typing_extensions", "pytest-asyncio": "asyncio_mode",
}  # fmt: skip
"""What `import` says of packages that are called otherwise."""

_DOTTED: Final = regex(r"[A-Za-z_][\w$]*(?:(?:\.|::)[A-Za-z_][\w$]*)+")
_TEST_AFFIX: Final = regex(r"^(?:test[_-])|(?:[_-]test|[_-]spec|\.test|\.spec|\.cy)$|(?:Tests?|Spec|IT)$")


@dataclass(frozen=True, slots=True)
class Failure:
    """A failure that was met, as far as it is remembered. All texts are foreign, and redacted.

    lines: its title and the lines of its evidence. tests: names of failed tests. status: how the job ended; after "cancelled" and
    "timed_out" a green run proves nothing. workflow: the path of the workflow file, "" when unknown.
    """

    category: str
    tool: str
    lines: tuple[str, ...]
    tests: tuple[str, ...] = ()
    job: str = ""
    status: JobStatus = "failure"
    workflow: str = ""
    commit: str = ""
    at: datetime | None = None

    @property
    def text(self) -> str:
        """All that it said, on lines; slashes as in a repository's paths."""
        return _joined(self.lines, self.tests)


@lru_cache(maxsize=64)
def _joined(lines: tuple[str, ...], tests: tuple[str, ...]) -> str:
    return "\n".join((*lines, *tests[:MOST_TESTS]))[:MOST_TEXT].replace("\\", "/")


def names_path(failure: Failure, path: str) -> bool:
    """Tell whether the failure names this file: by its path, a part of it that can be no other, or its module's dotted name."""
    folders, _, name = path.rpartition("/")
    if len(name) < 3:  # noqa: PLR2004 - `a`, `go`: words, not files
        return False
    own = folders.split("/") if folders else []
    for prefix in _prefixes(failure.text, name):
        given = [part for part in prefix.split("/") if part not in ("", ".", "..")]
        shared = min(len(given), len(own))
        agrees = own[len(own) - shared :] == given[len(given) - shared :]
        if agrees and (shared or (not own and not given) or (name not in _EVERYWHERE and "." in name)):
            return True
    return _names_module(failure, own, name)


def _prefixes(text: str, name: str) -> Iterator[str]:
    """Yield what stands before each mention of a file's name as the folders of a path. By hand: no expression, no text that makes it slow."""
    at = text.find(name)
    for _ in range(MOST_MENTIONS):
        if at < 0:
            return
        start, end = at, at + len(name)
        while start > max(0, at - MOST_PREFIX) and (text[start - 1].isalnum() or text[start - 1] in "_.@+~-/"):
            start -= 1
        prefix = text[start:at]
        if (not prefix or prefix.endswith("/")) and not (
            end < len(text) and (text[end].isalnum() or text[end] in "_-")
        ):
            yield prefix
        at = text.find(name, end)


def _names_module(failure: Failure, folders: list[str], name: str) -> bool:
    stem = name.partition(".")[0]
    parts = [*folders, stem]
    for found in _DOTTED.finditer(failure.text):
        given = [part for part in re.split(r"\.|::", found[0]) if part not in ("crate", "self", "super")]
        for length in range(2, min(len(given), len(parts)) + 1):
            if parts[-length:] == given[:length]:
                return True
    return False


def names_subject(failure: Failure, path: str) -> bool:
    """Tell whether this is the source that a named test is about: `orders.py` for `test_orders.py`, `OrderService.java` for `OrderServiceTest`."""
    if kind_of(path) != "source":
        return False
    stem = path.rpartition("/")[2].partition(".")[0]
    return len(stem) > 3 and stem.lower() in _subjects(failure.text)  # noqa: PLR2004 - `app`, `api`: words


@lru_cache(maxsize=64)
def _subjects(text: str) -> frozenset[str]:
    words = re.findall(r"[A-Za-z_][\w\-]*(?:\.(?:test|spec|cy)(?=\.))?", text)
    return frozenset(_TEST_AFFIX.sub("", word).lower() for word in words if _TEST_AFFIX.search(word))


def names_package(failure: Failure, name: str) -> bool:
    """Tell whether the failure names this package, under its own name or the one that it is imported by."""
    return any(_says(failure.text, form) for form in _forms(name))


def _forms(name: str) -> list[str]:
    forms = [name]
    lower = name.lower()
    if lower in _IMPORTED_AS:
        forms.append(_IMPORTED_AS[lower])
    if ":" in name:  # group:artifact
        forms.append(name.rpartition(":")[2])
    if lower.endswith(("-version", "_version")):
        forms.append(name[: -len("-version")])
    return [form for form in forms if len(form) > 1]


def _says(text: str, name: str) -> bool:
    spelled = re.sub(r"[-_.]+", "[-_.]", re.escape(name).replace(r"\-", "-").replace(r"\.", "."))
    if name.lower() in _COMMON_WORDS:
        pattern = rf"(?<![\w.\-/])(?:['\"`]{spelled}['\"`]|{spelled}(?:\s*[@=<>~^v:]+\s*|[ /\-])\d)"
    else:
        pattern = rf"(?<![\w\-/@.]){spelled}(?![\w\-])" if not name.startswith("@") else rf"{spelled}(?![\w\-])"
    return re.search(pattern, text, re.IGNORECASE) is not None


def names_workflow(failure: Failure, path: str) -> bool:
    """Tell whether a change of this workflow or action file could have touched the failure: it is the run's own, or the failure names it."""
    if kind_of(path) != "workflow":
        return False
    return (
        path == failure.workflow
        or names_path(failure, path)
        or (path.endswith(("action.yml", "action.yaml")) and path.rpartition("/")[0].rpartition("/")[2] in failure.text)
    )


def own_name(test: str) -> str:
    """Return a test's own name as its source has it: without file, class and parameters."""
    last = re.split(r"::| > | › | ❯ |#", re.sub(r"\[.*\]$|\(.*\)$", "", test.strip()))[-1].strip()  # noqa: RUF001 - as runners print it
    if " " not in last and "/" in last:
        return last.split("/")[0]  # Go: TestFoo/case
    return last.rpartition(".")[2] if " " not in last and "." in last else last
