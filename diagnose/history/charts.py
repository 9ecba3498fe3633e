"""Charts as inline SVG, each with its table: what a bar says is also said in words, and nothing is told by colour alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.history.kinds import KINDS
from diagnose.history.resolving import BUCKETS, buckets
from diagnose.history.wording import Share, count, day
from diagnose.safety.html import Html, tag, together

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from diagnose.history.figures import Figures, Week
    from diagnose.history.flaky import Mark

_WIDTH: Final = 336
_LEFT, _RIGHT, _TOP, _FLOOR, _HEIGHT = 26.0, 332.0, 24.0, 118.0, 138
_TICKS: Final = (1, 2, 5)
_ENOUGH_WEEKS: Final = 2


def weeks_chart(found: Figures, today: date) -> Html:
    """Failures of each week by kind, stacked; the highest week has its number."""
    highest = max(week.failures for week in found.weeks)
    best = next(week for week in found.weeks if week.failures == highest)
    kinds = [kind for kind, number in found.kinds.items() if number]
    first, last = day(found.weeks[0].monday, today), day(found.weeks[-1].monday, today)
    said = f"Failures per week by category, {first} to {last}. Highest: {highest:,} in the week of {day(best.monday, today)}."
    step = (_RIGHT - _LEFT) / len(found.weeks)
    scale = (_FLOOR - _TOP) / highest if highest else 0.0
    marks: list[Html] = [_line(_FLOOR - value * scale, f"{value:,}") for value in _grid(highest)]
    for place, week in enumerate(found.weeks):
        marks.append(_stack(week, _LEFT + step * place + step * 0.14, step * 0.72, scale, today))
    marks += _dates(found.weeks, today, lambda place: _LEFT + step * (place + 0.5))
    if highest:
        at = found.weeks.index(best)
        marks.append(_text("lab", _LEFT + step * (at + 0.5), _FLOOR - highest * scale - 5, f"{highest:,}", "middle"))
    key = [
        tag("li", None, _swatch(kind), KINDS[kind][0], " ", tag("span", {"class": "num"}, f"{found.kinds[kind]:,}"))
        for kind in kinds
    ]
    heads = ("Week of", *(KINDS[kind][0] for kind in kinds), "All")
    rows = [
        (day(week.monday, today), *(f"{week.kinds[kind]:,}" for kind in kinds), f"{week.failures:,}")
        for week in found.weeks
    ]
    note = (
        tag("p", {"class": "dim note"}, f"{count(found.outside, 'failure')} outside these weeks.")
        if found.outside
        else ""
    )
    return _figure(
        "Failures per week",
        "c-weeks",
        _HEIGHT,
        said,
        marks,
        tag("ul", {"class": "key"}, *key),
        note,
        table("Failures per week", heads, rows),
    )


def _stack(week: Week, x: float, width: float, scale: float, today: date) -> Html:
    parts = [f"{KINDS[kind][0]} {number:,}" for kind, number in week.kinds.items() if number]
    title = (
        f"Week of {day(week.monday, today)}: {count(week.failures, 'failure')}{'. ' if parts else ''}{'; '.join(parts)}"
    )
    bars, y = [], _FLOOR
    for kind, number in week.kinds.items():
        if number:
            height = number * scale
            y -= height
            bars.append(
                tag(
                    "rect",
                    {
                        "class": f"k-{kind}",
                        "x": _n(x),
                        "y": _n(y),
                        "width": _n(width),
                        "height": _n(max(0.6, height - (1 if height > 3 else 0))),  # noqa: PLR2004 - a gap where there is room
                    },
                )
            )
    return tag("g", None, tag("title", None, title), *bars)


def times_chart(found: Figures) -> Html:
    """How long it took to green, of the known and of the new, as shares of each."""
    sides = [("seen before", found.resolved.known, "acc", 92.0), ("new", found.resolved.new, "mut", 222.0)]
    counted = [(name, buckets(times), len(times), colour, x) for name, times, colour, x in sides if times]
    said = "Time from a failure to the next green run. " + " ".join(
        f"Of {total:,} {name}, {Share(numbers[0], total).words()} took {BUCKETS[0][0]}."
        for name, numbers, total, _, _ in counted
    )
    largest = max((number / total for _, numbers, total, _, _ in counted for number in numbers), default=1.0)
    marks = [_text("ax", x, 12, f"{name} ({total:,})") for name, _, total, _, x in counted]
    for row, (label, _) in enumerate(BUCKETS):
        y = 24 + row * 20
        inside = [_text("ax", 86, y + 10, label, "end")]
        for name, numbers, total, colour, x in counted:
            share = Share(numbers[row], total)
            width = max(1.0, numbers[row] / total / largest * 74) if numbers[row] else 0.0
            bar = tag("rect", {"class": colour, "x": _n(x), "y": y, "width": _n(width), "height": 13})
            inside.append(
                tag(
                    "g",
                    None,
                    tag("title", None, f"{label}: {numbers[row]:,} of {total:,} {name}"),
                    bar,
                    _text("lab", x + width + 5, y + 10.5, share.words()),
                )
            )
        marks += inside
    rows = [
        (label, *(f"{numbers[row]:,}" for _, numbers, _, _, _ in counted)) for row, (label, _) in enumerate(BUCKETS)
    ]
    waiting = found.resolved.waiting
    note = tag("p", {"class": "dim note"}, f"{count(waiting, 'failure')} not seen green yet.") if waiting else ""
    return _figure(
        "Time to resolve",
        "c-times",
        24 + 20 * len(BUCKETS),
        said,
        marks,
        note,
        table(
            "Failures by the time to the next green run", ("Time", *(name.capitalize() for name, *_ in counted)), rows
        ),
    )


def shares_chart(found: Figures, today: date) -> Html:
    """What share of each week's failures was known, and of what share a person was asked; weeks without failures are gaps."""
    lines: list[tuple[str, str, list[Share]]] = [
        ("seen before", "acc", [week.seen for week in found.weeks]), ("escalated", "warn", [week.escalated for week in found.weeks]),
    ]  # fmt: skip
    left, right, top, floor = 38.0, 290.0, 16.0, 104.0
    step = (right - left) / max(1, len(found.weeks) - 1)
    marks = [
        _line(floor - value * (floor - top) / 100, f"{value}{' %' if value == 100 else ''}", left, right)  # noqa: PLR2004 - percent
        for value in (0, 25, 50, 75, 100)
    ]
    ends: list[tuple[float, str, str, str]] = []
    for name, colour, shares in lines:
        points = [
            (left + step * place, floor - share.value * (floor - top), share, found.weeks[place])
            for place, share in enumerate(shares)
            if share.value is not None
        ]
        runs = _runs([(x, y) for x, y, _, _ in points], step)
        marks += [
            tag("polyline", {"class": f"l-{colour}", "points": " ".join(f"{_n(x)},{_n(y)}" for x, y in run)})
            for run in runs
        ]
        for x, y, share, week in points:
            title = tag(
                "title",
                None,
                f"Week of {day(week.monday, today)}: {share.words()} {name} ({share.part:,} of {share.whole:,})",
            )
            marks.append(
                tag("g", None, title, tag("circle", {"class": f"dot d-{colour}", "cx": _n(x), "cy": _n(y), "r": 2.6}))
            )
        if points:
            ends.append((points[-1][1] + 3.5, colour, name, points[-1][2].words()))
    marks += _labels(ends, right + 8)
    marks += _dates(found.weeks, today, lambda place: left + step * place, y=120)
    said = "Shares of each week's failures. " + " ".join(
        f"In the last week with failures, {words} {name}." for _, _, name, words in ends
    )
    key = tag("ul", {"class": "key"}, *(tag("li", None, _dash(colour), name) for name, colour, _ in lines))
    rows = [(day(week.monday, today), week.seen.words(), week.escalated.words()) for week in found.weeks]
    return _figure(
        "Seen before, and escalated",
        "c-shares",
        126,
        said,
        marks,
        key,
        table("Shares of each week's failures", ("Week of", "Seen before", "Escalated"), rows),
    )


