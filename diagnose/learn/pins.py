"""Which versions a change moved: read from the patch of a manifest, a lock file or a workflow, in the form that its ecosystem has."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.learn.patch import lines_of
from diagnose.learn.paths import kind_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from diagnose.sources.span import Touched

SHORT_SHA: Final = 7
MOST_VALUE: Final = 40
MOST_LIST: Final = 300
MOST_NAME: Final = 60
MOST_CHANGES: Final = 6
HIDDEN: Final = "…"
MOST_PINS: Final = 1000

_VERSION: Final = regex(r"[\^~<>=!v\s]*\d[\w.\-+*]*(?:\s*(?:,|\|\||\s)\s*[\^~<>=!v\s]*\d[\w.\-+*]*)*")
_SHA: Final = regex(r"[0-9a-f]{40}|[0-9a-f]{64}")
_NOT_PINS: Final = frozenset({
    "version", "lockfileversion", "revision", "resolved", "integrity", "checksum", "hash", "sha256", "url", "upload-time", "size", "port", "timeout",
    "timeout-minutes", "line-length", "edition", "target-version", "fetch-depth", "retention-days", "resolver", "manifestversion", "schema", "metadata-version",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Moved:
    """A pin that a change moved. before "": it was not there; after "": it is not there any more. name "": the file does not say whose it is."""

    name: str
    before: str
    after: str


Pin = tuple[str, str]
"""Name and version; the name "" where only the lines around say it."""

_REQUIREMENT: Final = regex(
    r"""^[\s"'\-,\[]*([A-Za-z0-9][\w.\-]*)(?:\[[^\]]*\])?\s*\(?((?:===?|~=|!=|<=|>=|<|>)\s*[^"'#;\s,)\]\\]+(?:\s*,\s*(?:==|~=|!=|<=|>=|<|>)\s*[^"'#;\s,)\]\\]+)*)\)?\s*(?:["'#;,\\\])].*|--hash.*)?$"""
)
_QUOTED: Final = regex(r"""["']([A-Za-z0-9][\w.\-]*)(?:\[[^\]]*\])?\s*((?:===?|~=|!=|<=|>=|<|>)\s*\d[^"'#;]*)[;"']""")
_BARE_REQUIREMENT: Final = regex(r"^([A-Za-z0-9][\w.\-]*)(?:\[[^\]]*\])?\s*(?:[;#].*|--hash.*|\\)?$")
_KEYED: Final = regex(r"""^\s*["']?([@\w./\-]+)["']?\s*[:=]\s*["']([^"']{1,80})["']\s*,?\s*(?:#.*)?$""")
_TABLE: Final = regex(r"""^\s*["']?([\w.\-]+)["']?\s*=\s*\{.*?\bversion\s*=\s*["']([^"']{1,80})["']""")
_GO: Final = regex(r"^\s*(?:require\s+)?([\w.\-~]+(?:/[\w.\-~]+)+)\s+(v\d[\w.\-+]*)(?:/go\.mod)?(?:\s.*)?$")
_GO_TOOL: Final = regex(r"^\s*(go|toolchain)\s+(?:go)?(\d[\w.]*)\s*$")
_GEM: Final = regex(
    r"""^\s*(?:gem|\w+\.add_(?:development_|runtime_)?dependency)\s*\(?\s*["']([\w.\-]+)["']\s*,\s*["']([^"']+)["']"""
)
_COORDINATES: Final = regex(r"""["']([\w.\-]+:[\w.\-]+):([\w.\-+]+)(?:@\w+)?["']""")
_PLUGIN: Final = regex(r"""\bid\s*\(?\s*["']([\w.\-]+)["']\s*\)?\s*version\s*["']([\w.\-+]+)["']""")
_XML: Final = regex(r"^\s*<([\w.\-]+)>\s*(v?\d[\w.\-+]*)\s*</\1>\s*$")
_XML_NAME: Final = regex(r"^\s*<artifactId>\s*([\w.\-]+)\s*</artifactId>\s*$")
_PACKAGE_REFERENCE: Final = regex(
    r"""<Package(?:Reference|Version)\s+(?:Include|Update|id)="([\w.\-]+)"\s+[Vv]ersion="([^"]+)\""""
)
_USES: Final = regex(r"""^\s*-?\s*uses:\s*["']?([\w.\-]+/[\w.\-/]+)@([\w.\-/]+)["']?\s*(?:#\s*(\S+))?""")
_INPUT: Final = regex(
    r"""^\s*-?\s*["']?((?:[\w-]+[-_])?version|VERSION|[A-Z][A-Z0-9_]*_VERSION)["']?\s*[:=]\s*["']?([^"'#]+?)["']?\s*,?\s*(?:#.*)?$"""
)
_MATRIX: Final = regex(r"""^\s*-?\s*["']?([\w-]{2,30})["']?:\s*(\[[^\]]*\d[^\]]*\])\s*(?:#.*)?$""")
_RUNS_ON: Final = regex(r"""^\s*(runs-on|os):\s*["']?([\w.\-]+|\[[\w.,\s"'\-]+\])["']?\s*(?:#.*)?$""")
_IMAGE: Final = regex(
    r"""^\s*(?:-?\s*image:\s*|FROM\s+(?:--platform=\S+\s+)?|container:\s*)["']?([\w.\-/]+(?::\d+/[\w.\-/]+)?):([\w.\-]+)(?:@\S+)?["']?(?:\s.*)?$"""
)
_REV: Final = regex(r"""^\s*(?:-\s*)?rev:\s*["']?([\w.\-]+)["']?""")
_REPO: Final = regex(r"""^\s*-?\s*repo:\s*["']?(?:https?://[\w.\-]+/)?([\w.\-/]+?)(?:\.git)?["']?\s*$""")
_TOOL_VERSION: Final = regex(r"^\s*([\w\-]+)\s+(\d[\w.\-]*)\s*$")
_LOCK_NAME: Final = regex(
    r"""^\s*(?:\[\[package\]\]\s*)?name\s*=\s*["']([^"']+)["']|^\s*["']name["']:\s*["']([^"']+)["']"""
)
_LOCK_VERSION: Final = regex(r"""^\s*["']?version["']?\s*[=:]?\s*["']([^"']+)["']\s*,?\s*$""")
_NODE_MODULE: Final = regex(r"""^\s*["'](?:.*node_modules/)?((?:@[\w.\-]+/)?[\w.\-]+)["']:\s*\{\s*$""")
_YARN_NAME: Final = regex(r"""^["']?((?:@[\w.\-]+/)?[\w.\-]+)@[^:]*.*:\s*$""")
_PNPM_NAME: Final = regex(r"""^\s*["']?/?((?:@[\w.\-]+/)?[\w.\-]+)@(\d[\w.\-+]*)(?:\([^)]*\))*["']?:\s*$""")
_LISTED: Final = regex(r"^\s{2,}-?\s*([\w.\-]+)\s\((\d[\w.\-]*)\)")
_PIPFILE_LOCK: Final = regex(r"""^\s*["']version["']:\s*["']==([^"']+)["']""")


