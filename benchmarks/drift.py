"""What moved between a green run and a failed one, named from their logs: scripted pairs of logs, one and more for each package manager.

Usage: benchmarks/drift.py                    prints a row for each pair, and the sums; exit code 1 when one is not as it should be
       benchmarks/drift.py GREEN.log RED.log  prints what moved between two logs
       benchmarks/drift.py --speed            prints the time for a log of 100,000 lines

Every pair is two whole job logs of GitHub Actions as the runner writes them (stamps, groups, echoed script), read as files. In a pair of the
second table nothing may be said to have moved.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]  # run as a script

from diagnose.drift.compare import Drift  # noqa: E402 - the path is set above
from diagnose.drift.find import find_drift  # noqa: E402
from diagnose.drift.named import named  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Sequence

STAMP: Final = "2026-11-20T09:12:04.1683002Z "
NARROW: Final = 60


class Pair(NamedTuple):
    """A green and a failed run. moved: (name, before, after) in any order. how: how the failure names the first of them, "" when it does not."""

    title: str
    command: str
    green: str
    red: str
    failure: str
    moved: tuple[tuple[str, str, str], ...]
    how: str = ""


PAIRS: Final = (
    Pair(
        "pip", "pip install -r requirements.txt",
        "Collecting urllib3\n  Downloading urllib3-1.26.18-py2.py3-none-any.whl (143 kB)\nSuccessfully installed botocore-1.31.0 ruamel.yaml-0.18.6 urllib3-1.26.18",
        "Collecting urllib3\n  Downloading urllib3-2.0.2-py3-none-any.whl (123 kB)\nSuccessfully installed botocore-1.31.0 ruamel.yaml-0.18.6 urllib3-2.0.2",
        '  File "/opt/hostedtoolcache/Python/3.11.9/x64/lib/python3.11/site-packages/urllib3/util/ssl_.py", line 4, in <module>\nImportError: cannot import name \'DEFAULT_CIPHERS\' from \'urllib3.util.ssl_\'',
        (("urllib3", "1.26.18", "2.0.2"),), "path",
    ),
    Pair(
        "pip, a source archive that does not build", "pip install -e .",
        "Successfully installed PyYAML-5.3.1 acme-tool-0.1.0", "Collecting PyYAML\n  Downloading PyYAML-5.4.1.tar.gz (175 kB)\n  error: subprocess-exited-with-error",
        "AttributeError: cython_sources\nERROR: Failed to build 'PyYAML' when getting requirements to build wheel", (("PyYAML", "5.3.1", "5.4.1"),), "name",
    ),
    Pair("pip freeze", "pip freeze", "attrs==23.1.0\nnumpy==1.26.4\npandas==2.1.0", "attrs==23.1.0\nnumpy==2.0.0\npandas==2.1.0", "AttributeError: `np.float_` was removed in the NumPy 2.0 release.", (("numpy", "1.26.4", "2.0.0"),), "version"),
    Pair("tox", "tox -e py311", "py311 installed: marshmallow==3.21.0,pytest==8.1.0", "py311 installed: marshmallow==4.0.0,pytest==8.1.0", "E   ImportError: cannot import name 'missing' from 'marshmallow'", (("marshmallow", "3.21.0", "4.0.0"),), "module"),
    Pair("uv", "uv sync", "Resolved 12 packages in 8ms\n + httpx==0.27.2\n + idna==3.7", "Resolved 12 packages in 9ms\n - httpx==0.27.2\n + httpx==0.28.0\n + idna==3.7", "TypeError: AsyncClient.__init__() got an unexpected keyword argument 'proxies'\n.venv/lib/python3.12/site-packages/httpx/_client.py:12", (("httpx", "0.27.2", "0.28.0"),), "path"),
    Pair("poetry", "poetry install", "  - Installing idna (3.7)\n  - Installing pydantic (1.10.17)", "  \u2022 Installing idna (3.7)\n  \u2022 Updating pydantic (1.10.17 -> 2.0.0)", "pydantic.errors.PydanticImportError: `BaseSettings` has been moved", (("pydantic", "1.10.17", "2.0.0"),), "module"),
    Pair("npm 6", "npm install", "+ eslint@8.57.0\n+ lodash@4.17.20\nadded 312 packages in 4s", "+ eslint@9.0.0\n+ lodash@4.17.20\nadded 312 packages in 4s", "TypeError: context.getScope is not a function\n    at Object.create (/home/runner/work/acme/acme/node_modules/eslint/lib/linter.js:1:1)", (("eslint", "8.57.0", "9.0.0"),), "path"),
    Pair("npm ls", "npm ls --all", "acme@1.0.0 /work\n+-- chalk@4.1.2\n| `-- ansi-styles@4.3.0\n`-- got@11.8.6", "acme@1.0.0 /work\n+-- chalk@5.0.0\n| `-- ansi-styles@4.3.0 deduped\n`-- got@11.8.6", "Error [ERR_REQUIRE_ESM]: require() of ES Module node_modules/chalk/source/index.js not supported.", (("chalk", "4.1.2", "5.0.0"),), "path"),
    Pair("npm, deprecated", "npm ci", "npm warn deprecated glob@7.2.3: Glob versions prior to v9 are no longer supported\n\nadded 900 packages, and audited 901 packages in 12s", "npm warn deprecated glob@8.1.0: Glob versions prior to v9 are no longer supported\n\nadded 905 packages, and audited 906 packages in 12s", "Error: Cannot find module 'glob/sync'", (("glob", "7.2.3", "8.1.0"),), "module"),
    Pair("yarn 1", "yarn add acme", "success Saved 2 new dependencies.\ninfo Direct dependencies\n\u251c\u2500 left-pad@1.2.0\n\u2514\u2500 sqlite3@4.1.1", "success Saved 2 new dependencies.\ninfo Direct dependencies\n\u251c\u2500 left-pad@1.2.0\n\u2514\u2500 sqlite3@5.0.0", "Error: Cannot find module 'sqlite3'", (("sqlite3", "4.1.1", "5.0.0"),), "module"),
    Pair("yarn 4", "yarn install", "\u27a4 YN0085: \u2502 + react@npm:18.2.0, and 3 more.", "\u27a4 YN0085: \u2502 - react@npm:18.2.0\n\u27a4 YN0085: \u2502 + react@npm:19.0.0", "TypeError: ReactDOM.render is not a function\n at node_modules/react/index.js", (("react", "18.2.0", "19.0.0"),), "path"),
    Pair("pnpm", "pnpm install", "dependencies:\n+ vite 5.4.0\n+ @acme/kit 1.0.0 (1.1.0 is available)", "dependencies:\n+ vite 6.0.1\n+ @acme/kit 1.0.0 (1.1.0 is available)", "Error: Cannot find module 'vite'", (("vite", "5.4.0", "6.0.1"),), "module"),
    Pair("cargo", "cargo test", "    Updating crates.io index\n  Downloaded time v0.3.34\n   Compiling serde v1.0.200\n   Compiling time v0.3.34\n   Compiling acme v0.1.0 (/home/runner/work/acme/acme)", "  Downloaded time v0.3.35\n   Compiling serde v1.0.200\n   Compiling time v0.3.35\n   Compiling acme v0.2.0 (/home/runner/work/acme/acme)", "error[E0282]: type annotations needed for `Box<_>`\n  --> /home/runner/.cargo/registry/src/index.crates.io-6f17d22bba15001f/time-0.3.35/src/lib.rs:83:9", (("time", "0.3.34", "0.3.35"),), "path"),
    Pair("go", "go build ./...", "go: downloading golang.org/x/mod v0.16.0\ngo: downloading github.com/acme/kit v1.2.3", "go: downloading golang.org/x/mod v0.17.0\ngo: downloading github.com/acme/kit v1.2.3", "/home/runner/go/pkg/mod/golang.org/x/mod@v0.17.0/semver/semver.go:22:2: package slices is not in GOROOT", (("golang.org/x/mod", "v0.16.0", "v0.17.0"),), "path"),
    Pair("go get", "go get -u ./...", "go: upgraded golang.org/x/tools v0.18.0 => v0.19.0", "go: upgraded golang.org/x/tools v0.18.0 => v0.20.0", "golang.org/x/tools@v0.20.0 requires go >= 1.21", (("golang.org/x/tools", "v0.19.0", "v0.20.0"),), "version"),
    Pair("maven", "mvn -B verify", "[INFO] Downloaded from central: https://repo.maven.apache.org/maven2/org/mockito/mockito-core/5.1.0/mockito-core-5.1.0.jar (600 kB at 9 MB/s)\n[INFO] Downloaded from central: https://repo.maven.apache.org/maven2/junit/junit/4.13.2/junit-4.13.2.pom (2 kB at 9 MB/s)", "[INFO] Downloaded from central: https://repo.maven.apache.org/maven2/org/mockito/mockito-core/5.2.0/mockito-core-5.2.0.jar (600 kB at 9 MB/s)", "[ERROR] Failed to load class from mockito-core-5.2.0.jar", (("org.mockito:mockito-core", "5.1.0", "5.2.0"),), "version"),
    Pair("maven, a snapshot", "mvn -B test", "[INFO] Downloaded from snapshots: https://repo.acme.dev/repository/maven/dev/acme/base/2.0-SNAPSHOT/base-2.0-20261101.101010-4.jar (9 kB)", "[INFO] Downloaded from snapshots: https://repo.acme.dev/repository/maven/dev/acme/base/2.0-SNAPSHOT/base-2.0-20261119.080000-5.jar (9 kB)", "java.lang.NoSuchMethodError", (("dev.acme:base", "2.0-20261101.101010-4", "2.0-20261119.080000-5"),)),
    Pair("gradle", "./gradlew test", "Download https://repo1.maven.org/maven2/com/google/guava/guava/32.1.0-jre/guava-32.1.0-jre.jar", "Download https://repo1.maven.org/maven2/com/google/guava/guava/33.0.0-jre/guava-33.0.0-jre.jar", "Could not resolve com.google.guava:guava:33.0.0-jre.", (("com.google.guava:guava", "32.1.0-jre", "33.0.0-jre"),), "version"),
    Pair("gradle dependencies", "./gradlew dependencies", "+--- io.netty:netty-common:4.1.99 -> 4.1.100 (*)\n\\--- org.slf4j:slf4j-api:2.0.9", "+--- io.netty:netty-common:4.1.99 -> 4.1.101 (*)\n\\--- org.slf4j:slf4j-api:2.0.9", "> Task :test FAILED", (("io.netty:netty-common", "4.1.100", "4.1.101"),)),
    Pair("bundler", "bundle install", "Using rake 13.0.6\nUsing concurrent-ruby 1.3.4\nInstalling nokogiri 1.15.0", "Using rake 13.0.6\nInstalling concurrent-ruby 1.3.5 (was 1.3.4)\nInstalling nokogiri 1.15.0", "NameError: uninitialized constant Logger\n/usr/local/bundle/gems/concurrent-ruby-1.3.5/lib/concurrent-ruby/concurrent.rb:1", (("concurrent-ruby", "1.3.4", "1.3.5"),), "path"),
    Pair("composer", "composer update", "  - Installing psr/log (3.0.0): Extracting archive\n  - Installing symfony/console (v6.4.1): Extracting archive", "  - Installing psr/log (3.0.0): Extracting archive\n  - Upgrading symfony/console (v6.4.1 => v7.0.0): Extracting archive", "PHP Fatal error:  Declaration must be compatible in /app/vendor/symfony/console/Command.php on line 3", (("symfony/console", "v6.4.1", "v7.0.0"),), "path"),
    Pair("nuget", "dotnet restore", "info : Installed xunit 2.9.0 from https://api.nuget.org/v3/index.json with content hash xyz==.\ninfo : Installed Moq 4.16.1 from https://api.nuget.org/v3/index.json to /root/.nuget/packages/moq/4.16.1 with content hash b==.", "info : Installed xunit 2.9.0 from https://api.nuget.org/v3/index.json with content hash xyz==.\ninfo : Installed Moq 4.20.0 from https://api.nuget.org/v3/index.json to /root/.nuget/packages/moq/4.20.0 with content hash b==.", "error NU1605: Detected package downgrade: Moq from 4.20.0 to 4.18.0", (("Moq", "4.16.1", "4.20.0"),), "name"),
    Pair("mix", "mix deps.get", "Resolving Hex dependencies...\nResolution completed in 0.1s\nUnchanged:\n  jason 1.4.1\nNew:\n  plug 1.15.0\n* Getting plug (Hex package)", "Resolving Hex dependencies...\nResolution completed in 0.1s\nUnchanged:\n  jason 1.4.1\nUpgraded:\n  plug 1.15.0 => 1.16.0 (minor)\n* Updating plug (Hex package)", "== Compilation error in file lib/plug/conn.ex ==\ndeps/plug/lib/plug/conn.ex:1", (("plug", "1.15.0", "1.16.0"),), "path"),
    Pair("apt", "sudo apt-get install -y libssl-dev", "Setting up libssl-dev:amd64 (3.0.2-0ubuntu1.15) ...", "Setting up libssl-dev:amd64 (3.0.2-0ubuntu1.16) ...", "undefined reference to `SSL_new'", (("libssl-dev", "3.0.2-0ubuntu1.15", "3.0.2-0ubuntu1.16"),)),
    Pair("apk", "apk add bash", "(1/2) Installing musl (1.2.4-r0)\n(2/2) Installing bash (5.2.15-r0)", "(1/2) Installing musl (1.2.5-r0)\n(2/2) Installing bash (5.2.15-r0)", "Error relocating", (("musl", "1.2.4-r0", "1.2.5-r0"),)),
    Pair("conda", "conda install numpy", "  + numpy   1.26.4  py311h64a7726_0  conda-forge/linux-64  8MB\n  mkl  pkgs/main/linux-64::mkl-2023.1.0-h213fc3f_46344", "  + numpy   2.0.0  py311h64a7726_0  conda-forge/linux-64  8MB\n  mkl  pkgs/main/linux-64::mkl-2024.0.0-h213fc3f_46344", "ImportError: numpy.core.multiarray failed to import", (("numpy", "1.26.4", "2.0.0"), ("mkl", "2023.1.0", "2024.0.0")), "name"),
    Pair("in an image build", "docker build .", "#9 4.210 Successfully installed flask-2.3.0 werkzeug-2.3.7\n#4 resolve docker.io/library/python:3.12@sha256:" + "a" * 64 + " done", "#9 4.210 Successfully installed flask-2.3.0 werkzeug-3.0.0\n#4 resolve docker.io/library/python:3.12@sha256:" + "b" * 64 + " done", "ImportError: cannot import name 'url_quote' from 'werkzeug.urls'", (("werkzeug", "2.3.7", "3.0.0"), ("docker.io/library/python:3.12", "a" * 12, "b" * 12)), "module"),
    Pair("the runner", "make", "Image: ubuntu-24.04\nVersion: 20261012.1.0\nDownload action repository 'actions/checkout@v4' (SHA:" + "1" * 40 + ")", "Image: ubuntu-26.04\nVersion: 20261115.1.0\nDownload action repository 'actions/checkout@v4' (SHA:" + "2" * 40 + ")", "gcc: error", (("the runner's image", "ubuntu-24.04", "ubuntu-26.04"), ("the version of the runner's image", "20261012.1.0", "20261115.1.0"), ("actions/checkout@v4", "1" * 12, "2" * 12))),
    Pair("toolchains", "cargo --version", "  stable-x86_64-unknown-linux-gnu installed - rustc 1.84.0 (9fc6b4312 2025-01-07)\nSuccessfully set up CPython (3.12.8)", "  stable-x86_64-unknown-linux-gnu installed - rustc 1.85.0 (4d91de4e4 2025-02-17)\nSuccessfully set up CPython (3.12.9)", "error: unused", (("rustc", "1.84.0", "1.85.0"), ("python", "3.12.8", "3.12.9"))),
)  # fmt: skip

STILL: Final = (
    Pair("the same", "pip install a", "Successfully installed urllib3-2.0.2", "Successfully installed urllib3-2.0.2", "urllib3 2.0.2", ()),
    Pair("spelled otherwise", "pip install a", "Successfully installed ruamel.yaml-0.18.6", "Successfully installed ruamel_yaml-0.18.6", "x", ()),
    Pair("a script that only names versions", "printf 'urllib3==2.0.2\\n' > requirements.txt", "ok", "ok", "x", ()),
    Pair("only looked at, not taken", "pip install a", "Downloading b-1.0-py3-none-any.whl (1 kB)\nSuccessfully installed b-1.0", "Downloading b-2.0-py3-none-any.whl (1 kB)\nDownloading b-1.0-py3-none-any.whl (1 kB)\nSuccessfully installed b-1.0", "x", ()),
    Pair("looked at until the install failed", "pip install a", "Successfully installed b-1.0", "Downloading b-2.0-py3-none-any.whl (1 kB)\nDownloading b-1.0-py3-none-any.whl (1 kB)\nERROR: no", "x", ()),
    Pair("from the cache", "npm ci", "+ left@1.0.0\nadded 3 packages in 4s", "Cache restored from key: npm-1\nadded 3 packages in 4s", "x", ()),
    Pair("a tree with more branches", "npm ls", "+-- ms@2.0.0\n`-- ms@2.1.3", "+-- ms@2.0.0\n+-- ms@2.1.2\n`-- ms@2.1.3", "x", ()),
    Pair("a project's own build number", "pip install .", "Successfully installed acme-6.0.dev20250415075852", "Successfully installed acme-6.0.dev20250415082720", "x", ()),
    Pair("a crate of the repository", "cargo test", "   Compiling acme v0.1.0 (/home/runner/work/acme/acme)", "   Compiling acme v0.2.0 (/home/runner/work/acme/acme)", "x", ()),
    Pair("words that look alike", "make", "Using port 8080\nInstalling 3 files\nVersion: 1.2.3\n+ sleep 5\nSetting up tests (fast)", "Using port 9090\nInstalling 4 files\nVersion: 1.2.4\n+ sleep 6\nSetting up tests (slow)", "x", ()),
    Pair("what a parent pom names", "mvn verify", "Downloading: https://repo.maven.apache.org/maven2/junit/junit/4.12/junit-4.12.pom", "Downloading: https://repo.maven.apache.org/maven2/junit/junit/4.13/junit-4.13.pom", "x", ()),
    Pair("a list without Hex", "make", "New:\n  plug 1.15.0", "New:\n  plug 1.16.0", "x", ()),
)  # fmt: skip


class Judged(NamedTuple):
    """What was found in a pair. ok: all that moved, nothing else, and named by the failure as it should be."""

    pair: Pair
    drift: Drift
    how: str
    ok: bool


def job_log(command: str, output: str, failure: str = "") -> str:
    """Write a job's log as GitHub's runner does. With `failure` a second step prints that and fails."""
    steps = [(command, output)] + (
        [("make test", f"{failure}\n##[error]Process completed with exit code 1.")] if failure else []
    )
    lines = ["Current runner version: '2.336.0'"]
    for name, text in steps:
        lines += [
            f"##[group]Run {name}",
            f"\x1b[36;1m{name}\x1b[0m",
            "shell: /usr/bin/bash -e {0}",
            "##[endgroup]",
            *text.split("\n"),
        ]
    return "".join(f"{STAMP}{line}\n" for line in [*lines, "Post job cleanup.", "Cleaning up orphan processes"])


def judged(pair: Pair, folder: Path) -> Judged:
    """Write both logs of a pair as files and compare them."""
    green, red = folder / "green.log", folder / "red.log"
    green.write_text(job_log(pair.command, pair.green), "utf-8")
    red.write_text(job_log(pair.command, pair.red, pair.failure), "utf-8")
    drift = find_drift([(green, red)])[0] or Drift(())
    told = {(one.name, one.before, one.after): one for one in drift.moved}
    first = told.get(pair.moved[0]) if pair.moved else None
    how = named(pair.failure, first) if first is not None else ""
    return Judged(pair, drift, how, set(told) == set(pair.moved) and how == pair.how)


def table() -> int:
    """Print a row for each pair; 1 when one is not as it should be."""
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        for title, pairs in (("moved", PAIRS), ("nothing moved", STILL)):
            results = [judged(pair, Path(folder)) for pair in pairs]
            for one in results:
                told = (
                    ", ".join(f"{each.name} {each.before[:20]} -> {each.after[:20]}" for each in one.drift.moved) or "-"
                )
                _print(f"{'ok ' if one.ok else 'BAD'} {one.pair.title:<42.42} {one.how or '-':<8} {told}")
            bad += sum(not one.ok for one in results)
            _print(f"{title}: {sum(one.ok for one in results)} of {len(results)} as they should be\n")
    return 1 if bad else 0


def speed(lines: int = 100_000) -> str:
    """Time two logs of so many lines, in which every twentieth line is an install line."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("green.log", "red.log")]
        for number, path in enumerate(paths):
            text = "".join(
                f"{STAMP}{f'Using gem{n} 1.{number}' if n % 20 == 0 else f'step {n}: checking that it works'}\n"
                for n in range(lines)
            )
            path.write_text(text, "utf-8")
        begun = time.perf_counter()
        drift = find_drift([(paths[0], paths[1])])[0] or Drift(())
        seconds = time.perf_counter() - begun
    return f"two logs of {lines} lines: {len(drift.moved)} moved of {drift.compared} compared, {seconds:.2f} s"


def _print(line: str) -> None:
    print(line)


def main(arguments: Sequence[str]) -> int:
    """Print what is asked for."""
    if list(arguments) == ["--speed"]:
        _print(speed())
        return 0
    if len(arguments) != 2:  # noqa: PLR2004 - green and red
        return table()
    drift = find_drift([(Path(arguments[0]), Path(arguments[1]))])[0]
    for one in drift.moved if drift else ():
        _print(
            f"{one.realm:<10} {one.name} {one.before} -> {one.after}  (line {one.line}; line {one.line_before} of the green log)"
        )
    if drift:
        _print(
            f"{len(drift.moved)} moved of {drift.compared} in both; {len(drift.came)} only now, {len(drift.went)} only then{'; partial: a cache was restored' if drift.partial else ''}"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
