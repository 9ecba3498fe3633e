"""Each package manager's manifest against its lock: what is sound, what the lock lacks, what is locked out of range, what cannot be judged."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

import anyio
import pytest

from diagnose.checks.dependencies import CHECK
from diagnose.drift.gaps import Other, Unjudged, compared, unjudged
from diagnose.drift.pairs import is_wanted
from diagnose.model.incident import Checkout
from tests.checks.build_case import case_of, job, words

if TYPE_CHECKING:
    from pathlib import Path


class Row(NamedTuple):
    """A manager: a manifest, its lock, and the lock in three states. lacks, other: what is to be said of the second and the third."""

    manager: str
    manifest: str
    asks: str
    lock: str
    sound: str
    lacking: str
    lacks: tuple[str, ...]
    stale: str = ""
    other: tuple[Other, ...] = ()


def npm_lock(**versions: str) -> str:
    return json.dumps(
        {
            "lockfileVersion": 3,
            "packages": {
                "": {},
                **{f"node_modules/{name}": {"version": version} for name, version in versions.items()},
            },
        }
    )


def toml_lock(**versions: str) -> str:
    return "".join(f'[[package]]\nname = "{name}"\nversion = "{version}"\n\n' for name, version in versions.items())


def composer_lock(**versions: str) -> str:
    packages = [{"name": f"acme/{name}", "version": version} for name, version in versions.items()]
    return json.dumps({"packages": packages[:1], "packages-dev": packages[1:]})


PACKAGE = '{"dependencies": {"left": "^1.2.0", "near": "file:../near"}, "devDependencies": {"right": "~2.0.1"}, "optionalDependencies": {"odd": "1"}}'
CSPROJ = """<Project><ItemGroup>
<PackageReference Include="Left" Version="13.0.1" /><PackageReference Include="Right" /> <!-- <PackageReference Include="Old" Version="1"/> -->
</ItemGroup><ItemGroup Condition="'$(OS)'=='x'"><PackageReference Include="Odd" Version="1" /></ItemGroup></Project>"""
GEMFILE = """source "https://rubygems.org"
gem "left", "~> 7.1", ">= 7.1.2" # why
gem 'right', require: false
gem "near", path: "../near"
platforms :mingw, :jruby do
  gem "clock", "~> 1.2"
end
if ENV["CI"]
  gem "odd"
end
"""
GEMS = "GEM\n  remote: https://rubygems.org/\n  specs:\n    left ({0})\n      right (>= 1)\n{1}    clock (2.0.6)\n\nDEPENDENCIES\n  left (~> 7.1)\n{2}  clock (~> 1.2)\n"
MIX = """defmodule Acme.MixProject do
  defp deps do
    [
      {:left, "~> 1.15"}, # {:old, "~> 1.0"}
      {:right, "~> 2.0", only: :test},
      {:fork, github: "acme/fork"},
      {:near, path: "../near"}
    ]
  end
