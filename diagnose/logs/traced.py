"""The command that a shell or a CI system shows before it runs it: `+ make test`.

Diffs and package managers print lines of the same form (`+ 'a'` of unittest, `+ left-pad@1.3.0` of npm, `+ actual - expected` of
Node), so a command is taken for one only where it begins with a program that builds use, a path, or an assignment.
"""

from __future__ import annotations

from typing import Final

from diagnose.kit.regex import regex

_PROGRAMS: Final = frozenset(
    """
    . : [ [[ ansible ansible-playbook apk apt apt-get artisan aws az bash bazel behat black brew buf buildah bun bundle bunx cabal cargo
    cat cd chmod chown clang clang-format cmake codecov composer conan conda corepack cp ctest cue curl dart date deno devbox df diff
    docker docker-compose dotnet du echo elixir env eslint eval exec exit export false ffmpeg find firebase flake8 flutter for g++ gcc
    gcloud gem gh git glab go golangci-lint gradle grep gunzip hadolint helm hugo if install isort java javac jest jq julia just kind
    kubectl lein ln ls lua luarocks make mage maven meson micromamba minikube mix mkdir mocha mv mvn mvnw mypy mysql netlify newman nim
    ninja nix nix-build nix-shell node nohup nox npm npx nuget nx nyc opam openssl packer pdm perl php phpcs phpstan phpunit pip pip3
    pipe: pipenv pipx pnpm podman poetry pre-commit prettier printenv printf prove psql pulumi pwd pwsh pylint pyright pytest python
    python2 python3 R rake rebar3 redis-cli restore retry rm rspec rsync Rscript rubocop ruby ruff rustc rustup sam sbt scp sed semgrep
    serverless set sh shellcheck skaffold sleep snyk sonar-scanner source ssh ssh-keyscan stack sudo svn swift swiftlint systemctl tar task
    tee terraform terragrunt test time timeout tofu touch tox trap trivy true tsc turbo ulimit umask unset unzip uv uvx vercel vite vitest
    vue-cli-service wait webpack wget which while whoami wrangler xargs xcodebuild xvfb-run yamllint yarn yq zig zip
    """.split()  # noqa: SIM905 - words read better as text than between quotes
)
_TRACE: Final = regex(r"\+{1,4} (?=\S)(.{1,400})")
_PATH: Final = regex(
    r"\.{0,2}/[\w.@/+-]+|(?:[\w.-]+/)+[\w.-]+\.(?:sh|py|rb|pl|js|mjs|ts|php|bash)|(?:vendor/bin|node_modules/\.bin|bin|scripts?)/[\w./-]+|[\w-]+\.(?:sh|py)"
)
_ASSIGNMENT: Final = regex(r"[A-Za-z_]\w{0,80}=")


def command_of(text: str) -> str:
    """Give the command that `text` shows, "" when it shows none."""
    found = _TRACE.match(text)
    if found is None:
        return ""
    command = found[1].rstrip()
    first = command.split(maxsplit=1)[0] if command else ""
    word = first.strip("'\"")  # a shell that quotes what it shows: + 'npm ci'
    if word in _PROGRAMS or _PATH.fullmatch(word) or _ASSIGNMENT.match(word):
        return _unquoted(command)
    return ""


def _unquoted(command: str) -> str:
    """Take off the quotes round a whole command, as Woodpecker and Drone write them."""
    if len(command) > 1 and command[0] == "'" == command[-1] and command.count("'") == 2:  # noqa: PLR2004 - one on each side
        return command[1:-1]
    return command
