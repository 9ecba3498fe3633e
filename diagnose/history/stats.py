"""The figures as text for a terminal, and as a tree for JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from diagnose.history.figures import BANDS, LEAST_WEEKS
from diagnose.history.kinds import KINDS
from diagnose.history.resolving import BUCKETS, buckets
from diagnose.history.wording import Share, count, day, span, times
from diagnose.safety.terminal import to_terminal

if TYPE_CHECKING:
    from datetime import date

    from diagnose.history.figures import Figures, Target, Week
    from diagnose.model.text import Untrusted

BAND_WORDS: Final = ("almost certain", "very likely", "likely", "unsure", "a guess")
_BARS: Final = "·▁▂▃▄▅▆▇█"
_FLAKY: Final = 5
_TOP: Final = 5
_NAME: Final = 44
_WIDTH: Final = 80

EMPTY: Final = "Nothing is recorded yet. It fills as you diagnose; `ci-diagnose history import DISCOVERIES.md` reads an older record.\n"
NONE_FIT: Final = "Nothing that is recorded fits. Without these filters: ci-diagnose history stats\n"


def stats_text(found: Figures, today: date, *, ascii_only: bool = False) -> str:
    """Return the figures in rows of at most 80 columns; a long name of a test or pattern is cut."""
    if not found.failures:
        return f"No failure is recorded yet; {count(found.patterns, 'pattern')} known from a record. It fills as you diagnose.\n"
    lines = [_head(found, today), ""]
    lines += _targets(found, ascii_only=ascii_only)
    lines += ["", *_weeks(found, today, ascii_only=ascii_only)]
    lines += _list("kind", [f"{KINDS[kind][0].lower()} {number:,}" for kind, number in found.kinds.items() if number])
    lines += _resolving(found)
    lines += _list(
        "sure",
        [
            f"{word} {Share(number, found.failures).words()}"
            for word, number in zip(BAND_WORDS, found.bands, strict=True)
            if number
        ],
    )
    lines += _many(
        "flaky",
        [f"{_shown(test.name)}  {test.flaky:,} of {test.failed:,} passed again" for test in found.flaky],
        _FLAKY,
        "test",
    )
    lines += _many(
        "top",
        [f"{known.pattern.id}  {times(number):<9}  {_shown(known.pattern.title)}" for known, number in found.top],
        _TOP,
        "pattern",
    )
    if found.untrusted:
        lines += ["", f"{count(found.untrusted, 'failure')} of these on forks or other refs that anybody can write."]
    text = "\n".join(lines) + "\n"
    return text.replace(" · ", " - ").replace("…", "...") if ascii_only else text


def stats_sentences(found: Figures, today: date) -> str:
    """Return the figures as sentences, one a line, for a screen reader: no bars, no columns, no marks."""
    if not found.failures:
        return stats_text(found, today)
    lines = [_head(found, today).replace(" · ", ", ") + "."]
    lines += [f"{target.name}: {target.of}; target: {target.goal}{_VERDICTS[target.met]}." for target in found.targets]
    lines += [f"Week of {day(week.monday, today)}: {count(week.failures, 'failure')}." for week in found.weeks]
    lines += [f"{KINDS[kind][0]}: {count(number, 'failure')}." for kind, number in found.kinds.items() if number]
    known, new = found.resolved.medians
    lines += [
        f"Median time to green of {word} failures: {span(value)}."
        for word, value in (("known", known), ("new", new))
        if value is not None
    ]
    lines += [
        f"Confidence {word}: {Share(number, found.failures).words()} of the answers."
        for word, number in zip(BAND_WORDS, found.bands, strict=True)
        if number
    ]
    lines += [
        f"Flaky test: {_shown(test.name)}, failed {times(test.failed)}, {test.flaky:,} of these passed again."
        for test in found.flaky[:_FLAKY]
    ]
    lines += [
        f"Pattern {known.pattern.id}, met {times(number)}: {_shown(known.pattern.title)}."
        for known, number in found.top[:_TOP]
    ]
    return "\n".join(lines) + "\n"


_VERDICTS: Final = {True: ", met", False: ", missed", None: ""}


def _head(found: Figures, today: date) -> str:
    first = found.first or today
    weeks = (today - first).days // 7 + 1
    said = (
        f"{count(weeks, 'week')} to {day(today, today)} {today.year}",
        count(found.failures, "failure"),
        count(found.patterns, "pattern"),
        f"{found.seen.words()} seen before",
    )
    return " · ".join(said)


def _targets(found: Figures, *, ascii_only: bool) -> list[str]:
    return [
        f"  {_mark(target, ascii_only=ascii_only)} {target.name:<21} {target.of:<23} target: {target.goal}"
        for target in found.targets
    ]


def _mark(target: Target, *, ascii_only: bool) -> str:
    if target.met is None:
        return "- " if ascii_only else "·"
    return ("ok" if target.met else "! ") if ascii_only else ("✓" if target.met else "!")


def _weeks(found: Figures, today: date, *, ascii_only: bool) -> list[str]:
    if not found.weeks:
        return []
    shown = found.weeks[-LEAST_WEEKS:] if ascii_only else found.weeks  # numbers take more room than bars
    best = max(found.weeks, key=lambda week: week.failures)
    first, last = day(shown[0].monday, today), day(shown[-1].monday, today)
    numbers = [week.failures for week in shown]
    bars = " ".join(map(str, numbers)) if ascii_only else "".join(_bar(number, best.failures) for number in numbers)
    highest = f"highest {best.failures:,}, week of {day(best.monday, today)}"
    outside = [f"{found.outside:,} outside these weeks"] if found.outside else []
    return _list("week", [f"{first} {bars} {last}", highest, *outside])


def _bar(number: int, highest: int) -> str:
    return _BARS[0 if not number else max(1, round(number / highest * (len(_BARS) - 1)))]


def _resolving(found: Figures) -> list[str]:
    known, new = found.resolved.medians
    said = [
        f"{word} {span(value)} (median, to green)"
        for word, value in (("known", known), ("new", new))
        if value is not None
    ]
    waiting = [f"{count(found.resolved.waiting, 'failure')} not seen green yet"] if found.resolved.waiting else []
    return _list("to fix", said + waiting)


def _many(label: str, rows: list[str], most: int, one: str) -> list[str]:
    shown = [_row(label if place == 0 else "", row) for place, row in enumerate(rows[:most])]
    return (
        shown
        if len(rows) <= most
        else [*shown, _row("", f"{count(len(rows) - most, f'more {one}')}: ci-diagnose history html")]
    )


def _list(label: str, pieces: list[str]) -> list[str]:
    """Rows of pieces, as many in each as fit."""
    rows: list[str] = []
    for piece in pieces:
        if rows and len(rows[-1]) + len(piece) + 3 <= _WIDTH:
            rows[-1] += f" · {piece}"
        else:
            rows.append(_row("" if rows else label, piece))
    return rows


def _row(label: str, text: str) -> str:
    return f"  {label:<7} {text}"


def _shown(text: Untrusted) -> str:
    line = " ".join(to_terminal(text).split())
    return line if len(line) <= _NAME else line[: _NAME - 1] + "…"


def stats_tree(found: Figures) -> dict[str, Any]:
    """Return the figures as a tree; names of tests and titles are foreign, and named so. Shares are 0..1, null of nothing; times are minutes."""
    known, new = found.resolved.medians
    return {
        "schema_version": 1,
        "failures": found.failures, "patterns": found.patterns, "repositories": found.repositories, "on_untrusted_refs": found.untrusted,
        "first": found.first, "last": found.last,
        "seen_before": found.seen.value, "recognised": found.recognised.value, "escalated": found.escalated.value, "mean_confidence": found.sure,
        "confident": found.confident.value,
        "targets": [{"name": target.name, "value": target.said, "target": target.goal, "basis": target.basis, "met": target.met} for target in found.targets],
        "kinds": found.kinds,
        "bands": [{"at_least": least, "answers": number} for least, number in zip(BANDS, found.bands, strict=True)],
        "weeks": [_week(week) for week in found.weeks], "outside_weeks": found.outside,
        "time_to_resolve": {
            "known_median": known, "new_median": new, "not_seen_green": found.resolved.waiting,
            "buckets": [name for name, _ in BUCKETS], "known": buckets(found.resolved.known), "new": buckets(found.resolved.new),
        },
        "flaky": [
            {"untrusted_test": test.name, "untrusted_repository": test.repository, "untrusted_job": test.job, "failed": test.failed, "flaky": test.flaky, "last": test.last, "runs": list(test.runs)}
            for test in found.flaky
        ],
        "top": [{"pattern": known.pattern.id, "untrusted_title": known.pattern.title, "times": number} for known, number in found.top],
    }  # fmt: skip


def _week(week: Week) -> dict[str, Any]:
    return {
        "monday": week.monday,
        "failures": week.failures,
        "kinds": week.kinds,
        "seen_before": week.seen.value,
        "escalated": week.escalated.value,
    }
