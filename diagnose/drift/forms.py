"""How each installer says, on one line, which version of what it took.

Each form names the literals of which its lines hold one, and an expression for the line without its frame and colours. Seen by
running the tools (pip 23.2 and 25.1, uv 0.13, npm 11.19, cargo 1.95, go 1.19, bundler 2.3, Maven 3.8, composer 2.5) and in public logs; poetry's,
NuGet's, pnpm's and Hex's as their public documentation and issues quote them. No expression has two ways to read the same text, so none is slow.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from diagnose.kit.regex import regex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Sort = Literal["taken", "fetched", "gone"]
"""taken: it is in use. fetched: it was downloaded, perhaps only to be looked at. gone: it was taken away."""


class Said(NamedTuple):
    """One package as a line names it."""

    name: str
    version: str
    sort: Sort = "taken"


class Form(NamedTuple):
    """One way to say it. realm: whose names these are; equal names of two realms are two packages."""

    realm: str
    literals: tuple[bytes, ...]
    expression: re.Pattern[str]
    read: Callable[[re.Match[str]], Iterator[Said]]


SINGLE: Final = frozenset(
    {"pypi", "gem", "composer", "hex", "apt", "apk", "conda", "pod", "image", "action", "toolchain"}
)
"""Realms of which an environment holds one version of each name."""

_NPM: Final = r"((?:@[\w.~-]{1,100}/)?[A-Za-z0-9_][\w.~-]{0,200})"
_GONE_WORDS: Final = ("Removing", "Uninstalling", "removed")
_LISTED: Final = regex(r"([A-Za-z0-9][\w.-]{0,200}?)-(\d[\w.!+]{0,80})(?:-\S{1,120})?")
_JAR: Final = regex(
    r"https?://[^/\s]{1,200}/(\S{1,400}/)?([^/\s]{1,150})/(\d[^/\s]{0,80}|[^/\s]{1,80}-SNAPSHOT)/([^/\s]{1,250})\.(?:jar|aar)"
)
_ROOTS: Final = ("maven2/", "m2/", "maven/", "public/", "releases/", "snapshots/")


def _pair(found: re.Match[str]) -> Iterator[Said]:
    yield Said(found[1], found[2])


def _fetched(found: re.Match[str]) -> Iterator[Said]:
    yield Said(found[1], found[2], "fetched")


def _moved(found: re.Match[str]) -> Iterator[Said]:
    """Read `name 1.0`, or `name 1.0 => 1.1` of which the second counts."""
    yield Said(found[1], found[3] or found[2])


def _verb(found: re.Match[str]) -> Iterator[Said]:
    """Read `Installing name (1.0)`, `Updating name (1.0 -> 1.1)`, `Removing name (1.0)`."""
    versions = re.split(r"\s(?:->|=>)\s", found[3])
    yield Said(found[2], versions[-1].split(" ")[0], "gone" if found[1] in _GONE_WORDS else "taken")


def _signed(found: re.Match[str]) -> Iterator[Said]:
    yield Said(found[2], found[3], "gone" if found[1] == "-" else "taken")


def _pip(found: re.Match[str]) -> Iterator[Said]:
    """Read `Successfully installed idna-3.7 ruamel.yaml-0.18.6`: the version begins behind a hyphen that a digit follows."""
    for item in found[1].split():
        at = max(
            (place for place in range(len(item) - 1) if item[place] == "-" and item[place + 1].isdigit()), default=0
        )
        if at:
            yield Said(item[:at], item[at + 1 :])


def _tox(found: re.Match[str]) -> Iterator[Said]:
    for item in found[1].split(","):
        name, parted, version = item.partition("==")
        if parted:
            yield Said(name.strip(), version.strip())


def _wheel(found: re.Match[str]) -> Iterator[Said]:
    """Read the file name of a wheel or of a source archive."""
    name = re.sub(
        r"\.(?:tar\.(?:gz|bz2|xz)|zip)$", "", found[1].rpartition("/")[2].removesuffix(".metadata").removesuffix(".whl")
    )
    parts = _LISTED.fullmatch(name)
    if parts:
        yield Said(parts[1], parts[2], "fetched")


def _cargo(found: re.Match[str]) -> Iterator[Said]:
    verb, name, version, rest = found.groups()
    place = (rest or "").strip("() ")
    if place.startswith(("/", "file:")) or place[1:3] in (":\\", ":/"):
        return  # a crate of the repository itself
    later = re.match(r"-> v(\d\S{0,80})", rest or "")
    commit = re.search(r"#([0-9a-f]{7,12})", place)
    told = later[1] if later else f"{version}#{commit[1]}" if commit else version
    yield Said(name, told, "gone" if verb == "Removing" else "taken")


def _jar(found: re.Match[str]) -> Iterator[Said]:
    """Read an artefact's address: `.../maven2/org/acme/tool/1.2/tool-1.2.jar`. A snapshot's own time stands in the file's name."""
    url = _JAR.match(found[1])
    if url is None:
        return
    folder, artifact, version, file = (url[1] or ""), url[2], url[3], url[4]
    cut = next((folder.find(root) + len(root) for root in _ROOTS if root in folder), -1)
    group = folder[cut:].strip("/").replace("/", ".") if cut >= 0 else ""
    if version.endswith("-SNAPSHOT") and file.startswith(f"{artifact}-"):
        version = file[len(artifact) + 1 :]
    yield Said(f"{group}:{artifact}" if group else artifact, version)


