"""The history as one static page: no server, nothing loaded, readable without its script."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from diagnose.history.charts import bar, shares_chart, strip, times_chart, weeks_chart
from diagnose.history.chosen import by_pattern
from diagnose.history.figures import figures
from diagnose.history.kinds import KINDS, WHOSE
from diagnose.history.resolving import green_times
from diagnose.history.sections import Section, Setting, section
from diagnose.history.wording import count, day, span, spelled
from diagnose.kit.regex import regex
from diagnose.safety.html import Html, here, page, tag, together
from diagnose.safety.plain import plain
from diagnose.safety.store import to_store

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from diagnose.history.figures import Figures, Target
    from diagnose.history.flaky import FlakyTest
    from diagnose.history.wording import Share
    from diagnose.memory.history import History
    from diagnose.model.text import Untrusted

MOST_SECTIONS: Final = 2_000
MOST_CHOICES: Final = 200
_FEW: Final = 12


def history_page(history: History, today: date, *, filtered: bool = False) -> str:
    """Write the page. today: when it is made, in UTC. filtered: the history is a part of what is recorded, which the page says."""
    found = figures(history, today)
    setting = Setting(
        today,
        _numbered(event.job for event in history.events),
        _numbered(known.pattern.repository for known in history.patterns),
        green_times(history),
    )
    events = by_pattern(history.events)
    shown = history.patterns[:MOST_SECTIONS]
    sections = [section(known, events.get(known.key, []), setting) for known in shown]
    title = f"CI failure history: {count(found.failures, 'failure')}, {count(found.patterns, 'pattern')}"
    head = together((
        tag("meta", {"name": "viewport", "content": "width=device-width,initial-scale=1"}), tag("meta", {"name": "color-scheme", "content": "light dark"}),
        tag("meta", {"name": "referrer", "content": "no-referrer"}), tag("title", None, title),
    ))  # fmt: skip
    return page(
        head,
        _body(history, found, sections, setting, filtered=filtered),
        style=_ours("page.css"),
        script=_ours("page.js"),
    )


@cache
def _ours(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


def _numbered(names: Iterable[Untrusted]) -> dict[Untrusted, int]:
    """Give the most frequent names numbers from 1: foreign words are no part of a class or a key."""
    counted = Counter(name for name in names if name)
    return {name: place for place, (name, _) in enumerate(counted.most_common(MOST_CHOICES), 1)}


def _body(history: History, found: Figures, sections: list[Section], setting: Setting, *, filtered: bool) -> Html:
    skip = tag("a", {"class": "skip", "href": here("list")}, "Skip to the patterns")
    brand = tag("p", {"class": "brand"}, "ci-diagnose ", tag("span", {"class": "dim"}, "history"))
    links = [
        ("list", "Patterns"),
        *([("flaky", "Flaky tests")] if found.flaky else []),
        *([("trends", "Trends")] if found.failures else []),
    ]
    nav = (
        tag("nav", {"aria-label": "On this page"}, *(tag("a", {"href": here(place)}, name) for place, name in links))
        if sections
        else ""
    )
    if sections:
        main = tag(
            "main", None if found.failures else {"class": "bare"}, _lead(found, setting.today, filtered=filtered), _goals(found), _patterns(history, found, sections, setting),
            _trends(found, sections, setting.today), _flaky(found, history, sections),
        )  # fmt: skip
    else:
        main = tag("main", {"class": "bare"}, _empty(filtered=filtered))
    return together((skip, tag("header", None, brand, nav), main, _footer(history, found, setting.today)))


def _empty(*, filtered: bool) -> Html:
    said = "Nothing that is recorded fits." if filtered else "Nothing is recorded yet."
    helps = tag(
        "p",
        None,
        "It fills as you diagnose. ",
        tag("code", None, "ci-diagnose history import DISCOVERIES.md"),
        " reads an older record.",
    )
    return tag("section", {"class": "lead", "id": "list"}, tag("h1", None, said), helps if not filtered else "")


def _lead(found: Figures, today: date, *, filtered: bool) -> Html:
    head = (
        f"{count(found.failures, 'failure')} in {_weeks(found, today)}."
        if found.failures
        else f"{count(found.patterns, 'pattern')}, no failure kept here."
    )
    told = " ".join(part for part in (_known(found.seen), _took(found)) if part)
    facts = [count(found.repositories, "repository", "repositories")] if found.repositories > 1 else []
    if found.first and found.last:
        facts.append(
            f"{day(found.first, today)} to {day(found.last, today)}"
            if found.first != found.last
            else day(found.last, today)
        )
    if found.untrusted:
        facts.append(f"{found.untrusted:,} on forks or other untrusted refs")
    ends = ["Only a part of what is recorded: filters were given."] if filtered else []
    ends += [f"Made on {day(today, today)} {today.year} on this machine; nothing was sent anywhere."]
    return tag(
        "section", {"class": "lead"}, tag("h1", None, head, *((" ", tag("span", None, _tight(told))) if told else ())),
        tag("p", {"class": "dim"}, " ".join((f"{', '.join(facts)}." if facts else "", *ends)).strip()),
    )  # fmt: skip


def _weeks(found: Figures, today: date) -> str:
    weeks = ((today - found.first).days // 7 + 1) if found.first else 1
    return "one week" if weeks <= 1 else f"{spelled(weeks)} weeks"


_ROUND: Final = (
    (0.95, "Almost all"), (0.85, "Nine in ten"), (0.75, "Eight in ten"), (0.55, "More than half"), (0.45, "About half"), (0.35, "Four in ten"), (0.27, "Three in ten"),
    (0.22, "A quarter"), (0.15, "A fifth"), (0.08, "One in ten"), (0.0, "Few"),
)  # fmt: skip


def _known(seen: Share) -> str:
    if not seen.part or seen.value is None:
        return "None of them had been seen before." if seen.whole > 1 else ""
    return f"{next(words for least, words in _ROUND if seen.value > least)} had been seen before."


def _took(found: Figures) -> str:
    known, new = found.resolved.medians
    if known is not None and new is not None:
        return f"Those were green again after {span(known)}; new ones took {span(new)}."
    one = known if known is not None else new
    return f"It took {span(one)} until the job was green again." if one is not None else ""


def _goals(found: Figures) -> Html | str:
    if not found.failures:
        return ""
    return tag(
        "section",
        {"id": "goals", "aria-label": "Figures against their targets"},
        tag("ul", {"class": "goals"}, *map(_goal, found.targets)),
    )


def _goal(target: Target) -> Html:
    style, words = {True: ("met", "✓ met "), False: ("missed", "! missed "), None: ("unknown", "")}[target.met]
    verdict = tag("span", {"class": f"verdict {style}"}, words, tag("span", None, _tight(f"target {target.goal}")))
    return tag(
        "li",
        None,
        tag("span", {"class": "what"}, target.name),
        tag("b", None, _tight(target.said)),
        verdict,
        tag("span", {"class": "basis"}, target.basis),
    )


_UNIT = regex(r"(?<=\d) (?=(?:%|min|h|days|failures)\b|%)")


def _tight(text: str) -> str:
    """Keep figures and their units on one line."""
    return _UNIT.sub("\u00a0", text)


def _patterns(history: History, found: Figures, sections: list[Section], setting: Setting) -> Html:
    left = len(history.patterns) - len(sections)
    more = (
        tag(
            "p",
            {"class": "dim note"},
            f"{count(left, 'older pattern')} not on this page: ",
            tag("code", None, "ci-diagnose history list --all"),
        )
        if left
        else ""
    )
    heading = tag("h2", {"id": "hl"}, "Patterns")
    return tag(
        "section",
        {"id": "list", "aria-labelledby": "hl"},
        heading,
        _tools(found, setting),
        tag("ol", {"class": "ps"}, *(each.markup for each in sections)),
        more,
    )


def _tools(found: Figures, setting: Setting) -> Html:
    box = tag(
        "div", {"id": "qbox", "hidden": ""}, tag("label", {"class": "vh", "for": "q"}, "Search patterns"),
        tag("input", {"id": "q", "type": "search", "autocomplete": "off", "spellcheck": "false", "placeholder": "Paste an error line, or a test's name"}),
        tag("kbd", {"aria-hidden": "true"}, "/"),
    )  # fmt: skip
    bare = tag(
        "noscript",
        None,
        tag("p", {"class": "dim"}, 'To search, use "find in page" of the browser. It opens folded parts.'),
    )
    states = [("all", "All"), ("person", "Needs a person"), ("open", "Open"), ("fixed", "Fixed")]
    kinds = [
        ("all", "All kinds"),
        *((kind, KINDS[kind][0]) for kind, number in found.kinds.items() if number or not found.failures),
    ]
    said = tag(
        "div",
        {"class": "found", "id": "found", "hidden": ""},
        tag("p", {"id": "count", "role": "status"}),
        tag("button", {"id": "clear", "type": "button", "hidden": ""}, "Show all"),
    )
    return tag(
        "div",
        {"class": "tools"},
        box,
        bare,
        _pills("st", "State", states),
        _pills("ca", "Category", kinds),
        _more(setting),
        said,
    )


def _pills(group: str, legend: str, choices: list[tuple[str, str]]) -> Html:
    parts = []
    for value, name in choices:
        ident = f"{group}-{value}"
        parts += [
            tag("input", {"type": "radio", "name": group, "id": ident, "checked": "" if value == "all" else None}),
            tag("label", {"for": ident}, name),
        ]
    return tag("fieldset", {"class": "pill"}, tag("legend", {"class": "vh"}, legend), *parts)


def _more(setting: Setting) -> Html:
    """The filters that need the script."""
    whose = [(f"{verdict}", words) for verdict, words in WHOSE.items()]
    fields = [_choice("f-job", "Job", "any job", _names(setting.jobs)), _choice("f-whose", "Whose", "anyone's", whose)]
    if len(setting.repositories) > 1:
        fields.append(_choice("f-repo", "Repository", "all", _names(setting.repositories)))
    fields += [
        tag("label", {"for": f"f-{end}"}, name, tag("input", {"type": "date", "id": f"f-{end}"}))
        for end, name in (("from", "Seen from"), ("to", "to"))
    ]
    inside = tag("fieldset", None, tag("legend", {"class": "vh"}, "Job, whose, date"), *fields)
    return tag("details", {"id": "more", "hidden": ""}, tag("summary", None, "More filters"), inside)


def _names(numbers: dict[Untrusted, int]) -> list[tuple[str, str]]:
    named = [(str(number), to_store(name, one_line=True, limit=80)) for name, number in numbers.items()]
    return sorted(named, key=lambda pair: (pair[1].casefold(), pair[0]))


def _choice(ident: str, name: str, every: str, choices: list[tuple[str, str]]) -> Html:
    options = [tag("option", {"value": value}, words) for value, words in choices]
    return tag(
        "label",
        {"for": ident},
        name,
        tag(
            "select",
            {"id": ident, "autocomplete": "off"},
            tag("option", {"value": "", "selected": ""}, every),
            *options,
        ),
    )


def _trends(found: Figures, sections: list[Section], today: date) -> Html | str:
    if not found.failures:
        return ""
    charts = [weeks_chart(found, today)] if found.weeks else []
    if found.resolved.known or found.resolved.new:
        charts.append(times_chart(found))
    if sum(week.failures > 0 for week in found.weeks) > 1:
        charts.append(shares_chart(found, today))
    return tag(
        "aside",
        {"id": "trends", "aria-labelledby": "ht"},
        tag("h2", {"id": "ht"}, "Trends"),
        *charts,
        _top(found, sections),
    )


def _top(found: Figures, sections: list[Section]) -> Html | str:
    if not found.top:
        return ""
    places = {each.key: each.place for each in sections}
    highest = max((number for _, number in found.top), default=0)
    rows = []
    for known, number in found.top:
        title = to_store(known.pattern.title, one_line=True, limit=90) or "A failure without a title"
        name = tag("a", {"href": here(places[known.key])}, title) if known.key in places else tag("span", None, title)
        rows.append(tag("li", None, name, bar(number, highest), tag("span", {"class": "num"}, f"{number:,}")))
    return tag("figure", None, tag("figcaption", None, "Most frequent patterns"), tag("ol", {"class": "top"}, *rows))


def _flaky(found: Figures, history: History, sections: list[Section]) -> Html | str:
    if not found.flaky:
        return ""
    titles = {known.key: known.pattern.title for known in history.patterns}
    places = {each.key: each.place for each in sections}
    heads = (
        ("Test", None),
        ("Last runs of its job", None),
        ("Failed", "num"),
        ("Passed again", "num"),
        ("Usual failure", "why"),
    )
    head = tag(
        "thead", None, tag("tr", None, *(tag("th", {"scope": "col", "class": style}, name) for name, style in heads))
    )
    rows = [_flaky_row(test, titles, places) for test in found.flaky]
    note = "Failed, and passed on the same code: on the same commit, in a re-run, or as the diagnosis found. A tall mark is a failure of the test, an outline another failure of its job."
    return tag(
        "section", {"id": "flaky", "aria-labelledby": "hf"}, tag("h2", {"id": "hf"}, "Flaky tests"), tag("p", {"class": "dim"}, note),
        tag("div", {"class": "scroll", "tabindex": 0, "role": "region", "aria-label": "Flaky tests"}, tag("table", {"class": "fl"}, head, tag("tbody", None, *rows))),
    )  # fmt: skip


def _flaky_row(test: FlakyTest, titles: dict[int, Untrusted], places: dict[int, str]) -> Html:
    failed = sum(mark == "failed" for mark in test.runs)
    marks = (
        strip(test.runs, f"{failed} of the last {count(len(test.runs), 'run')} failed in it")
        if test.runs
        else tag("span", {"class": "dim"}, "no green run is kept")
    )
    name = tag(
        "td",
        None,
        tag("code", None, to_store(test.name, one_line=True, limit=200)),
        tag("br"),
        tag("span", {"class": "dim"}, _where(test)),
    )
    title = to_store(titles[test.reason], one_line=True, limit=120) if test.reason in titles else ""
    why = tag("a", {"href": here(places[test.reason])}, title) if test.reason in places and title else title
    return tag(
        "tr",
        None,
        name,
        tag("td", None, marks),
        tag("td", {"class": "num"}, f"{test.failed:,}"),
        tag("td", {"class": "num"}, f"{test.flaky:,}"),
        tag("td", {"class": "why"}, why),
    )


def _where(test: FlakyTest) -> str:
    return ", ".join(to_store(part, one_line=True, limit=100) for part in (test.repository, test.job) if plain(part))


def _footer(history: History, found: Figures, today: date) -> Html:
    parts = [
        "Dates are in UTC. A failure is seen before when its pattern was met before it on a trusted ref; repeats are recognised when the answer said so."
    ]
    if found.failures:
        parts.append(
            "Time to resolve is counted from the failure to the first green run of the same job on the same branch."
        )
    if history.older:
        parts.append(f"{count(history.older, 'older failure')} not counted.")
    if history.unreadable:
        parts.append(f"{count(history.unreadable, 'row')} of the memory not read: no date.")
    parts.append(f"One file, nothing outside it is loaded. Made by ci-diagnose on {today.isoformat()}.")
    return tag("footer", None, tag("p", {"class": "dim"}, " ".join(parts)))