def moved(file: Touched) -> list[Moved]:
    """Return the pins that this change moved, in their order. Nothing for a file that holds none."""
    return list(_moved(file))


@lru_cache(maxsize=64)
def _moved(file: Touched) -> tuple[Moved, ...]:
    kind = kind_of(file.path)
    if kind not in ("manifest", "lock", "workflow"):
        return ()
    return tuple(_compared(_lock_pins(file) if kind == "lock" else _pins(file, _reader(file.path)))[:MOST_PINS])


def _compared(pins: list[tuple[str, str, str]]) -> list[Moved]:
    before: dict[str, list[str]] = {}
    after: dict[str, list[str]] = {}
    for mark, name, version in pins:
        values = (before if mark == "-" else after).setdefault(name, [])
        if version not in values:
            values.append(version)
    out = []
    for name in dict.fromkeys([*before, *after]):
        was, now = before.get(name, []), after.get(name, [])
        gone = [value for value in was if value not in now]
        new = [value for value in now if value not in was]
        if gone or new:
            out.append(Moved(name, ", ".join(gone or was)[:MOST_LIST], ", ".join(new or now)[:MOST_LIST]))
    return out


def _reader(path: str) -> tuple[Callable[[str], Pin | None], ...]:
    """Choose how lines of this file are read: the first reader that finds something is believed."""
    name = path.lower().rpartition("/")[2]
    if kind_of(path) == "workflow":
        return (_uses, _image, _runs_on, _input, _matrix)
    if name in _TOOL_FILES:
        return (lambda line: (_TOOL_FILES[name], line.strip().removeprefix("v")) if line.strip() else None,)
    for form, readers in _readers():
        if form.search(name):
            return readers
    return (_table, _keyed, _requirement, _quoted)


