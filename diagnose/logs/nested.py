"""What a line says, under every framing: colours and what it overwrote, the CI system's stamp, and that of a build inside the build.

BuildKit numbers the steps of an image and stamps what they print, `#12 3.512 text` (moby/buildkit at 9b19c0f,
util/progress/progressui/printer.go): without that a tool in a container would speak a form that none of its rules knows. Its own
lines, `#12 DONE 0.5s`, `#12 ERROR: ...`, `#12 [4/6] RUN ...`, stay: no number with a point follows the first.

pnpm labels what the scripts of a workspace print, `packages/cart lint: text` (pnpm/pnpm, cli/default-reporter/src/reporterForClient/
reportLifecycleScripts.ts): a path, a script of a usual name, a colon. How a script ended, and an error that has no place, stay as they are:
the label is all that says whose it is.

A build that a push begins is told through Git: `remote:` and, of what a build pack prints, seven blanks more (Heroku, Dokku). What Git's
own hooks say has one blank, and stays as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.logs.decode import shown

if TYPE_CHECKING:
    from diagnose.logs.dialect import Dialect

_SCRIPTS: Final = r"(?:lint|test|build|typecheck|type-check|types|check|format|fmt|compile|tsc|e2e|unit|coverage|prepare|prepack|postinstall|install)"
_PNPM: Final = regex(rf"[\w@.-]{{1,60}}(?:/[\w@.-]{{1,60}}){{1,5}} {_SCRIPTS}(?:[:-][\w:.-]{{1,40}})?: ")
_LABELLED: Final = regex(r"(?:Failed|Done)\s*$|(?:[\w.]{0,80}(?:Error|Exception)|error|ERROR|fatal): ")
_PUSHED: Final = "remote:        "
_BUILDKIT: Final = regex(r"#[0-9]{1,5} [0-9]{1,6}\.[0-9]{1,3}(?: |$)")


def said(dialect: Dialect, raw: bytes) -> str:
    """Give the text of a raw line, a whole one or a window of it: always the end of what a terminal would show of it."""
    text = dialect.strip(shown(raw))
    if text.startswith("#"):
        found = _BUILDKIT.match(text)
        if found:
            return text[found.end() :]
    if text.startswith(_PUSHED):
        return text[len(_PUSHED) :]
    if ": " in text[:400] and "/" in text[:400]:
        found = _PNPM.match(text)
        if found and _LABELLED.match(text, found.end()) is None:
            return text[found.end() :]
    return text