def _labels(ends: list[tuple[float, str, str, str]], x: float) -> list[Html]:
    """Write the last values beside their lines, apart from each other."""
    placed: list[Html] = []
    before = -100.0
    for y, colour, _, words in sorted(ends):
        before = max(y, before + 12)
        placed.append(_text(f"lab t-{colour}", x, before, words))
    return placed


def _runs(points: list[tuple[float, float]], step: float) -> list[list[tuple[float, float]]]:
    """Part points where a week is missing between them."""
    out: list[list[tuple[float, float]]] = []
    for point in points:
        if out and point[0] - out[-1][-1][0] < step * 1.5:
            out[-1].append(point)
        else:
            out.append([point])
    return [run for run in out if len(run) >= _ENOUGH_WEEKS]


def spark(weeks: Sequence[int]) -> Html:
    """A pattern's last weeks as small bars; a picture of what its table says."""
    highest = max(weeks, default=0) or 1
    heights = [round(3 + 11 * number / highest) if number else 0 for number in weeks]
    bars = "".join(f"M{place * 6} 14h4v-{height}h-4z" for place, height in enumerate(heights) if height)
    floor = "".join(f"M{place * 6} 14h4v-1h-4z" for place, height in enumerate(heights) if not height)
    return tag(
        "svg",
        {"class": "sp", "viewBox": f"0 0 {len(weeks) * 6} 14", "aria-hidden": "true"},
        tag("path", {"class": "nil", "d": floor}),
        tag("path", {"class": "acc", "d": bars}),
    )


