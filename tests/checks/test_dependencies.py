from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from diagnose.checks.dependencies import CHECK
from diagnose.drift import gaps
from diagnose.drift.gaps import compared
from diagnose.model.incident import Checkout
from diagnose.scan.rule import Rule
from tests.checks.build_case import case_of, github, job, quoted, words

if TYPE_CHECKING:
    from pathlib import Path

    from diagnose.model.check import Check as Answer

FAILS = "##[error]Process completed with exit code 1."
NO_VERSION = "ERROR: No matching distribution found for acme==9"
RULES = (
    Rule(
        "pip/none",
        "pip",
        "python",
        "cause",
        "none",
        "dependency",
        ("No matching distribution",),
        "No matching distribution",
        remedy="Correct the version.",
    ),
    Rule("npm/e404", "npm", "js", "cause", "none", "dependency", ("E404",), "E404", remedy="Correct {name}."),
    Rule("pip/warn", "pip", "python", "noise", "none", "dependency", ("WARNING",), "WARNING"),
)


def dependencies(*jobs: Any, **incident: Any) -> Answer:
    return anyio.run(CHECK.run, case_of(*jobs, rules=RULES, **incident))


@pytest.mark.parametrize(
    ("status", "text"),
    [
        ("failure", github(("pytest", f"{NO_VERSION}\n{FAILS}"))),
        ("failure", github((f"echo pip install {NO_VERSION}", FAILS))),
        ("failure", github(("pip install acme", f"WARNING\n{FAILS}"))),
        ("failure", github(("pip install acme", NO_VERSION), ("pytest", FAILS))),
        ("success", github(("pip install acme", f"{NO_VERSION}\n{FAILS}"))),
        ("failure", NO_VERSION),
    ],
)
def test_what_did_not_fail_in_an_install_is_not_blamed_on_one(status: Any, text: str) -> None:
    answer = dependencies((job(status=status), text))
    assert (answer.status, answer.evidence) == ("skipped", ())
    assert words(answer.message) == "no step that installs failed, and there is no manifest with a lock to compare"


@pytest.mark.parametrize(
    "step",
    [
        "pip install -r requirements.txt",
        "poetry install",
        "uv sync",
        "npm ci",
        "sudo apt-get install x",
        "make deps",
        "bundle",
        "mix deps.get",
        "bun install",
        "dnf install -y x",
        "swift package resolve",
        "dart pub get",
        "pdm sync",
        "apk add x",
    ],
)
def test_a_failed_install_is_quoted_and_does_not_block(step: str) -> None:
    answer = dependencies((job(), github((step, f"a\n{NO_VERSION}\n{NO_VERSION}\n{FAILS}"))))
    assert (answer.status, answer.blocking, answer.remedy) == ("failed", False, "Correct the version.")
    assert words(answer.message) == f"an install failed in Run {step}: {NO_VERSION}"
    assert quoted(answer.evidence) == [(6, NO_VERSION)]


def test_a_remedy_with_places_to_fill_is_not_shown() -> None:
    assert dependencies((job(), github(("npm ci", f"npm error code E404\n{FAILS}")))).remedy == ""


def npm(*names: str, version: int = 3) -> bytes:
    if version == 1:
        return json.dumps({"lockfileVersion": 1, "dependencies": {key: {} for key in names}}).encode()
    return json.dumps(
        {"lockfileVersion": version, "packages": {"": {}, **{f"node_modules/{name}": {} for name in names}}}
    ).encode()


def toml(*names: str) -> bytes:
    return "".join(f'[[package]]\nname = "{name}"\nversion = "1"\n' for name in names).encode()


PACKAGE = b'{"dependencies": {"left": "1"}, "devDependencies": {"@acme/right": "2"}, "peerDependencies": {"peer": "1"}}'
PROJECT = b"""
[project]
name = "acme"
dependencies = ["Left_Pad >= 1", "gone; python_version < '3.9'", "acme[extra]"]
[project.optional-dependencies]
extra = ["right[x]==2"]
[dependency-groups]
dev = ["pytest", {include-group = "other"}]
"""
POETRY = b"""
[tool.poetry.dependencies]
python = "^3.11"
left = "^1"
gone = {version = "1", markers = "sys_platform == 'win32'"}
[tool.poetry.group.dev.dependencies]
right = "*"
"""
CARGO = b"""
[dependencies]
left = "1"
other = { package = "left_pad", version = "1" }
shared = { workspace = true }
[target.'cfg(windows)'.dependencies]
right = { version = "1" }
"""
GO = b"""module acme.dev/a // tool
go 1.22
require acme.dev/one v1.0.0
require (
\tgithub.com/acme/left v1.2.3
\tgithub.com/acme/right/v2 v2.0.0 // indirect
\tgithub.com/acme/local v0.0.0
)
replace github.com/acme/local => ../local
replace (
\tacme.dev/one => ./one
)
exclude (
\tgithub.com/acme/bad v1.0.0
)
"""


