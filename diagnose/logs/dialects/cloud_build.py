"""Google Cloud Build: output is prefixed with `Step #1: ` or `Step #1 - "name": `, also where a builder of Firebase or Cloud Run writes it.

Seen in public logs and in what `gcloud builds submit` prints: `Starting Step #N`, `Finished Step #N`, then `ERROR: build step N "image"
failed: step exited with non-zero status: C`, or `DONE` and the table of the build with its STATUS.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.logs.dialect import Mark

if TYPE_CHECKING:
    from collections.abc import Sequence

_PREFIX: Final = regex(r'(Step #(\d{1,4})(?: - "[^"]{1,100}")?): ?')
_VOTE: Final = regex(rb'(?:Starting |Finished )?Step #\d{1,4}(?: - "[^"]{1,100}")?(?:: |\s*$)')
_TITLE: Final = regex(rb'(?:Starting |Finished )?(Step #(\d{1,4})(?: - "[^"]{1,100}")?)(?:: |\s*$)')
_BORDER: Final = regex(r'(?:Starting|Finished) Step #\d{1,4}(?: - "[^"]{1,100}")?\s*$')
_FAILED: Final = regex(
    r'(?:ERROR: |BUILD FAILURE: |Build step failure: ){1,3}build step (\d{1,4}) "[^"]{1,300}" failed: (?:step exited with non-zero status: (\d{1,10}))?'
)
_STATUS: Final = regex(
    r"STATUS: (SUCCESS|FAILURE|INTERNAL_ERROR|TIMEOUT|CANCELLED|EXPIRED)\s*$|(DONE)\s*$|(TIMEOUT)\s*$|"
    r'ERROR: \(gcloud\.builds\.submit\) build \S{1,80} completed with status "(FAILURE|TIMEOUT|CANCELLED|INTERNAL_ERROR)"'
)
_PASSED: Final = frozenset({"SUCCESS", "DONE"})


class CloudBuild:
    """Steps by the prefix of each line; the closing lines say which failed, and how."""

    name = "cloud-build"
    literals: tuple[bytes, ...] = (
        b"Step #",
        b"build step ",
        b"STATUS: ",
        b"DONE",
        b"TIMEOUT",
        b"completed with status ",
    )

    def __init__(self, titles: tuple[tuple[int, str], ...] = ()) -> None:
        """Make it for a log. titles: the steps' numbers and how the prefix names them, as far as the log's ends show them."""
        self._titles = dict(titles)

    def votes(self, lines: Sequence[bytes]) -> int:
        """Count prefixed lines, and steps that start and finish."""
        return sum(1 for line in lines if _VOTE.match(line[:400]))

    def fitted(self, lines: Sequence[bytes]) -> CloudBuild:
        """Learn what the steps are called."""
        found = (_TITLE.match(line[:400]) for line in lines)
        return CloudBuild(tuple({int(title[2]): title[1].decode(errors="replace") for title in found if title}.items()))

    def strip(self, text: str) -> str:
        """Take the step's name off."""
        found = _PREFIX.match(text)
        return text[found.end() :] if found else text

    def stamp(self, text: str) -> str:
        """Lines have no stamps."""
        del text
        return ""

    def mark(self, line: int, text: str, stripped: str) -> Mark | None:
        """Read the step of each line, which step failed, and the status of the build."""
        del stripped
        found = _PREFIX.match(text)
        if found:
            return Mark(line, "enter", found[1])
        if _BORDER.match(text):
            return Mark(line, "frame")
        failed = _FAILED.match(text)
        if failed:
            number = int(failed[1])
            name = self._titles.get(number, f"Step #{number}")
            return Mark(line, "failed", f"\t{name}", int(failed[2]) if failed[2] else None)
        status = _STATUS.match(text)
        if status is None:
            return None
        word = next(word for word in status.groups() if word)
        return Mark(line, "job-passed" if word in _PASSED else "job-failed", f"the build ended with {word}")


DIALECT = CloudBuild()
