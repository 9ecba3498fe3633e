"""A failure is a block: of each sample in `failures/` the line that tells, and what is quoted of its block.

A sample's first line says rule and category that are expected ("-" for a line that no rule knows). Of the others the first two
characters are marks: `>` the line that tells, `+` a line that the excerpt holds too; the rest of the line is the log's. All
were made by running the tool, or are of the form that its source and documentation show.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from diagnose.rank.causes import causes_of
from diagnose.rank.excerpt import excerpt_of
from diagnose.rank.outcome import outcome_of
from tests.support.reading import github_log, shipped_reading_of

SAMPLES: Final = sorted(Path(__file__).with_name("failures").glob("*.txt"))
SHOWN: Final = 6
FIRST: Final = 3
FAILS: Final = "##[error]Process completed with exit code 1."


def sample(path: Path) -> tuple[str, str, int, set[int], str]:
    """Read rule, category, the telling line's number, the numbers of the excerpt, and the log."""
    head, *lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    _, rule, category = head.split(" ")
    telling = next(number for number, line in enumerate(lines, 1) if line.startswith(">"))
    excerpt = {number for number, line in enumerate(lines, 1) if line[:1] in (">", "+")}
    return rule, category, telling, excerpt, "".join(line[2:] + "\n" for line in lines)


def test_there_are_samples_of_many_tools() -> None:
    assert len(SAMPLES) >= 60
    assert len({path.stem.partition("-")[0] for path in SAMPLES}) >= 30


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_the_line_that_tells_and_what_a_person_would_paste(path: Path) -> None:
    rule, category, telling, excerpt, log = sample(path)
    reading = shipped_reading_of(log)
    cause = causes_of(reading)[0]
    ranges = excerpt_of(reading.log, cause.lead.extent, SHOWN)
    quoted = {number for first, last in ranges for number in range(first, last + 1)}
    assert (cause.lead.line, cause.lead.text) == (telling, reading.log.text(telling))
    assert quoted == excerpt
    assert ranges[0][0] == telling
    assert (cause.rule, cause.category) == (rule, category) or (rule == "-" and not cause.rule)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_in_a_job_the_line_is_among_the_first_causes(path: Path) -> None:
    _, _, telling, _, log = sample(path)
    reading = shipped_reading_of(github_log(("make check", log.removesuffix("\n") + "\n" + FAILS)))
    assert outcome_of(reading).status == "failed"
    told = shipped_reading_of(log).log.text(telling)
    blocks = [cause.lead.extent for cause in causes_of(reading)[:FIRST]]
    assert told.strip() in {
        line.text.strip() for block in blocks for line in reading.log.lines(block.first, block.last)
    }


PASSES: Final = """\
============================= test session starts ==============================
collected 1 item

test_retry.py Traceback (most recent call last):
  File "/src/test_retry.py", line 4, in test_retry
    raise ConnectionError("peer went away")
ConnectionError: peer went away
.

============================== 1 passed in 0.57s ===============================
"""


@pytest.mark.parametrize(
    ("log", "status"),
    [
        (PASSES, "passed"),
        (PASSES.replace("1 passed", "1 failed, 1 passed"), "failed"),
        (
            PASSES.replace("============================== 1 passed in 0.57s ===============================\n", ""),
            "failed",
        ),
    ],
)
def test_what_a_passing_test_prints_is_answered_by_the_total(log: str, status: str) -> None:
    assert outcome_of(shipped_reading_of(log)).status == status
