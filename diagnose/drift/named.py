"""Whether a failure names a package that moved: by a path into it, by the module that it is imported as, by its version, or by its name."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

from diagnose.kit.regex import regex

if TYPE_CHECKING:
    from diagnose.drift.compare import Moved

How = Literal["path", "module", "version", "name", "tool", ""]
"""By what it is named; "tool": what failed is the package itself, a linter say; "" when the failure does not name it."""

MOST_TEXT: Final = 40_000
SHORTEST: Final = 3

IMPORTED_AS: Final = {
    "pyyaml": "yaml", "opencv-python": "cv2", "pillow": "PIL", "scikit-learn": "sklearn", "beautifulsoup4": "bs4", "python-dateutil": "dateutil", "python-dotenv": "dotenv",
    "pyjwt": "jwt", "gitpython": "git", "pyserial": "serial", "pycryptodome": "Crypto", "attrs": "attr", "protobuf": "google.protobuf", "mysqlclient": "MySQLdb",
    "psycopg2-binary": "psycopg2", "python-magic": "magic", "pyopenssl": "OpenSSL", "setuptools": "pkg_resources", "msgpack-python": "msgpack", "scikit-image": "skimage",
    "python-docx": "docx", "ruamel-yaml": "ruamel", "markupsafe": "markupsafe", "grpcio": "grpc", "faiss-cpu": "faiss", "pymupdf": "fitz", "dnspython": "dns",
}  # fmt: skip
"""What `import` says of Python packages that are called otherwise."""

_COMMON: Final = frozenset({
    "build", "test", "tests", "click", "six", "rich", "requests", "packaging", "setup", "node", "python", "go", "ruby", "rust", "image", "core", "common", "utils", "time",
    "log", "json", "http", "url", "path", "events", "process", "debug", "string", "types", "text", "net", "sys", "crypto", "tools", "sync", "plug", "rake", "bundler", "pip", "wheel",
    "npm", "app", "api", "main", "client", "server", "error", "errors", "base", "data", "file", "files", "name", "version", "runner", "cli", "config", "regex", "rand", "once", "docs", "which",
    "and", "for", "the", "not", "all", "any", "get", "set", "run", "add", "new", "parse", "loader", "html", "css", "web", "python-version", "coverage", "execute", "install", "make", "git", "curl",
})  # fmt: skip
"""Packages whose name is also a word: a word alone does not name them."""

_FOLDERS: Final = r"(?:site-packages|dist-packages|node_modules|gems|bundler/gems|registry/src/[^/\s]{1,80}|git/checkouts|pkg/mod|deps|vendor|checkouts|Pods)"
INSTALLED: Final = regex(f"{_FOLDERS}/")
"""A path into something that was installed."""

_MODULE: Final = (
    r"""(?:No module named|cannot import name .{{1,80}} from|Cannot find (?:module|package)|Can't resolve|Module not found: Error: Can't resolve|cannot load such file --|"""
    r"""unresolved import|can't find crate for|module|package|crate|library|distribution|requirement)[ :`'"]{{1,4}}{0}(?![\w-])"""
)


def named(text: str, moved: Moved) -> How:
    """Say how `text`, the lines of a failure, names the package; "" when it does not."""
    if moved.realm in ("image", "toolchain", "action", "docker"):
        return ""
    text, lower = _plain(text)
    best: How = ""
    for form in _forms(moved):
        if not _may_stand(form, lower):
            continue
        how = _of_form(text, form, moved)
        if how and (not best or _ORDER.index(how) < _ORDER.index(best)):
            best = how
    return best


_ORDER: Final[tuple[How, ...]] = ("path", "module", "version", "name", "")


@lru_cache(maxsize=16)
def _plain(text: str) -> tuple[str, str]:
    plain = text[:MOST_TEXT].replace("\\", "/")
    return plain, re.sub(r"[-_.]+", "-", plain.lower())


def _may_stand(form: str, lower: str) -> bool:
    return re.sub(r"[-_.]+", "-", form.lower()) in lower


def _forms(moved: Moved) -> list[str]:
    name = moved.name
    forms = [name]
    if moved.realm == "pypi":
        alias = IMPORTED_AS.get(re.sub(r"[-_.]+", "-", name).lower())
        forms += [alias] if alias else []
    if moved.realm == "maven" and ":" in name:
        forms += [name.rpartition(":")[2]]
        group = name.partition(":")[0]
        forms += [group] if group.count(".") > 1 else []
    if moved.realm == "swift":
        forms = [name.rstrip("/").rpartition("/")[2]]
    return [form for form in forms if len(form) >= SHORTEST]


def _spoken(version: str) -> tuple[str, ...]:
    """Give a version as it is written, and by its first two numbers: messages say "since 2.0" of 2.0.0."""
    whole = version.removeprefix("v")
    return (whole, ".".join(whole.split(".")[:2])) if whole.count(".") > 1 else (whole,)


def _of_form(text: str, form: str, moved: Moved) -> How:
    spelled = re.sub(r"(?:\\?[-_.])+", "[-_.]", re.escape(form))
    if re.search(rf"{_FOLDERS}/(?:[\w.-]{{1,80}}/)?{spelled}(?=[/@:]|-\d|\.(?:py|js|rb|so)\b|$)", text, re.IGNORECASE):
        return "path"
    if re.search(_MODULE.format(spelled), text, re.IGNORECASE) or (
        moved.realm == "pypi"
        and re.search(rf"^(?:E\s+)?{spelled}(?:\.\w+)*\.\w*(?:Error|Exception|Warning)\b", text, re.MULTILINE)
    ):
        return "module"
    versions = "|".join(
        re.escape(each) for version in (moved.after, moved.before) if version for each in _spoken(version)
    )
    if versions and re.search(rf"(?<![\w-]){spelled}[\s:=@v(\"',/-]{{1,6}}(?:{versions})(?![\w])", text, re.IGNORECASE):
        return "version"
    if form.lower() in _COMMON:
        return ""
    return "name" if re.search(rf"(?<![\w@/.-]){spelled}(?![\w-])", text, re.IGNORECASE) else ""
