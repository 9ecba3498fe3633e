#!/usr/bin/env python3
"""What the checks of phase 1 say on a corpus of labelled logs: false alarms on passing logs, blocks where the cause is another.

    python benchmarks/checks.py CORPUS                   every set; exit code 1 when a check fails a passing log or blocks wrongly
    python benchmarks/checks.py CORPUS --sets green silent
    python benchmarks/checks.py CORPUS --show            every answer that is not ok or skipped, with its line

CORPUS is as in `benchmarks/rule_precision.py`. Each log is a case of its own. Of one that passed nobody says how it ended, as with
`ci-diagnose --log`, so that a check may take it for a failure; one that failed is said to have failed, as by the API, so that every check
looks at it. A passing log of the pair is what it is compared with. A block is wrong when the log has a label and no line that the check quotes stands within it, or when
the step that is labelled is another one. Of a log without a label nothing is said but the count.
"""

from __future__ import annotations

import argparse
import io
import json
import lzma
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import anyio

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

from diagnose.case import Case  # noqa: E402 - from the checkout
from diagnose.checks.registry import run_all  # noqa: E402 - as above
from diagnose.kit.clock import system_clock  # noqa: E402 - as above
from diagnose.logs.pages import Pages  # noqa: E402 - as above
from diagnose.model.incident import Incident, Job, LogFile  # noqa: E402 - as above
from diagnose.rank.reading import Reading, read  # noqa: E402 - as above
from diagnose.scan.rulebase import load, patterns_folder  # noqa: E402 - as above
from diagnose.scan.scanner import Scanner  # noqa: E402 - as above

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from diagnose.case import Asked
    from diagnose.model.check import Check
    from diagnose.model.report import KnownPattern
    from diagnose.scan.scanner import Scan

NOW: Final = datetime(2026, 11, 21, 12, tzinfo=UTC)
DEADLINE: Final = 60.0
WIDEST: Final = 160


class Told(NamedTuple):
    """What one check said of one log. right: whether a block names what the label names, None where there is no label."""

    set_name: str
    id: str
    passes: bool
    answer: Check
    right: bool | None


def texts_of(corpus: Path, sets: Sequence[str]) -> Iterator[tuple[str, dict[str, Any], bytes, bytes | None]]:
    """Give every case of the sets that has a whole log: its set, its line of cases.jsonl, its bytes and its passing log's."""
    for index in sorted(corpus.glob("*/cases.jsonl")):
        if sets and index.parent.name not in sets:
            continue
        for told in map(json.loads, index.read_text(encoding="utf-8").splitlines()):
            passing = told.get("passing_log")
            yield (
                index.parent.name,
                told,
                _read(index.parent / told["log"]),
                _read(index.parent / passing) if passing else None,
            )


def _read(path: Path) -> bytes:
    data = path.read_bytes()
    return lzma.decompress(data) if path.suffix == ".xz" else data


def _nothing(asked: Sequence[Asked]) -> Sequence[Sequence[KnownPattern]]:
    return [[] for _ in asked]


def case_of(reading: Reading, passing: Scan | None, *, passes: bool) -> Case:
    """Make the case that a log alone is."""
    job = Job("1", "job", "unknown" if passes else "failure", LogFile("job", Path("job")))
    incident = Incident(kind="log", target="job", jobs=(job,))
    return Case(incident, (reading,), str, _nothing, NOW, passing=(passing,))


def judged(truth: dict[str, Any], answer: Check) -> bool | None:
    """Tell whether a line that the answer quotes is one of the label's, None where nothing is labelled."""
    quoted = {piece.line for piece in answer.evidence}
    ranges = truth.get("lines") or ([truth["span"]] if truth.get("span") else [])
    return any(first <= line <= last for line in quoted for first, last in ranges) if ranges else None


def measure(corpus: Path, sets: Sequence[str]) -> list[Told]:
    """Ask the checks of every log."""
    scanner = Scanner(load(patterns_folder(), None))
    out = []
    for set_name, told, text, passing in texts_of(corpus, sets):
        scan = scanner.scan("job", Pages(io.BytesIO(text)))
        before = scanner.scan("before", Pages(io.BytesIO(passing))) if passing is not None else None
        passes = told["truth"].get("status") == "passed" or "silent" in told["truth"]
        case = case_of(read(scan), before, passes=passes)
        answers = anyio.run(run_all, case, DEADLINE, system_clock().elapsed)
        out += [Told(set_name, told["id"], passes, answer, judged(told["truth"], answer)) for answer in answers]
        case.close()
    return out


def said(told: Told) -> str:
    """Write one answer in a line, cut to WIDEST: what was said, and the first line that is quoted."""
    words = "".join(part if isinstance(part, str) else part._text for part in told.answer.message.parts)  # noqa: SLF001 - read by people at a benchmark
    quoted = "".join(f" [{piece.line}: {piece.text._text}]" for piece in told.answer.evidence[:1])  # noqa: SLF001 - as above
    word = ("BLOCKS" if told.answer.blocking else told.answer.status) + {
        True: " (the label)",
        False: " (not the label)",
        None: "",
    }[told.right]
    return f"  {told.set_name}/{told.id} {told.answer.name} {word}: {(words + quoted)[:WIDEST]}".replace("\n", " ")


def table(found: Sequence[Told]) -> Iterator[str]:
    """A line a set and check: logs, answers by kind; of those that failed how many have a label and hit it; what is wrong."""
    yield f"{'set':<18}{'check':<14}{'logs':>6}{'ok':>6}{'skipped':>9}{'failed':>8}{'labelled':>10}{'hit':>5}{'blocks':>8}{'alarms':>8}{'wrong':>7}"
    for set_name, name in dict.fromkeys((told.set_name, told.answer.name) for told in found):
        own = [told for told in found if (told.set_name, told.answer.name) == (set_name, name)]
        count = Counter(told.answer.status for told in own)
        blocks = sum(told.answer.blocking for told in own)
        labels = [told.right for told in own if told.answer.status == "failed" and told.right is not None]
        numbers = f"{len(own):>6}{count['ok']:>6}{count['skipped']:>9}{count['failed']:>8}{len(labels):>10}{sum(labels):>5}{blocks:>8}"
        yield f"{set_name:<18}{name:<14}{numbers}{sum(map(alarm, own)):>8}{sum(map(wrong, own)):>7}"


def alarm(told: Told) -> bool:
    """Whether a passing log is called wrong."""
    return told.passes and told.answer.status in ("failed", "error")


def wrong(told: Told) -> bool:
    """Whether it blocks where the label is something else."""
    return told.answer.blocking and told.right is False


def main() -> int:
    """Measure, and print."""
    reader = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    reader.add_argument("corpus", type=Path)
    reader.add_argument("--sets", nargs="*", default=[], help="only these sets")
    reader.add_argument("--show", action="store_true", help="every answer that is failed or an error")
    given = reader.parse_args()
    found = measure(given.corpus, given.sets)
    print("\n".join(table(found)))
    bad = [told for told in found if alarm(told) or wrong(told)]
    shown = [told for told in found if told.answer.status in ("failed", "error")] if given.show else bad
    print(*map(said, shown), sep="\n")
    print(
        f"alarms on passing logs {sum(map(alarm, bad))}, blocks where the label is something else {sum(map(wrong, bad))}"
    )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