def strip(marks: Sequence[Mark], said: str) -> Html:
    """Runs of a job: tall where the test failed, low where all passed, an outline where something else failed."""
    shapes = {"failed": ("fail", 0, 18), "passed": ("ok", 11, 7), "other": ("oth", 6, 12)}
    bars = [
        tag(
            "rect",
            {"class": shapes[mark][0], "x": place * 8, "y": shapes[mark][1], "width": 5, "height": shapes[mark][2]},
        )
        for place, mark in enumerate(marks)
    ]
    return tag(
        "svg",
        {"class": "st", "viewBox": "0 0 160 18", "role": "img", "aria-label": said},
        tag("title", None, said),
        *bars,
    )


def bar(number: int, highest: int) -> Html:
    """One value of a list against its highest."""
    shape = tag("rect", {"class": "acc", "width": _n(max(1.0, 120 * number / max(1, highest))), "height": 8})
    return tag(
        "svg", {"class": "tb", "viewBox": "0 0 120 8", "aria-hidden": "true", "preserveAspectRatio": "none"}, shape
    )


def table(caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Html:
    """The values of a chart, folded below it."""
    head = tag(
        "thead",
        None,
        tag(
            "tr",
            None,
            *(tag("th", {"scope": "col", "class": "num" if place else None}, name) for place, name in enumerate(heads)),
        ),
    )
    body = tag(
        "tbody",
        None,
        *(
            tag(
                "tr",
                None,
                tag("th", {"scope": "row"}, row[0]),
                *(tag("td", {"class": "num"}, value) for value in row[1:]),
            )
            for row in rows
        ),
    )
    whole = tag("table", None, tag("caption", {"class": "vh"}, caption), head, body)
    return tag(
        "details",
        {"class": "data"},
        tag("summary", None, "As a table"),
        tag("div", {"class": "scroll", "tabindex": 0, "role": "region", "aria-label": caption}, whole),
    )


def _figure(caption: str, ident: str, height: int, said: str, marks: Sequence[Html], *below: Html | str) -> Html:
    chart = tag(
        "svg",
        {"class": "chart", "viewBox": f"0 0 {_WIDTH} {height}", "role": "img", "aria-labelledby": ident},
        tag("title", {"id": ident}, said),
        *marks,
    )
    return tag("figure", None, tag("figcaption", None, caption), chart, *below)


def _grid(highest: int) -> list[int]:
    """Three or four round values up to the highest."""
    step = 1
    power = 1
    while highest / step > 3:  # noqa: PLR2004 - lines in the grid
        step = next((power * tick for tick in _TICKS if highest / (power * tick) <= 3), 0)  # noqa: PLR2004 - lines in the grid
        power *= 10
        step = step or power
    return list(range(0, highest + 1, step))


def _dates(weeks: Sequence[Week], today: date, place_of: Callable[[int], float], y: float = 133) -> list[Html]:
    every = max(1, round((len(weeks) - 1) / 3))
    shown = [place for place in range(0, len(weeks), every) if len(weeks) - 1 - place >= every * 0.7] + [len(weeks) - 1]
    return [
        _text(
            "ax",
            place_of(place),
            y,
            day(weeks[place].monday, today),
            "end" if place == len(weeks) - 1 and len(weeks) > _ENOUGH_WEEKS else "middle",
        )
        for place in shown
    ]


def _line(y: float, label: str, left: float = _LEFT - 2, right: float = _RIGHT) -> Html:
    return together(
        [
            tag("line", {"class": "grid", "x1": _n(left), "x2": _n(right), "y1": _n(y), "y2": _n(y)}),
            _text("ax", left - 5, y + 3.5, label, "end"),
        ]
    )


def _text(style: str, x: float, y: float, said: str, anchor: str | None = None) -> Html:
    return tag("text", {"class": style, "x": _n(x), "y": _n(y), "text-anchor": anchor}, said)


def _swatch(kind: str) -> Html:
    return tag(
        "svg",
        {"class": "sw", "viewBox": "0 0 10 10", "aria-hidden": "true"},
        tag("rect", {"class": f"k-{kind}", "width": 10, "height": 10}),
    )


def _dash(colour: str) -> Html:
    return tag(
        "svg",
        {"class": "sw", "viewBox": "0 0 10 10", "aria-hidden": "true"},
        tag("line", {"class": f"l-{colour}", "x1": 0, "x2": 10, "y1": 5, "y2": 5}),
    )


def _n(value: float) -> float:
    return round(value, 1)
