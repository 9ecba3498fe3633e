"""Why a line won, in words made of the features that decided: what each adds to the score, gathered into what a reader can check."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

from diagnose.rank.causes import causes_of
from diagnose.rank.features import names
from diagnose.rank.model import reasons
from diagnose.rank.shapes import shapes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from diagnose.rank.reading import Candidate, Reading

MOST: Final = 3
CLOSE: Final = 0.5
_ALL: Final = 400
_LEAST: Final = 0.05
_COUNTER: Final = 0.25
_TOPICS: Final[dict[str, tuple[str, ...]]] = {
    "rule": ("rule_weight", "rule_first", "rule_count", "cause_near", "cause_elsewhere"),
    "place": (
        "log_from_end",
        "log_from_start",
        "relative",
        "first_step",
        "last_step",
        "only_step",
        "told_line",
        "outside",
    ),
    "order": ("first_telling", "nth_telling", "run_start", "in_run"),
    "near": ("prev_H", "prev_T", "next_T", "near_T", "prev_C", "next_C"),
    "block": ("after_blank", "before_blank", "deeper_next", "dedent", "before_usage", "in_usage", "stack_next"),
    "rare": ("once", "rarity"),
    "colour": ("red",),
    "passing": ("in_passing",),
    "form": ("length_long", "length_short", "words_many", "column0", "blank"),
}
# what a line is that has a shape, as the end of "it ..."; for those that are in nobody else's words the group speaks
_SAYS: Final[dict[str, str]] = {
    "loc_err": "names a place in a file and the error there", "loc_any": "names a place in a file and what is wrong there", "loc_code": "names a place in a file and the code of an error",
    "file_line_col_lint": "names a place in a file and a linter's finding", "rust_err": "begins a compiler's error", "panicked": "says where the program panicked", "py_tb": "begins a traceback",
    "py_exc": "names the exception and its message", "exc_in_line": "names an exception and its message", "exc_named": "names an exception", "pytest_E": "shows the assertion that failed",
    "pytest_gt": "shows the source line that failed", "not_ok": "is a test's own failed result", "go_fail": "names a failed test", "fail_head": "names what failed", "fail_tail": "ends with what failed",
    "mark_x": "is marked as failed", "bullet_x": "is marked as failed", "numbered": "heads a numbered failure", "numbered_dot": "heads a numbered failure", "assert_word": "speaks of an assertion",
    "expected": "says what was expected", "failed_asserting": "says which assertion failed", "linker": "is a linker's error", "nofile": "says that something is not there", "cannot": "says what could not be done",
    "syntax": "speaks of a syntax error", "version_conf": "speaks of versions that do not fit", "http": "shows the answer of a server", "network": "speaks of a connection that failed",
    "killed": "says that a process was killed", "stalled": "says that nothing went on", "perm": "speaks of a right that is missing", "cmake": "is CMake's error", "configure": "is configure's error",
    "upper_ERR": "is printed as an error", "brk_error": "is printed as an error", "gh_error": "is noted as an error", "caused": "says what caused it", "type_err": "speaks of types that do not fit",
    "was_not": "says what was not so", "undef": "names what is not defined", "w_error": "speaks of an error", "w_fail": "speaks of a failure", "w_exc": "speaks of an exception", "w_fatal": "speaks of something fatal",
    "w_warn": "only warns", "loc_warn": "only warns", "gh_warn": "only warns", "lint_warn_row": "only warns", "at_frame": "is one line of a stack", "code_caret": "only points into quoted source", "code_num": "is quoted source",
    "diff_line": "is part of a difference", "file_only": "only names a file", "test_name": "names a test", "quoted": "quotes a name", "sentence": "is a sentence", "totals": "only counts", "sec_title": "is a heading",
    "pytest_sec": "is a heading", "dash_title": "is a heading", "dots": "is a row of dots", "colon_end": "leads to what comes after it", "err_colon_end": "leads to what comes after it",
}  # fmt: skip
_GROUP_SAYS: Final = {
    "T": "has the form of a line that says what failed", "W": "speaks of a failure", "C": "only says that something failed", "N": "has the form of ordinary output", "H": "is a heading",
}  # fmt: skip
_NEAR: Final = {
    "prev_H": "a heading of failures stands right above {it}", "prev_T": "the line above {it} speaks of a failure", "next_T": "the line below {it} speaks of a failure",
    "near_T": "lines near {it} speak of a failure", "prev_C": "the line above {it} says that something failed", "next_C": "the line below {it} says that something failed",
}  # fmt: skip
_BLOCK: Final = {
    "after_blank": "a block begins with {it}", "before_blank": "a block ends with {it}", "deeper_next": "indented lines follow {it}", "dedent": "an indented part ends at {it}",
    "before_usage": "{it} stands right above how the program is called", "stack_next": "a stack follows {it}",
}  # fmt: skip
_USAGE: Final = "{it} is part of how the program is called"
_FORM: Final = {
    "words_many": "is a whole sentence",
    "column0": "begins at the margin",
    "length_long": "is very long",
    "length_short": "is very short",
    "blank": "has no word or form of a failure",
}


class _Line(NamedTuple):
    """One of the two that are compared: the candidate, its features by name, and how a sentence calls it."""

    one: Candidate
    values: Mapping[str, float]
    called: str

    def has(self, feature: str) -> bool:
        return self.values.get(feature, 0.0) > 0


class Comparison(NamedTuple):
    """Why one candidate stands above another. winner, other: line numbers. why: sentences, the weightiest first. close: the scores are near."""

    winner: int
    other: int
    why: tuple[str, ...]
    close: bool


def runner_up(reading: Reading, candidate: Candidate) -> Candidate | None:
    """Find what a candidate is to be compared with: the best of another cause; for a later cause, the first one. None without any."""
    groups = causes_of(reading)
    own = next(
        (group for group in groups if any(one.line == candidate.line for one in (group.lead, *group.members))), None
    )
    return next((group.lead for group in groups if group is not own and group.lead.line != candidate.line), None)


def compared(reading: Reading, candidate: Candidate, other: Candidate) -> Comparison:
    """Say why the one of the two that the log's order of causes puts first stands above the other."""
    order = [group.lead.line for group in causes_of(reading)]
    behind = other.line in order and (
        candidate.line not in order or order.index(other.line) < order.index(candidate.line)
    )
    first, second = (other, candidate) if behind else (candidate, other)
    winner = _Line(first, _named(first), f"line {first.line}" if behind else "it")
    loser = _Line(second, _named(second), "it" if behind else f"line {second.line}")
    return Comparison(
        first.line, second.line, tuple(_sentences(winner, loser)), abs(first.score - second.score) < CLOSE
    )