end
"""
MIXED = '%{{\n  "left": {{:hex, :left, "{0}", "abc", [:mix], [], "hexpm", "def"}},\n  "fork": {{:git, "https://x", "abc", []}},\n{1}}}\n'
ROWS = (
    Row("npm", "package.json", PACKAGE, "package-lock.json", npm_lock(left="1.9.0", right="2.0.5"), npm_lock(left="1.9.0"), ("right",),
        npm_lock(left="2.0.0", right="2.0.5"), (Other("left", "^1.2.0", "2.0.0"),)),
    Row("yarn 1", "package.json", PACKAGE, "yarn.lock",
        '# yarn lockfile v1\n\n\n"left@^1.0.0", left@^1.2.0:\n  version "1.2.5"\n  dependencies:\n    deep "^1"\n\nright@~2.0.1:\n  version "2.0.1"\n',
        'left@^1.2.0:\n  version "1.2.5"\n', ("right",), 'left@^1.1.0:\n  version "1.1.0"\n\nright@~2.0.1:\n  version "2.0.1"\n', (Other("left", "^1.2.0", "1.1.0"),)),
    Row("yarn 4", "package.json", PACKAGE, "yarn.lock", '"left@npm:^1.2.0":\n  version: 1.2.5\n\n"right@npm:~2.0.1":\n  version: 2.0.1\n', '"left@npm:^1.2.0":\n  version: 1.2.5\n', ("right",)),
    Row("pnpm 9", "package.json", PACKAGE, "pnpm-lock.yaml",
        "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      left:\n        specifier: ^1.2.0\n        version: 1.2.5\n\npackages:\n\n  left@1.2.5:\n    resolution: {integrity: x}\n\n  right@2.0.1(left@1.2.5):\n    resolution: {integrity: x}\n",
        "packages:\n\n  left@1.2.5:\n    resolution: {integrity: x}\n\nsnapshots:\n\n  right@2.0.1: {}\n", ("right",),
        "packages:\n\n  left@3.0.0:\n    x: y\n\n  '@a/b@1.0.0':\n    x: y\n\n  right@2.0.1:\n    x: y\n", (Other("left", "^1.2.0", "3.0.0"),)),
    Row("pnpm 6", "package.json", PACKAGE, "pnpm-lock.yaml", "packages:\n\n  /left/1.2.5:\n    dev: true\n\n  /right/2.0.1_left@1:\n    dev: true\n", "packages:\n\n  /left/1.2.5:\n    dev: true\n", ("right",)),
    Row("pip", "requirements.in", "Left_Pad>=1,<2  # why\nright\nodd; sys_platform == 'win32'\n-r other.in\n", "requirements.txt", "left-pad==1.5 \\\n    --hash=sha256:ab\nRight==2.0\n", "left-pad==1.5\n", ("right",),
        "left-pad==2.1\nright==2.0\n", (Other("left-pad", ">=1,<2", "2.1"),)),
    Row("uv", "pyproject.toml", '[project]\nname = "acme"\ndependencies = ["left>=1.2,<2", "forced>=3"]\n[dependency-groups]\ndev = ["right"]\n[tool.uv]\noverride-dependencies = ["forced<3"]\n', "uv.lock",
        toml_lock(left="1.9", right="2", forced="2.9"), toml_lock(left="1.9", forced="2.9"), ("right",), toml_lock(left="2.0", right="2", forced="2.9"), (Other("left", ">=1.2,<2", "2.0"),)),
    Row("poetry", "pyproject.toml", '[tool.poetry.dependencies]\npython = "^3.11"\nleft = "^1.2"\n[tool.poetry.group.dev.dependencies]\nright = {version = "*", extras = ["x"]}\n', "poetry.lock",
        toml_lock(left="1.9.0", right="2"), toml_lock(left="1.9.0"), ("right",), toml_lock(left="2.0.0", right="2"), (Other("left", "^1.2", "2.0.0"),)),
    Row("pdm", "pyproject.toml", '[project]\ndependencies = ["left>=1", "right"]\n', "pdm.lock", toml_lock(left="1.9.0", right="2"), toml_lock(left="1.9.0"), ("right",), toml_lock(left="0.9", right="2"), (Other("left", ">=1", "0.9"),)),
    Row("pipenv", "Pipfile", '[packages]\nleft = "<2"\n[dev-packages]\nright = "*"\nodd = {version = "*", sys_platform = "== \'win32\'"}\n', "Pipfile.lock",
        '{"_meta": {}, "default": {"left": {"version": "==1.2"}}, "develop": {"right": {"version": "==2"}}}', '{"default": {"left": {"version": "==1.2"}}}', ("right",),
        '{"default": {"left": {"version": "==2.1"}, "right": {}}}', (Other("left", "<2", "2.1"),)),
    Row("cargo", "Cargo.toml", '[dependencies]\nleft = "1.2"\nnear = { path = "near", version = "9" }\n[dev-dependencies]\nright = { version = "=2.0.1" }\n', "Cargo.lock",
        toml_lock(left="1.9.0", near="0.1.0", right="2.0.1"), toml_lock(left="1.9.0", near="0.1.0"), ("right",), toml_lock(left="2.0.0", near="0.1.0", right="2.0.1"), (Other("left", "1.2", "2.0.0"),)),
    Row("go", "go.mod", "module acme.dev/a\ngo 1.22\nrequire (\n\tacme.dev/left v1.2.3\n\tacme.dev/right v1.0.0 // indirect\n)\n", "go.sum",
        "acme.dev/left v1.2.3 h1:x=\nacme.dev/left v1.2.3/go.mod h1:x=\nacme.dev/right v1.0.0/go.mod h1:x=\n", "acme.dev/left v1.2.3 h1:x=\n", ("acme.dev/right",),
        "acme.dev/left v1.2.0 h1:x=\nacme.dev/right v1.0.0 h1:x=\n", (Other("acme.dev/left", "v1.2.3", "v1.2.0"),)),
    Row("gradle", "build.gradle.kts", 'dependencies {\n    implementation("org.acme:left:1.2")\n    api("org.acme:right")\n    // implementation("org.acme:old:1")\n}\n', "gradle.lockfile",
        "org.acme:left:1.3=compileClasspath,runtimeClasspath\norg.acme:right:2=compileClasspath\nempty=\n", "org.acme:left:1.3=compileClasspath\n", ("org.acme:right",)),
    Row("bundler", "Gemfile", GEMFILE, "Gemfile.lock", GEMS.format("7.1.5", "    right (1.0-x86_64-linux)\n", "  right\n"), GEMS.format("7.1.5", "", ""), ("right",),
        GEMS.format("8.0.1", "    right (1.0)\n", "  right\n"), (Other("left", "~> 7.1 >= 7.1.2", "8.0.1"),)),
    Row("composer", "composer.json", '{"require": {"php": ">=8.1", "ext-json": "*", "acme/left": "^6.3"}, "require-dev": {"Acme/Right": "*"}}', "composer.lock",
        composer_lock(left="v6.4.1", right="1.0"), composer_lock(left="v6.4.1"), ("acme/right",), composer_lock(left="v7.0.0", right="1.0"), (Other("acme/left", "^6.3", "v7.0.0"),)),
    Row("nuget", "Acme.Tool.csproj", CSPROJ, "packages.lock.json", '{"version": 1, "dependencies": {"net8.0": {"left": {"resolved": "13.0.3"}, "Right": {"resolved": "1.0.0"}}}}',
        '{"version": 1, "dependencies": {"net8.0": {"Left": {"resolved": "13.0.3"}}}}', ("right",), '{"dependencies": {"net8.0": {"Left": {"resolved": "12.0.3"}, "Right": {}}}}', (Other("left", "13.0.1", "12.0.3"),)),
    Row("mix", "mix.exs", MIX, "mix.lock", MIXED.format("1.16.0", '  "right": {:hex, :right, "2.0.1", "abc"},\n'), MIXED.format("1.16.0", ""), ("right",),
        MIXED.format("2.0.0", '  "right": {:hex, :right, "2.0.1", "abc"},\n'), (Other("left", "~> 1.15", "2.0.0"),)),
)  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.manager)
def test_a_lock_that_fits_is_not_blamed(row: Row) -> None:
    (gap,) = compared({f"web/{row.manifest}": row.asks.encode(), f"web/{row.lock}": row.sound.encode()})
    assert (gap.names, gap.others, gap.problem) == ((), (), "")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.manager)
def test_what_a_lock_lacks_is_named(row: Row) -> None:
    (gap,) = compared({row.manifest: row.asks.encode(), row.lock: row.lacking.encode()})
    assert (gap.manifest, gap.lock, gap.names, gap.others, gap.problem) == (row.manifest, row.lock, row.lacks, (), "")


@pytest.mark.parametrize("row", [row for row in ROWS if row.stale], ids=lambda row: row.manager)
def test_what_is_locked_out_of_range_is_named_with_both(row: Row) -> None:
    (gap,) = compared({row.manifest: row.asks.encode(), row.lock: row.stale.encode()})
    assert (gap.names, gap.others, gap.problem) == ((), row.other, "")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.manager)
def test_files_are_known_by_their_names(row: Row) -> None:
    assert is_wanted(row.manifest)
    assert is_wanted(row.lock)
    assert not is_wanted(f"{row.lock}.bak")


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"pom.xml": ""}, [("pom.xml", "Maven has no lock file")]),
        ({"requirements.txt": "a==1"}, [("requirements.txt", "pip reads no lock beside it")]),
        ({"requirements.txt": "a==1", "requirements.in": "a"}, []),
        ({"setup.py": "import os"}, [("setup.py", "it must be run to be read")]),
        ({"packages.config": ""}, [("packages.config", "it names exact versions itself")]),
        (
            {"build.gradle": "x", "gradle.lockfile": "a:b:1=testRuntimeClasspath\n"},
            [("build.gradle", "its lock holds some configurations only")],
        ),
        (
            {"web/package.json": "{}", "package-lock.json": "{}"},
            [("web/package.json", "no lock that belongs to it is at hand")],
        ),
        ({"A.csproj": ""}, [("A.csproj", "no lock that belongs to it is at hand")]),
    ],
)
def test_why_a_manifest_is_not_judged(files: dict[str, str], told: list[tuple[str, str]]) -> None:
    given = {path: text.encode() for path, text in files.items()}
    assert list(unjudged(given)) == [Unjudged(*each) for each in told]
    assert [gap for gap in compared(given) if gap.manifest in {path for path, _ in told}] == []


def said(**files: str) -> tuple[str, str, str]:
    answer = anyio.run(
        CHECK.run,
        case_of((job(), None), files=tuple((name.replace("__", "."), text.encode()) for name, text in files.items())),
    )
    return answer.status, words(answer.message), answer.remedy


def test_the_check_says_all_three() -> None:
    nothing = "no step that installs failed, and there is no manifest with a lock to compare"
    assert said(pom__xml="<project/>") == (
        "skipped",
        f"{nothing}; pom.xml was not compared: Maven has no lock file",
        "",
    )
    fits = {"Cargo__toml": '[dependencies]\nleft = "1"', "Cargo__lock": toml_lock(left="1.0.0")}
    assert said(**fits, pom__xml="", setup__py="") == (
        "ok", "1 lock knows all that the manifests ask for; pom.xml was not compared: Maven has no lock file; setup.py was not compared: it must be run to be read", "",
    )  # fmt: skip
    message = "Cargo.lock lacks what Cargo.toml asks for: right; Cargo.lock holds other versions than Cargo.toml asks for: left 1.0.0 for 2"
    assert said(Cargo__toml='[dependencies]\nleft = "2"\nright = "1"', Cargo__lock=toml_lock(left="1.0.0")) == (
        "failed", message, "Write the lock anew with the package manager and commit it.",
    )  # fmt: skip


def test_a_work_tree_is_read_two_folders_deep(tmp_path: Path) -> None:
    for place, lock in (
        ("src/Tool", '{"dependencies": {"net8.0": {}}}'),
        ("node_modules/x", "{}"),
        ("tests/data", "{}"),
        ("a/b/c", "{}"),
    ):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "Acme.csproj").write_text('<PackageReference Include="Left" Version="1" />')
        (tmp_path / place / "packages.lock.json").write_text(lock)
    answer = anyio.run(CHECK.run, case_of((job(), None), checkout=Checkout(tmp_path)))
    assert words(answer.message) == "src/Tool/packages.lock.json lacks what src/Tool/Acme.csproj asks for: left"


@pytest.mark.parametrize(
    ("manifest", "lock"),
    [
        ("package.json", "yarn.lock"), ("package.json", "pnpm-lock.yaml"), ("Gemfile", "Gemfile.lock"), ("mix.exs", "mix.lock"), ("go.mod", "go.sum"), ("A.csproj", "packages.lock.json"),
        ("requirements.in", "requirements.txt"), ("build.gradle", "gradle.lockfile"), ("Pipfile", "Pipfile.lock"), ("composer.json", "composer.lock"), ("Cargo.toml", "Cargo.lock"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("hostile", ['"a@' * 20_000, "gem 'a'" + ", '1'" * 20_000, "{:a, " * 20_000, "<ItemGroup Condition" * 5_000 + "<PackageReference " * 5_000, "a[" * 20_000, "\x00" * 9_000, "implementation(" * 9_000, "  if x do\n" * 9_000])  # fmt: skip
def test_no_text_makes_a_reader_slow_or_raises(manifest: str, lock: str, hostile: str) -> None:
    assert all(
        gap.manifest == manifest
        for gap in compared({manifest: hostile.encode(), lock: f"compileClasspath {hostile}".encode()})
    )


@pytest.mark.parametrize(
    ("manifest", "text", "lock"),
    [
        ("requirements.in", "a" + " " * 3000 + "\x01" + "b" * 300, "requirements.txt"),
        ("Gemfile", "gem" + " " * 20_000 + "\n" + "do|" * 20_000, "Gemfile.lock"),
    ],
)
def test_a_hostile_manifest_costs_no_more_than_its_length(manifest: str, text: str, lock: str) -> None:
    assert [gap.names for gap in compared({manifest: text.encode(), lock: b"requests==1.0\n"})] in ([()], [])