_TOOL_FILES: Final = {
    ".python-version": "python",
    ".nvmrc": "node",
    ".node-version": "node",
    ".ruby-version": "ruby",
    ".java-version": "java",
    "rust-toolchain": "rust",
}


@cache
def _readers() -> tuple[tuple[re.Pattern[str], tuple[Callable[[str], Pin | None], ...]], ...]:
    forms: tuple[tuple[str, tuple[Callable[[str], Pin | None], ...]], ...] = (
        (r"^dockerfile|\.dockerfile$|compose", (_image, _argument, _requirement_strict)),
        (r"^go\.(?:mod|work)$", (_simple(_GO), _simple(_GO_TOOL))),
        (r"^(?:gem|pod)file$|\.(?:gem|pod)spec$", (_simple(_GEM),)),
        (r"\.(?:gradle|kts)$", (_simple(_COORDINATES), _simple(_PLUGIN), _keyed)),
        (r"\.(?:xml|csproj|fsproj|props|config)$", (_simple(_PACKAGE_REFERENCE), _xml)),
        (r"^\.pre-commit-config\.yaml$", (_rev,)),
        (r"^\.tool-versions$", (_simple(_TOOL_VERSION),)),
        (r"\.(?:txt|in)$", (_requirement, _bare)),
        (r"\.ya?ml$", (_requirement, _conda, _quoted)),
        (r"\.(?:ini|cfg|py)$", (_requirement, _quoted)),
    )
    return tuple((re.compile(form), readers) for form, readers in forms)


def _pins(file: Touched, readers: tuple[Callable[[str], Pin | None], ...]) -> list[tuple[str, str, str]]:
    out: list[tuple[str, str, str]] = []
    around = ""
    for mark, text in lines_of(file):
        around = _name_around(text, around) if mark != "@" else ""
        if mark not in "+-" or text.lstrip().startswith(("#", "//")):
            continue
        found = next((pin for reader in readers if (pin := reader(text)) is not None), None)
        if found is not None:
            out.append((mark, found[0] or around, found[1]))
    return out


def _name_around(text: str, before: str) -> str:
    found = _XML_NAME.match(text) or _REPO.match(text)
    return found[1] if found else before


def _lock_pins(file: Touched) -> list[tuple[str, str, str]]:
    """Read a lock file: a name on one line, often unchanged, and its version on another."""
    out: list[tuple[str, str, str]] = []
    names = {"-": "", "+": ""}
    for mark, text in lines_of(file):
        if mark == "@":
            names = {"-": "", "+": ""}
            continue
        one_line = next((found for form in (_GO, _LISTED, _PNPM_NAME) if (found := form.match(text))), None)
        if one_line is not None:
            if mark in "+-":
                out.append((mark, one_line[1], one_line[2]))
            continue
        named = next((found for form in (_LOCK_NAME, _NODE_MODULE, _YARN_NAME) if (found := form.match(text))), None)
        if named is not None:
            for side in ("-", "+") if mark == " " else (mark,):
                names[side] = next(group for group in named.groups() if group)
            continue
        version = _LOCK_VERSION.match(text)
        if version is not None and mark in "+-" and names[mark]:
            out.append((mark, names[mark], version[1].removeprefix("==")))
    return out


def _simple(form: re.Pattern[str]) -> Callable[[str], Pin | None]:
    def read(line: str) -> Pin | None:
        found = form.search(line)
        return (found[1], " ".join(found[2].split())) if found else None

    return read


def _conda(line: str) -> Pin | None:
    found = re.match(r"^\s*-\s*([A-Za-z0-9][\w.\-]*)\s*=\s*(\d[\w.*]*)", line)
    return (found[1].lower(), found[2]) if found else None


def _requirement(line: str) -> Pin | None:
    found = _REQUIREMENT.match(line)
    if found is None or found[1].lower() in _NOT_PINS or not any(char.isdigit() for char in found[2]):
        return None
    return _plain_name(found[1]), _plain_version(found[2])


def _quoted(line: str) -> Pin | None:
    found = _QUOTED.search(line)
    return (_plain_name(found[1]), _plain_version(found[2])) if found else None