def words(reading: Reading, candidate: Candidate) -> list[str]:
    """Give the reasons as sentences, the weightiest first; where nothing competes, say so."""
    other = runner_up(reading, candidate)
    if other is None:
        return ["No other line of what failed may be the reason."]
    told = compared(reading, candidate, other)
    head = (
        f"It stands above line {told.other}, the next best:"
        if told.winner == candidate.line
        else f"Line {told.winner} stands above it:"
    )
    out = [f"{sentence[0].upper()}{sentence[1:]}." for sentence in told.why] or ["Nothing sets the two clearly apart."]
    return [head, *out, *(["The two are close."] if told.close and told.why else [])]


def _named(candidate: Candidate) -> dict[str, float]:
    return {name: value for name, value in zip(names(), candidate.values, strict=True) if value}


def _sentences(winner: _Line, loser: _Line) -> list[str]:
    """Make a sentence of each topic that speaks for the winner, then one of what speaks most against it."""
    gains = reasons(winner.one.values, loser.one.values, _ALL)
    topics: dict[str, list[tuple[str, float]]] = {}
    for name, gain in gains:
        topics.setdefault(_topic(name), []).append((name, gain))
    sums = {topic: sum(gain for _, gain in each) for topic, each in topics.items()}
    whole = sum(gain for gain in sums.values() if gain > 0)
    out: list[str] = []
    for topic in sorted(sums, key=lambda topic: -sums[topic]):
        if sums[topic] < _LEAST * whole or sums[topic] <= 0 or len(out) >= MOST:
            break
        said = _SENTENCE[topic](winner, loser, [name for name, gain in topics[topic] if gain > 0])
        if said and said not in out:
            out.append(said)
    worst = min(sums, key=lambda topic: sums[topic], default="")
    if worst and out and sums[worst] < -_COUNTER * whole:
        said = _SENTENCE[worst](loser, winner, [name for name, gain in topics[worst] if gain < 0])
        out += [f"against {winner.called}: {said}"] if said else []
    return out


def _topic(name: str) -> str:
    kind, colon, _ = name.partition(":")
    if colon:
        return "form" if kind == "shape" else "rule"
    return next(topic for topic, features in _TOPICS.items() if name in features)


def _of_rule(one: _Line, other: _Line, _features: list[str]) -> str:
    mine, its = one.one.match, other.one.match
    if mine is None:
        return (
            f"a rule knows a cause beside {one.called}" if one.has("cause_near") and not other.has("cause_near") else ""
        )
    kinds = {
        "cause": f"a rule knows {one.called} as a cause ({mine.rule.id})",
        "detail": f"a rule knows {one.called} as the name of what failed ({mine.rule.id})",
    }
    said = kinds.get(mine.rule.kind, "")
    if its is None:
        return f"{said}, and none knows {other.called}" if said else ""
    if mine.rule.id == its.rule.id:
        return (
            f"the rule {mine.rule.id} finds {one.called} first, {other.called} later"
            if one.one.line < other.one.line and one.has("rule_first")
            else ""
        )
    if mine.rule.kind == "cause" and its.rule.kind == "detail":
        return f"{said}, and {other.called} only names what failed ({its.rule.id})"
    if mine.rule.kind == "cause" and its.rule.kind == "warning":
        return f"{said}, and {other.called} is only a warning ({its.rule.id})"
    weightier = mine.rule.kind == its.rule.kind and mine.rule.weight > its.rule.weight
    return (
        f"the rule of {_its(one)} ({mine.rule.id}) tells more surely what failed than that of {_its(other)} ({its.rule.id})"
        if weightier
        else ""
    )


