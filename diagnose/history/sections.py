"""One pattern on the page: a line to find it by, and folded in it what it was, what helped, and where it was seen."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from diagnose.history.charts import spark
from diagnose.history.chosen import standing
from diagnose.history.kinds import KINDS, WHOSE, kind_of
from diagnose.history.resolving import next_green
from diagnose.history.wording import count, day, span, times
from diagnose.kit.regex import regex
from diagnose.memory.rows import AUTOMATIC
from diagnose.safety.html import Html, commit, github, tag, together
from diagnose.safety.plain import plain
from diagnose.safety.store import to_store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnose.history.chosen import Standing
    from diagnose.history.kinds import Kind
    from diagnose.history.resolving import Times
    from diagnose.memory.history import Event, Known
    from diagnose.memory.rows import Pattern
    from diagnose.model.text import Untrusted

LISTED: Final = 20
"""Sightings of one pattern that are listed."""

TESTS: Final = 10
"""Failed tests of one pattern that are named."""

SPARKED: Final = 12
"""Weeks of its small chart."""

_LINES: Final = 6
_LINE: Final = 600
_EPOCH: Final = date(1970, 1, 1)
_IDENT = regex("[0-9a-f]{4,16}")

HOW: Final = {
    "person": "a person", "green-run": "the commits before the first green run; found by itself",
    "re-run": "a re-run that passed without a change; found by itself", "record": "DISCOVERIES.md", "import": "an imported record",
}  # fmt: skip


@dataclass(slots=True)
class Setting:
    """What all sections share. jobs, repositories: their numbers in the filters; greens: when jobs were green; taken: the page's places so far."""

    today: date
    jobs: dict[Untrusted, int]
    repositories: dict[Untrusted, int]
    greens: Times
    taken: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Section:
    """A pattern's section, and its place on the page."""

    key: int
    place: str
    markup: Html


def section(known: Known, events: Sequence[Event], setting: Setting) -> Section:
    """Make the section of a pattern with its failures, oldest first."""
    place = _place(known.pattern.id, setting)
    newest = events[-1] if events else None
    stands = standing(known, newest)
    kind = kind_of(newest.category if newest else known.pattern.category)
    repository = setting.repositories.get(known.pattern.repository)
    classes = f"p c-{kind} s-{stands}" + (f" r{repository}" if repository else "")
    inside = tag(
        "details", {"id": place}, _summary(known, events, stands, kind, setting), _body(known, events, setting)
    )
    return Section(known.key, place, tag("li", {"class": classes, "data-e": _keys(known, events, setting)}, inside))


def _place(ident: str, setting: Setting) -> str:
    """Name the place by the id, if it is one of ours; a second repository's pattern of the same id gets a number."""
    name = f"p-{ident}" if _IDENT.fullmatch(ident) else "p-x"
    setting.taken[name] += 1
    return name if setting.taken[name] == 1 and name != "p-x" else f"{name}-{setting.taken[name]}"


def _keys(known: Known, events: Sequence[Event], setting: Setting) -> str:
    """What the filters look at: day, job and verdict of each failure."""
    if not events:
        last = _date(known.pattern.last_seen)
        return f"{(last - _EPOCH).days}.0.unknown" if last else "0.0.unknown"
    return " ".join(
        dict.fromkeys(
            f"{(event.at.date() - _EPOCH).days}.{setting.jobs.get(event.job, 0)}.{event.verdict}" for event in events
        )
    )


def _summary(known: Known, events: Sequence[Event], stands: Standing, kind: Kind, setting: Setting) -> Html:
    pattern = known.pattern
    last = events[-1].at.date() if events else _date(pattern.last_seen)
    when = tag("time", {"datetime": last.isoformat()}, day(last, setting.today)) if last else ""
    head = tag("span", {"class": "hd"}, tag("b", None, _line(pattern.title) or "A failure without a title"), when)
    first = tag("span", {"class": "ev1"}, tag("code", None, _line(pattern.lines[0]))) if pattern.lines else ""
    word, mark = _state(pattern, stands)
    said = tag(
        "span", {"class": f"state {stands}"}, *((tag("span", {"aria-hidden": "true"}, mark), " ") if mark else ()), word
    )
    whose = (KINDS[kind][0].lower(), *((_line(pattern.repository),) if pattern.repository else ()))
    met = tag("span", None, f"seen {times(max(len(events), pattern.seen))}")
    meta = tag(
        "span",
        {"class": "meta"},
        said,
        " ",
        met,
        " ",
        tag("span", {"class": "dim"}, ", ".join(whose)),
        _spark(events, setting.today),
    )
    return tag("summary", None, head, first, meta)


