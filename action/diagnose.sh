#!/usr/bin/env bash
# Turns the action's inputs into one call of ci-diagnose. Every input comes by the environment and goes on as one word of an array:
# none is read by a shell, and none can become another option. The token is in GH_TOKEN alone.
#
# Exit: 0 also when a failure was found, and when nothing could be looked at (a warning says so): the action makes no run redder.
# 2 when an input is wrong.
set -euo pipefail

wrong() { # $1: the input's name; $2: what it takes. Both are ours.
  printf '::error title=ci-diagnose::The input %s takes %s.\n' "$1" "$2"
  exit 2
}

is_true() { # $1: the input's name; $2: its value
  case "$2" in
  true) return 0 ;;
  false | '') return 1 ;;
  *) wrong "$1" 'true or false' ;;
  esac
}

number() { # $1: the input's name; $2: its value
  case "$2" in '' | *[!0-9]*) wrong "$1" 'a number' ;; esac
}

words=()
each_line() { # $1: an option; $2: its values, one a line
  local line
  while IFS= read -r line || [ -n "$line" ]; do
    line="${line%$'\r'}"
    line="${line#"${line%%[![:space:]]*}"}" line="${line%"${line##*[![:space:]]}"}"
    [ -z "$line" ] || words+=("$1=$line")
  done <<<"$2"
}

# What is diagnosed: log files, else a pull request, else a run (this one, or the one whose end started this workflow).
each_line --log "$DIAGNOSE_LOG"
if [ "${#words[@]}" -eq 0 ]; then
  if [ -n "$DIAGNOSE_PULL_REQUEST" ]; then
    number pull-request "$DIAGNOSE_PULL_REQUEST"
    words+=("--pr=$DIAGNOSE_PULL_REQUEST")
  else
    number run-id "$DIAGNOSE_RUN_ID"
    words+=("--run=$DIAGNOSE_RUN_ID")
  fi
  if is_true wait "$DIAGNOSE_WAIT"; then words+=(--wait); fi
fi
words+=("--repo=$DIAGNOSE_REPOSITORY")
each_line --junit "$DIAGNOSE_JUNIT"
each_line --passing-log "$DIAGNOSE_PASSING_LOG"

# Where the answer goes. The optional values stand behind "=", so that no flag takes the next word for its own.
if is_true summary "$DIAGNOSE_SUMMARY"; then words+=("--summary=$GITHUB_STEP_SUMMARY"); fi
if is_true annotations "$DIAGNOSE_ANNOTATIONS"; then words+=(--annotations); fi
if [ -n "$DIAGNOSE_JSON_FILE" ]; then words+=("--write=json=$DIAGNOSE_JSON_FILE"); fi
if [ -n "$DIAGNOSE_SARIF_FILE" ]; then words+=("--write=sarif=$DIAGNOSE_SARIF_FILE"); fi
if [ -n "$DIAGNOSE_COMMENT_KEY" ]; then words+=("--comment-key=$DIAGNOSE_COMMENT_KEY"); fi
if is_true comment "$DIAGNOSE_COMMENT"; then
  if [ -n "$DIAGNOSE_PULL_REQUEST" ]; then words+=("--comment=$DIAGNOSE_PULL_REQUEST"); else words+=(--comment); fi
fi
words+=("--outputs=$GITHUB_OUTPUT" --exit-zero --quiet)

# A settings file in the work tree may be a stranger's: neither the server that gets the token nor a place to write to is taken from it.
export CI_DIAGNOSE_API_URL="${GITHUB_API_URL:-https://api.github.com}"
export CI_DIAGNOSE_MEMORY_FOLDER="${RUNNER_TEMP:?}/ci-diagnose-memory"
export CI_DIAGNOSE_OWN_JOB="$DIAGNOSE_OWN_JOB"
[ -z "$DIAGNOSE_DISCOVERIES" ] || export CI_DIAGNOSE_DISCOVERIES="$DIAGNOSE_DISCOVERIES"

# Behind a fork's run the record of the work tree is not believed, for it may be the fork's. Where the work tree stands at the commit of
# this workflow, the default branch's, it is the repository's own: it is taken in by name. The sentence that says so is not needed here.
if [ "${GITHUB_EVENT_NAME:-}" = workflow_run ] && [ -f "$DIAGNOSE_DISCOVERIES" ] && [ "$(git rev-parse --verify --quiet HEAD 2>/dev/null || true)" = "$GITHUB_SHA" ]; then
  "$DIAGNOSE_TOOL" history import "--repo=$DIAGNOSE_REPOSITORY" -- "$DIAGNOSE_DISCOVERIES" >/dev/null || true
fi

code=0
"$DIAGNOSE_TOOL" "${words[@]}" || code=$?
printf 'exit-code=%s\n' "$code" >>"$GITHUB_OUTPUT"
case "$code" in
0 | 1) exit 0 ;;
2)
  echo '::error title=ci-diagnose::Nothing was diagnosed: an input of the action or a setting does not fit. The log of this step says which.'
  exit 2
  ;;
3) echo '::warning title=ci-diagnose::Nothing could be looked at. The log of this step says why, and what to do.' ;;
*) printf '::warning title=ci-diagnose::The diagnosis ended by itself with exit code %s. The log of this step holds what it said.\n' "$code" ;;
esac