def _its(line: _Line) -> str:
    return "this line" if line.called == "it" else line.called


def _of_place(one: _Line, other: _Line, _features: list[str]) -> str:
    mine, its = one.one.window, other.one.window
    if mine.before != its.before:
        return f"{(one if mine.before else other).called} stands in a step that did not fail"
    if mine != its:
        return (
            f"the step of {_its(one)} failed before that of {_its(other)}"
            if mine.first < its.first
            else f"the step of {_its(one)} failed after that of {_its(other)}"
        )
    ends = _lines(mine.last - one.one.line), _lines(its.last - other.one.line)
    part = "step" if mine.step is not None else "log"
    return (
        f"{one.called} stands {ends[0]} the end of the {part}, {other.called} {ends[1]}" if ends[0] != ends[1] else ""
    )


def _lines(count: int) -> str:
    return "at" if count <= 0 else "1 line before" if count == 1 else f"{count} lines before"


def _of_order(one: _Line, other: _Line, _features: list[str]) -> str:
    if one.has("first_telling"):
        return f"{one.called} is the first line of the {_part(one)} that speaks of a failure"
    mine, its = one.values.get("nth_telling", 0.0), other.values.get("nth_telling", 0.0)
    if mine and not its:
        return f"{one.called} has the form of a line that says what failed, {other.called} has not"
    if mine and its and one.one.window == other.one.window and one.one.line != other.one.line:
        return f"of the lines that say what failed, {one.called} comes {'before' if one.one.line < other.one.line else 'after'} {other.called}"
    return (
        f"a row of lines that say what failed begins with {one.called}"
        if one.has("run_start") and not other.has("run_start")
        else ""
    )


def _part(line: _Line) -> str:
    return "step" if line.one.window.step is not None else "log"


def _present(told: Mapping[str, str], one: _Line, other: _Line, features: list[str]) -> str:
    """The first of the features, weightiest first, that one line has and the other has not."""
    return next(
        (
            told[name].format(it=one.called)
            for name in features
            if name in told and one.has(name) and not other.has(name)
        ),
        "",
    )


def _of_near(one: _Line, other: _Line, features: list[str]) -> str:
    said = _present(_NEAR, one, other, features)
    return said or next(
        (
            _NEAR[name].format(it=other.called) + " already"
            for name in ("prev_T", "prev_C")
            if name in features and other.has(name) and not one.has(name)
        ),
        "",
    )


def _of_block(one: _Line, other: _Line, features: list[str]) -> str:
    said = _present(_BLOCK, one, other, features)
    return said or (
        _USAGE.format(it=other.called)
        if "in_usage" in features and other.has("in_usage") and not one.has("in_usage")
        else ""
    )


def _of_rarity(one: _Line, other: _Line, _features: list[str]) -> str:
    mine, its = (round(math.expm1(line.values.get("rarity", 0.0))) for line in (one, other))
    if mine == its:
        return ""
    if mine < its:
        often = "no other line looks like" if mine == 1 else f"only {mine} lines look like"
        return f"{often} {one.called}, and {its} like {other.called}"
    return f"{mine} lines look like {one.called}, and {'no other' if its == 1 else its} like {other.called}"


def _of_colour(one: _Line, other: _Line, _features: list[str]) -> str:
    return f"{one.called} is printed in red, {other.called} is not" if one.has("red") and not other.has("red") else ""


def _of_passing(one: _Line, other: _Line, _features: list[str]) -> str:
    return (
        f"a passing run prints {other.called} too, but not {_its(one)}"
        if other.has("in_passing") and not one.has("in_passing")
        else ""
    )


def _of_form(one: _Line, other: _Line, features: list[str]) -> str:
    groups = {f"shape:{shape.name}": (shape.name, shape.group) for shape in shapes()}
    for feature in features:
        mine, its = one.has(feature), other.has(feature)
        if mine == its:
            continue
        line = one if mine else other
        if feature in _FORM:
            # of what a line lacks only this says something
            if mine != (feature == "blank"):
                return f"{line.called} {_FORM[feature]}"
            continue
        name, group = groups[feature]
        weak = group in ("C", "N", "H", "X") or _SAYS.get(name, "").startswith("only ")
        said = _SAYS.get(name) or _GROUP_SAYS.get(group)
        if said and (mine or weak):
            return f"{line.called} {said}"
    return ""


_SENTENCE: Final[dict[str, Callable[[_Line, _Line, list[str]], str]]] = {
    "rule": _of_rule, "place": _of_place, "order": _of_order, "near": _of_near, "block": _of_block, "rare": _of_rarity, "colour": _of_colour,
    "passing": _of_passing, "form": _of_form,
}  # fmt: skip