def _state(pattern: Pattern, stands: Standing) -> tuple[str, str]:
    """Say where a pattern stands, and its mark."""
    took = _took(pattern)
    if pattern.state == "came-back":
        return (
            "came back"
            + (f", was fixed {took}" if pattern.minutes is not None else "")
            + (", needs a person" if stands == "person" else ""),
            "!",
        )
    words: dict[Standing, tuple[str, str]] = {
        "person": ("needs a person", "!"),
        "gone": ("withdrawn" if pattern.state == "withdrawn" else "said not to be one", ""),
        "open": ("open", ""),
    }
    if stands in words:
        word, mark = words[stands]
        return (f"{word}, not seen lately" if pattern.state == "stale" else word, mark)
    if pattern.how and pattern.how in AUTOMATIC:
        return ("fixed, not confirmed", "✓")
    return (f"fixed{',' if took.startswith('green') else ''} {took}".rstrip(), "✓")


def _took(pattern: Pattern) -> str:
    if pattern.minutes is not None:
        return f"in {span(pattern.minutes)}"
    return f"green after {span(pattern.elapsed * 60)}" if pattern.elapsed is not None else ""


def _spark(events: Sequence[Event], today: date) -> Html:
    monday = today - timedelta(days=today.weekday())
    weeks = [0] * SPARKED
    for event in events:
        back = (monday - event.at.date()).days
        place = SPARKED - 1 - (0 if back <= 0 else (back + 6) // 7)
        if place >= 0 and event.at.date() <= monday + timedelta(days=6):
            weeks[place] += 1
    return spark(weeks)


def _body(known: Known, events: Sequence[Event], setting: Setting) -> Html:
    pattern = known.pattern
    newest = events[-1] if events else None
    lines = [
        _log_line(newest.line if newest and not place else 0, line, hot=not place)
        for place, line in enumerate(pattern.lines[:_LINES])
    ]
    log = (
        tag("div", {"class": "log", "tabindex": 0, "role": "region", "aria-label": "Log lines"}, *lines)
        if lines
        else ""
    )
    facts = [
        element for name, said in _facts(known, events) for element in (tag("dt", None, name), tag("dd", None, *said))
    ]
    more = (
        ""
        if _place_is_odd(pattern)
        else tag(
            "p", {"class": "sig"}, "In the terminal: ", tag("code", None, f"ci-diagnose history show {pattern.id}")
        )
    )
    return tag(
        "div",
        {"class": "body"},
        log,
        tag("dl", None, *facts) if facts else "",
        _sightings(events, pattern, setting),
        more,
    )


def _place_is_odd(pattern: Pattern) -> bool:
    return not _IDENT.fullmatch(pattern.id)


def _log_line(number: int, line: Untrusted, *, hot: bool) -> Html:
    return tag(
        "div",
        {"class": "ln hot" if hot else "ln"},
        tag("span", {"class": "no"}, str(number) if number else ""),
        tag("code", None, _raw(line)),
    )


def _facts(known: Known, events: Sequence[Event]) -> list[tuple[str, tuple[str | Html, ...]]]:
    pattern, newest = known.pattern, events[-1] if events else None
    out: list[tuple[str, tuple[str | Html, ...]]] = []
    if pattern.root_cause:
        out.append(("Cause", (_line(pattern.root_cause, _LINE),)))
    out.append(
        (
            "Fix",
            (_line(pattern.solution, _LINE),)
            if pattern.solution
            else ("None on record. ", tag("code", None, "ci-diagnose resolve"), " records one."),
        )
    )
    if pattern.fixed_by:
        took = _took(pattern)
        out.append(("Fixed by", (_fixed_by(pattern, newest), f", {took}" if took else "")))
    if pattern.solution:
        out.append(("Known from", (_says(pattern),)))
    links = [link for address in pattern.links if (link := _linked(address, pattern.repository))]
    if links:
        out.append(
            ("See", (together(part for place, link in enumerate(links) for part in (", " if place else "", link)),))
        )
    if newest:
        out.append(("Whose", (_whose(newest),)))
    if pattern.wrong or pattern.passed:
        out.append(("Doubts", (f"refuted {times(pattern.wrong)}, found in {count(pattern.passed, 'passing log')}",)))
    tests = _tests(events)
    if tests:
        out.append(("Tests", (tests,)))
    category, tool = (
        _line(newest.category if newest else pattern.category),
        _line(newest.tool if newest and newest.tool else pattern.tool),
    )
    if category or tool:
        out.append(("Category", (", ".join(part for part in (category, tool) if part),)))
    return out


def _tests(events: Sequence[Event]) -> Html:
    """The tests that failed in it, the most frequent first."""
    counted = Counter(test for event in events for test in event.tests)
    names = [tag("code", None, _line(name)) for name, _ in counted.most_common(TESTS)]
    more = f" and {count(len(counted) - TESTS, 'more test')}" if len(counted) > TESTS else ""
    return together((*(part for place, name in enumerate(names) for part in (", " if place else "", name)), more))


def _fixed_by(pattern: Pattern, newest: Event | None) -> Html | str:
    # only a repository that is known to be on github.com has a commit there
    link = (
        commit(pattern.repository, pattern.fixed_by) if newest and _on_github(newest.link, pattern.repository) else None
    )
    said = _line(pattern.fixed_by)
    return tag("a", {"href": link, "rel": "noreferrer"}, said) if link else tag("code", None, said)


def _on_github(link: Untrusted, repository: Untrusted) -> bool:
    return github(link) is not None and plain(link).startswith(f"https://github.com/{plain(repository)}/")


def _says(pattern: Pattern) -> str:
    words = HOW.get(pattern.how, "not known")
    who = f" ({_line(pattern.who)})" if pattern.who else ""
    sure = "" if pattern.sure is None else f"; confidence {int(pattern.sure * 100 + 1e-9) / 100:.2f}"
    return words + who + sure


def _whose(newest: Event) -> str:
    return {"change": "this change, the last time", "base": "the base branch, the last time"}.get(
        newest.verdict, f"{WHOSE[newest.verdict]}, the last time"
    )


def _linked(address: Untrusted, repository: Untrusted) -> Html | str:
    link = github(address)
    if link is None:
        return _line(address)
    place = _line(address).removeprefix("https://github.com/").removeprefix(f"{plain(repository)}/")
    return tag("a", {"href": link, "rel": "noreferrer"}, _SHA.sub(lambda found: found[0][:7], _RUN.sub(r"\1 ", place)))


_RUN = regex(r"(?:actions/)?(?:runs/[0-9]+/)?(run|job|attempt|commit|compare|pull|issue)s?/")
_SHA = regex("[0-9a-f]{40,64}")

_HEADS: Final = (("Date", None), ("Run", None), ("Job", "job"), ("Log line", "num"), ("Green after", "num"))


def _sightings(events: Sequence[Event], pattern: Pattern, setting: Setting) -> Html | str:
    if not events:
        return tag(
            "p", {"class": "dim"}, f"Known from a record: seen {times(pattern.seen)}, no run of it is kept here."
        )
    head = tag(
        "thead", None, tag("tr", None, *(tag("th", {"scope": "col", "class": style}, name) for name, style in _HEADS))
    )
    rows = [_sighting(event, setting) for event in reversed(events[-LISTED:])]
    left = len(events) - len(rows)
    strangers = sum(not event.trusted for event in events)
    apart = f" ({times(strangers)} on untrusted refs)" if strangers else ""
    more = tag("p", {"class": "dim note"}, f"{count(left, 'older sighting')} not listed.") if left else ""
    return together(
        (
            tag(
                "table",
                {"class": "seen"},
                tag("caption", None, f"Where it was seen{apart}"),
                head,
                tag("tbody", None, *rows),
            ),
            more,
        )
    )


def _sighting(event: Event, setting: Setting) -> Html:
    link = github(event.link)
    target = _line(event.target) or "-"
    run = tag("a", {"href": link, "rel": "noreferrer"}, target) if link else target
    apart = () if event.trusted else (" ", tag("span", {"class": "dim"}, "(untrusted ref)"))
    green = next_green(setting.greens, event)
    after = span((green - event.at).total_seconds() / 60) if green else "-"
    return tag(
        "tr", None, tag("td", {"class": "day"}, day(event.at.date(), setting.today)), tag("td", {"class": "run"}, run, *apart), tag("td", {"class": "job"}, _line(event.job) or "-"),
        tag("td", {"class": "num"}, f"{event.line:,}" if event.line else "-"), tag("td", {"class": "num"}, after),
    )  # fmt: skip


def _line(text: Untrusted | str, most: int = 300) -> str:
    """Foreign text on one line, redacted once more: a store may come from elsewhere."""
    return to_store(text, one_line=True, limit=most)


def _raw(line: Untrusted) -> str:
    """A line of a log with its spaces."""
    return to_store(line, limit=_LINE).replace("\n", " ").rstrip()


def _date(at: str) -> date | None:
    try:
        return datetime.fromisoformat(at).date() if at else None
    except ValueError:
        return None