def _requirement_strict(line: str) -> Pin | None:
    found = re.search(r"\b([A-Za-z][\w.\-]*)(==[\w.\-+]+)", line)
    return (_plain_name(found[1]), _plain_version(found[2])) if found else None


def _bare(line: str) -> Pin | None:
    """A requirement without a version: "any" of it."""
    found = _BARE_REQUIREMENT.match(line)
    return (_plain_name(found[1]), "any") if found else None


def _plain_name(name: str) -> str:
    return name.rstrip(".").replace("_", "-").lower()


def _plain_version(version: str) -> str:
    text = re.sub(r"\s+", "", version)
    return text.lstrip("=") if text.startswith("=") and "," not in text else text


def _keyed(line: str) -> Pin | None:
    found = _KEYED.match(line)
    if found is None or found[1].lower() in _NOT_PINS or not _VERSION.fullmatch(found[2].strip()):
        return None
    return found[1], " ".join(found[2].split())


def _table(line: str) -> Pin | None:
    found = _TABLE.match(line)
    return (found[1], found[2]) if found else None


def _xml(line: str) -> Pin | None:
    found = _XML.match(line)
    if found is None:
        return None
    name = found[1].removesuffix(".version").removesuffix("Version")
    return ("" if found[1] in ("version", "Version") else name), found[2]


def _uses(line: str) -> Pin | None:
    found = _USES.match(line)
    if found is None:
        return None
    # an action's parts (github/codeql-action/init) are pinned as one
    return "/".join(found[1].split("/")[:2]), _reference(found[2], found[3] or "")


def _reference(ref: str, comment: str) -> str:
    """A pin to a commit is said by the version in its comment (`# v4`), else by its first seven digits."""
    if not _SHA.fullmatch(ref):
        return ref
    version = re.fullmatch(r"(?:tag=|ratchet:\S+@)?(v?\d[\w.\-]*)", comment)
    return version[1] if version else ref[:SHORT_SHA]


def _rev(line: str) -> Pin | None:
    found = _REV.match(line)
    return ("", _reference(found[1], line.partition("#")[2].strip())) if found else None


def _input(line: str) -> Pin | None:
    found = _INPUT.match(line)
    if (
        found is None
        or found[1].lower() in _NOT_PINS
        or not any(char.isdigit() for char in found[2])
        or "${{" in found[2]
    ):
        return None
    return found[1], " ".join(found[2].split())


def _matrix(line: str) -> Pin | None:
    found = _MATRIX.match(line)
    return (found[1], re.sub(r"[\"'\s]+", "", found[2]).strip("[]").replace(",", "/")) if found else None


def _argument(line: str) -> Pin | None:
    found = re.match(r"""^\s*(?:ARG|ENV)\s+([A-Z][A-Z0-9_]*VERSION)[=\s]["']?([\w.\-]+)""", line)
    return (found[1], found[2]) if found else None


def _image(line: str) -> Pin | None:
    found = _IMAGE.match(line)
    return (found[1], found[2]) if found else None


def _runs_on(line: str) -> Pin | None:
    found = _RUNS_ON.match(line)
    return (found[1], re.sub(r"[\"'\s]+", "", found[2])) if found and "${{" not in line else None


def said(pin: Moved) -> str:
    """Say one moved pin: `urllib3 2.0 -> 1.26`, `urllib3 <2 (new)`, `urllib3 2.0 dropped`; of a list what came and went."""
    name = (pin.name or "a version") if len(pin.name) <= MOST_NAME else HIDDEN
    if "/" in pin.before and "/" in pin.after:
        was, now = pin.before.split("/"), pin.after.split("/")
        changes = [f"+{value}" for value in now if value not in was] + [
            f"-{value}" for value in was if value not in now
        ]
        return (
            f"{name} {' '.join(change if len(change) <= MOST_VALUE else HIDDEN for change in changes[:MOST_CHANGES])}"
        )
    before, after = (_reference(value, "") for value in (pin.before, pin.after))
    # what is longer than any version is none, and half of it may be half a secret
    before, after = (value if len(value) <= MOST_VALUE else HIDDEN for value in (before, after))
    if not before:
        return f"{name} {after} (new)" if after != "any" else f"{name} (new)"
    if not after:
        return f"{name} {before} dropped" if before != "any" else f"{name} dropped"
    return f"{name} {before} -> {after}"