@pytest.mark.parametrize(
    ("manifest", "text", "lock", "locked", "lacks"),
    [
        ("package.json", PACKAGE, "package-lock.json", npm("left", "@acme/right"), ()),
        ("package.json", PACKAGE, "package-lock.json", npm("left", "@acme/right", version=1), ()),
        ("web/package.json", PACKAGE, "web/npm-shrinkwrap.json", npm("left"), ("@acme/right",)),
        ("pyproject.toml", PROJECT, "uv.lock", toml("left-pad", "right", "pytest"), ()),
        ("pyproject.toml", PROJECT, "uv.lock", toml("left-pad"), ("pytest", "right")),
        ("pyproject.toml", POETRY, "poetry.lock", toml("left", "right"), ()),
        ("pyproject.toml", POETRY, "poetry.lock", toml("left"), ("right",)),
        ("Cargo.toml", CARGO, "Cargo.lock", toml("left", "left_pad", "right"), ()),
        ("Cargo.toml", CARGO, "Cargo.lock", toml("left"), ("left-pad", "right")),
        (
            "go.mod",
            GO,
            "go.sum",
            b"github.com/acme/left v1.2.3 h1:x=\ngithub.com/acme/right/v2 v2.0.0/go.mod h1:x=\n",
            (),
        ),
        ("go.mod", GO, "go.sum", b"github.com/acme/left v1.2.3 h1:x=\n", ("github.com/acme/right/v2",)),
    ],
)
def test_a_lock_lacks_what_it_does_not_name(
    manifest: str, text: bytes, lock: str, locked: bytes, lacks: tuple[str, ...]
) -> None:
    (gap,) = compared({manifest: text, lock: locked})
    assert (gap.manifest, gap.lock, gap.names, gap.problem) == (manifest, lock, lacks, "")


@pytest.mark.parametrize("bad", [b"{", b"[]", b"\xff\xfe", b"[" * 100_000, b'{"dependencies": 3}'])
def test_what_cannot_be_read_is_said_and_not_raised(bad: bytes) -> None:
    (gap,) = compared({"package.json": bad, "package-lock.json": npm()})
    assert gap.problem.startswith("it cannot be read: ")


def test_a_file_beyond_the_bound_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gaps, "LARGEST", 10)
    (gap,) = compared({"package.json": PACKAGE, "package-lock.json": npm()})
    assert gap.problem == "it is too large to be read"


def test_a_manifest_without_a_lock_beside_it_is_not_compared() -> None:
    assert not list(compared({"package.json": PACKAGE, "web/package-lock.json": npm()}))


@pytest.mark.parametrize(
    ("files", "status", "message"),
    [
        (
            (("package.json", PACKAGE), ("package-lock.json", npm("left", "@acme/right"))),
            "ok",
            "1 lock knows all that the manifests ask for",
        ),
        (
            (("package.json", PACKAGE), ("package-lock.json", npm("left"))),
            "failed",
            "package-lock.json lacks what package.json asks for: @acme/right",
        ),
        (
            (("package.json", b"{"), ("package-lock.json", npm())),
            "failed",
            "package.json was not compared with package-lock.json: it cannot be read: JSONDecodeError",
        ),
        (
            (
                ("package.json", json.dumps({"dependencies": {f"p{n}": "1" for n in range(10)}}).encode()),
                ("package-lock.json", npm()),
            ),
            "failed",
            "package-lock.json lacks what package.json asks for: p0, p1, p2, p3, p4, p5, p6, p7 and 2 more",
        ),
    ],
)
def test_files_of_the_incident_are_compared(files: Any, status: str, message: str) -> None:
    answer = dependencies((job(), None), files=files)
    assert (answer.status, words(answer.message)) == (status, message)


def test_the_work_tree_is_read_where_the_source_brought_no_files(tmp_path: Path) -> None:
    (tmp_path / "Cargo.toml").write_bytes(CARGO)
    (tmp_path / "Cargo.lock").write_bytes(toml("left"))
    (tmp_path / "go.mod").mkdir()
    (tmp_path / "package.json").symlink_to(tmp_path / "Cargo.toml")
    (tmp_path / "package-lock.json").write_bytes(npm())
    answer = dependencies((job(), None), checkout=Checkout(tmp_path))
    assert words(answer.message) == "Cargo.lock lacks what Cargo.toml asks for: left-pad, right"
    assert dependencies((job(), None), checkout=Checkout(None)).status == "skipped"
