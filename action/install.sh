#!/usr/bin/env bash
# Finds or installs ci-diagnose, and writes `tool=PATH` to $GITHUB_OUTPUT.
#
# A ci-diagnose of this version that is on PATH is used as it is. Otherwise a virtual environment is made below $RUNNER_TEMP:
# nothing of the job's own Python, packages or PATH is touched. All that is installed is pinned by hash (requirements.txt, uv.txt,
# both made from uv.lock by tools/action.py); the tool itself is built from this folder, without asking any index.
#
# DIAGNOSE_INSTALL  auto | always     "always" does not look on PATH for ci-diagnose
# DIAGNOSE_ON_PATH  true | false      true adds a folder that holds ci-diagnose and nothing else to the job's PATH
set -euo pipefail

here="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)"
root="$(dirname -- "$here")"
install="${DIAGNOSE_INSTALL:-auto}"
on_path="${DIAGNOSE_ON_PATH:-false}"

fail() { # a sentence of ours: it holds no text from outside
  printf '::error title=ci-diagnose::%s\n' "$1"
  exit 1
}

case "$install" in auto | always) ;; *) fail 'install takes auto or always.' ;; esac
version="$(sed -n 's/^VERSION: Final = "\([0-9A-Za-z.+-]*\)"$/\1/p' "$root/diagnose/version.py")"
[ -n "$version" ] || fail 'the folder of the action does not hold the tool: name the action by a commit of its repository.'

answer() { # the path of the tool; asked for by the steps behind
  printf 'tool=%s\n' "$1" >>"$GITHUB_OUTPUT"
  printf 'version=%s\n' "$version" >>"$GITHUB_OUTPUT"
}

if [ "$install" = auto ]; then
  found="$(command -v ci-diagnose || true)"
  if [ -n "$found" ] && [ "$("$found" --version 2>/dev/null || true)" = "ci-diagnose $version" ]; then
    echo "ci-diagnose $version is installed already."
    answer "$found"
    exit 0
  fi
fi

place="${RUNNER_TEMP:?this is a step of a GitHub Actions job}/ci-diagnose-$version"
scripts="$place/venv/bin"
suffix=""
case "${RUNNER_OS:-}" in Windows) scripts="$place/venv/Scripts" suffix=".exe" ;; esac
tool="$scripts/ci-diagnose$suffix"

new_enough() { "$1" -I -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

python_of_this_machine() { # 3.11 or newer: on PATH, else among those that the runner's image keeps
  local each
  for each in python3 python3.14 python3.13 python3.12 python3.11 python \
    "${RUNNER_TOOL_CACHE:-/none}"/Python/3.1[1-9].*/*/bin/python3 "${RUNNER_TOOL_CACHE:-/none}"/Python/3.1[1-9].*/*/python.exe; do
    each="$(command -v "$each" || true)"
    if [ -n "$each" ] && new_enough "$each"; then
      printf '%s' "$each"
      return 0
    fi
  done
  return 1
}

uv_of_this_machine() { # any version will do: what it installs is checked by hash
  local found
  found="$(command -v uv || true)"
  [ -n "$found" ] && "$found" --version >/dev/null 2>&1 && printf '%s' "$found"
}

if [ ! -e "$place/done" ]; then
  rm -rf -- "$place"
  mkdir -p -- "$place/bin"
  cd -- "$place" # uv and pip read settings of the folder they run in: not those of the work tree
  python="$(python_of_this_machine || true)"
  uv="$(uv_of_this_machine || true)"
  if [ -z "$uv" ]; then
    [ -n "$python" ] || fail 'Python 3.11 or newer is needed: put actions/setup-python before this step.'
    "$python" -I -m venv "$place/uv"
    own="$place/uv/${scripts##*/}"
    "$own/python" -I -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary :all: -r "$here/uv.txt" ||
      fail 'uv could not be installed. The log of this step says why; a package index must be reached.'
    uv="$own/uv"
  fi
  "$uv" venv --quiet --no-project --python "${python:->=3.11}" "$place/venv"
  export VIRTUAL_ENV="$place/venv"
  "$uv" pip install --quiet --no-deps --require-hashes --only-binary :all: -r "$here/requirements.txt" ||
    fail 'The packages could not be installed. The log of this step says why; a package index must be reached.'
  "$uv" pip install --quiet --no-deps --no-build-isolation --no-index "$root" || fail 'The tool could not be built. The log of this step says why.'
  "$tool" --version
  : >"$place/done"
fi
if [ "$on_path" = true ]; then
  # the environment's own folder holds a python too, which would stand before the job's
  if [ "${RUNNER_OS:-}" = Windows ]; then cp -- "$tool" "$place/bin/"; else ln -sf -- "$tool" "$place/bin/ci-diagnose"; fi
  printf '%s\n' "$place/bin" >>"$GITHUB_PATH"
fi
answer "$tool"