def _gradle(found: re.Match[str]) -> Iterator[Said]:
    yield Said(found[1], found[3] or found[2])


def _short(found: re.Match[str]) -> Iterator[Said]:
    yield Said(found[1], found[2][:12])


def _named(name: str) -> Callable[[re.Match[str]], Iterator[Said]]:
    def read(found: re.Match[str]) -> Iterator[Said]:
        yield Said(name, found[1])

    return read


_PINNED: Final = tuple(b"==%d" % digit for digit in range(10))

FORMS: Final[tuple[Form, ...]] = (
    Form("pypi", (b"Successfully installed ",), regex(r"\s*Successfully installed (\S.*)$"), _pip),
    Form("pypi", (b" installed: ",), regex(r"[\w.,:-]{1,60} installed: ([A-Za-z0-9][\w.-]*==\S.*)$"), _tox),
    Form("pypi", _PINNED, regex(r"\s+([+~-]) ([A-Za-z0-9][\w.-]{0,200})==(\d[^\s;]{0,80})(?: \(from .*\))?$"), _signed),  # uv
    Form("pypi", _PINNED, regex(r"([A-Za-z0-9][\w.-]{0,200})==(\d[^\s;,]{0,80})$"), _pair),  # pip freeze
    Form("pypi", (b"Downloading ", b"Using cached "), regex(r"\s*(?:Downloading|Using cached) (\S{1,400}\.(?:whl|tar\.gz|zip)(?:\.metadata)?)(?: \(.*\))?$"), _wheel),
    Form(
        "pypi", (b"- Installing ", b"- Updating ", b"- Downgrading ", b"- Removing ", b"\xa2 Installing ", b"\xa2 Updating ", b"\xa2 Downgrading ", b"\xa2 Removing "),
        regex(r"\s*[-\u2022] (Installing|Updating|Downgrading|Removing) ([A-Za-z0-9][\w.-]{0,200}) \((\d[^)]{0,200})\)"), _verb,
    ),  # poetry
    Form(
        "composer", (b"- Installing ", b"- Upgrading ", b"- Updating ", b"- Downgrading ", b"- Locking ", b"- Removing "),
        regex(r"\s*- (Installing|Upgrading|Updating|Downgrading|Locking|Removing) ([\w.-]{1,100}/[\w.-]{1,100}) \(([^)]{1,200})\)"), _verb,
    ),
    Form("npm", (b"+ ",), regex(rf"\+ {_NPM}@(\d[^\s]{{0,80}})$"), _pair),  # npm to 6, and npm install -g
    Form("npm", (b"+ ",), regex(rf"\+ {_NPM} (\d+\.\d+\.\d+(?:[-+][\w.+-]{{1,80}})?)(?: (?:already in .*|deprecated|<- .*|\(.*\)))?$"), _pair),  # pnpm
    Form("npm", (b"\x80 ", b"\xac ", b"-- "), regex(rf"[\s|`+\u2500-\u257f-]*[\u2500\u252c-] {_NPM}@(\d[^\s]{{0,80}})(?: (?:deduped|overridden|extraneous|invalid.*))*$"), _pair),  # trees of npm and yarn
    Form("npm", (b"deprecated ",), regex(rf"(?:npm (?:WARN|warn)|\s*WARN\s*) deprecated {_NPM}@(\d[^\s:]{{0,80}})(?::|$)"), _pair),
    Form("npm", (b"@npm:",), regex(rf".{{0,20}}YN0085: [\u2500-\u257f\s]*([+-]) {_NPM}@npm:(\d[^\s,]{{0,80}})"), _signed),  # yarn 4
    Form(
        "cargo", (b"Compiling ", b"Checking ", b"Downloaded ", b"Adding ", b"Updating ", b"Locking ", b"Fresh ", b"Downgrading ", b"Upgrading ", b"Removing "),
        regex(r"\s*(Compiling|Checking|Downloaded|Adding|Updating|Locking|Fresh|Downgrading|Upgrading|Removing) ([\w-]{1,100}) v(\d[^\s]{0,80})(?: (.*))?$"), _cargo,
    ),
    Form("go", (b"go: downloading ",), regex(r"go: downloading (\S{1,300}) (v\d\S{0,120})$"), _pair),
    Form("go", (b"go: added ", b"go: upgraded ", b"go: downgraded "), regex(r"go: (?:added|upgraded|downgraded) (\S{1,300}) (v\d\S{0,120})(?: => (v\d\S{0,120}))?$"), _moved),
    Form("maven", (b"Download",), regex(r"(?:\[\w+\]\s+)?Download(?:ed|ing)?(?: from [^:\s]{1,100})?:? (https?://\S{1,600})"), _jar),
    Form("maven", (b"--- ",), regex(r"[|+\\\s-]*--- ([\w.-]{1,150}:[\w.-]{1,150}):(?:\{\w+ )?(\d[^\s}]{0,80})\}?(?: -> (\d\S{0,80}))?(?: \([*cn]\))?$"), _gradle),
    Form("maven", (b"- ",), regex(r"\[INFO\] [|+\\\s-]*- ([\w.-]{1,150}:[\w.-]{1,150}):(?:jar|aar|war|test-jar):(?:[\w-]{1,40}:)?(\d[^\s:]{0,80}):\w+"), _pair),
    Form("gem", (b"Installing ", b"Using ", b"Fetching "), regex(r"\s*(?:Installing|Using|Fetching) ([A-Za-z0-9][\w.-]{0,150}) (\d\w{0,30}(?:\.\w{1,30}){1,8})(?: \(.*\)| from .*| with native.*)?$"), _pair),
    Form("pod", (b"Installing ", b"Using "), regex(r"(?:Installing|Using) ([A-Za-z][\w+/-]{0,150}) \((\d[\w.]{0,60})(?: \(was .*\)| was .*)?\)$"), _pair),
    Form("nuget", (b"Installed ",), regex(r"\s*(?:info\s*: )?Installed ([A-Za-z0-9][\w.-]{0,150}) (\d[^\s]{0,80}) from \S"), _pair),
    Form("nuget", (b"Installing ",), regex(r"\s*(?:log\s*: )?Installing ([A-Za-z][\w-]{0,80}\.[\w.-]{1,120}) (\d[\w.+-]{0,80}?)\.$"), _pair),
    Form("apt", (b"Setting up ",), regex(r"Setting up ([a-z0-9][\w.+-]{0,100})(?::\w+)? \((\d[^)]{0,100})\)"), _pair),
    Form("apk", (b") Installing ", b") Upgrading "), regex(r"\(\d+/\d+\) (?:Installing|Upgrading) ([\w.+-]{1,100}) \((?:[^()\s]{1,80} -> )?([^()\s]{1,80})\)$"), _pair),
    Form("brew", (b"Pouring ",), regex(r"(?:==> )?Pouring ([\w.@+-]{1,100}?)--(\d[\w.+-]{0,60}?)\.[a-z]\w{2,30}\.bottle"), _pair),
    Form("conda", (b"conda-forge/", b"pkgs/main/", b"defaults/"), regex(r"\s+\+ ([\w.-]{1,100})\s+(\d\S{0,60})\s+\S{1,80}\s+\S+/\S+"), _pair),
    Form("conda", (b"::",), regex(r"\s+[\w.-]{1,100}\s+(?:pkgs/)?[\w-]{1,60}(?:/[\w-]{1,40})?::([\w.-]{1,100}?)-(\d[^\s-]{0,60})-\S{1,80}"), _pair),
    Form("swift", (b"Computed ",), regex(r"Computed (\S{1,300}?)(?:\.git)? at (\d\S{0,60})"), _pair),
    Form("terraform", (b"- Installed ",), regex(r"- Installed ([\w.-]{1,100}/[\w./-]{1,150}) (v\d\S{0,60}) \("), _pair),
    Form("image", (b"Image: ", b"Environment: "), regex(r"(?:Image|Environment): ([a-z][\w.-]{1,60})$"), _named("the runner's image")),
    Form("image", (b"Version: 20",), regex(r"Version: (20\d{6}\.\d+(?:\.\d+)?)$"), _named("the version of the runner's image")),
    Form("action", (b"Download action repository ",), regex(r"Download action repository '([\w./-]{1,200}@[\w./-]{1,100})' \(SHA:([0-9a-f]{40})\)"), _short),
    Form("docker", (b"@sha256:",), regex(r"(?:.{0,40} )?resolve ([\w./:-]{1,200})@sha256:([0-9a-f]{64})"), _short),
    Form("toolchain", (b"Successfully set up CPython",), regex(r"Successfully set up CPython \((\d[\w.+-]{0,40})\)"), _named("python")),
    Form("toolchain", (b"go version go",), regex(r"go version go(\d[\w.]{0,40}) "), _named("go")),
    Form("toolchain", (b"node: v",), regex(r"node: v(\d[\w.]{0,40})$"), _named("node")),
    Form("toolchain", (b"rustc ",), regex(r"(?:.{0,80} )?(?:- )?rustc (\d[\w.-]{0,40}) \([0-9a-f]{7,12} \d{4}-\d\d-\d\d\)"), _named("rustc")),
)  # fmt: skip

HEX_BEGINS: Final = regex(r"Resolving Hex dependencies")
HEX_HEADING: Final = regex(r"(?:New|Unchanged|Upgraded|Downgraded|Updated)(?: \(.{0,40}\))?:$")
HEX_ITEM: Final = regex(r"  ([a-z][a-z0-9_]{0,80}) (\d[\w.+-]{0,60})(?: => (\d[\w.+-]{0,60}))?(?: .{0,60})?$")
COUNTED: Final = regex(
    r"(?:up to date, )?(?:added (\d{1,7}) packages?)?(?:, )?(?:and )?(?:removed \d{1,7} packages?)?(?:, )?(?:and )?(?:changed \d{1,7} packages?)?(?:, )?(?:and )?(?:audited (\d{1,7}) packages?)? in \S+$"
)
"""npm's sum: it names none of them (npm/cli, lib/utils/reify-output.js)."""

CACHED: Final = regex(
    r"Cache restored (?:from|successfully)|Cache hit for: |Cache restored from key|Successfully extracted cache|Found a cache from build|^(?:\S+ )?cache is restored",
    re.IGNORECASE,
)
ECHO_BEGINS: Final = "##[group]Run "
ECHO_ENDS: Final = "##[endgroup]"

hex_pair: Final = _moved
