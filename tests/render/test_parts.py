"""The small pieces: confidence, minutes, whose, layout, matrix, copying, finding a format."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len

from diagnose.model.check import Check
from diagnose.model.report import Attribution, FixStep, KnownPattern, Location, Minutes
from diagnose.model.text import Untrusted, phrase
from diagnose.render import confidence, copying, interface, layout, matrix, places, title, words
from diagnose.render.marks import ASCII, SINGLE, UNICODE
from diagnose.render.quote import hit, quote
from diagnose.render.voice import TerminalVoice, capital, ended
from tests.render.samples import TABLE, fix, line, root_of, several, unclear

if TYPE_CHECKING:
    from pathlib import Path

    from diagnose.model.words import Basis, Severity, Verdict

VOICE = TerminalVoice()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("acme/app run 904", "1 time: acme/app run 904. Last 2026-11-21. The line is the same."),
        ("a15a8deae2db/failing.log", "1 time: failing.log. Last 2026-11-21. The line is the same."),
    ],
)
def test_where_it_was_seen_is_named_as_people_name_it(source: str, expected: str) -> None:
    known = KnownPattern(
        "be64ea6d", 1.0, 1, "2026-11-21T12:43:14+00:00", (Untrusted(source),), *(Untrusted(""),) * 4, minutes=None
    )
    assert words.seen(known, VOICE) == expected


@pytest.mark.parametrize(
    ("probability", "expected"),
    [
        (0.0, "A guess, wrong more often than right: right 2 times in 10 (0.00)."),
        (0.499, "A guess, wrong more often than right: right 2 times in 10 (0.49)."),
        (0.5, "Unsure: answers like this are right 6 times in 10 (0.50)."),
        (0.699, "Unsure: answers like this are right 6 times in 10 (0.69)."),
        (0.7, "Likely: answers like this are right 8 times in 10 (0.70)."),
        (0.85, "Very likely: answers like this are right 9 times in 10 (0.85)."),
        (1.0, "Almost certain: answers like this are right 19 times in 20 (0.99)."),
    ],
)
def test_confidence_is_a_sentence(probability: float, expected: str) -> None:
    assert confidence.sentence(probability, TABLE) == expected


@pytest.mark.parametrize(
    ("cases", "right", "expected"),
    [
        (29, 29, ""),
        (30, 30, "19 times in 20"),
        (100, 99, "99 times in 100"),
        (99, 99, "19 times in 20"),
        (40, 36, "9 times in 10"),
        (40, 4, "1 time in 10"),
        (40, 2, "1 time in 20"),
        (40, 0, "hardly ever"),
    ],
)
def test_frequencies_are_said_as_measured(cases: int, right: int, expected: str) -> None:
    assert confidence.often(0.97, confidence.Reliability((confidence.Band(0.95, cases, right),))) == expected


@pytest.mark.parametrize(
    ("right", "expected"),
    [
        (20, "A guess: answers like this are right 5 times in 10 (0.40)."),  # as often as not
        (28, "A guess: answers like this are right 7 times in 10 (0.40)."),
        (19, "A guess, wrong more often than right: right 5 times in 10 (0.40)."),
    ],
)
def test_wrong_more_often_is_said_only_where_it_was_measured(right: int, expected: str) -> None:
    assert confidence.sentence(0.4, confidence.Reliability((confidence.Band(0.0, 40, right),))) == expected


def test_the_table_says_what_was_stated_and_what_was_right() -> None:
    rows = confidence.listing(TABLE).splitlines()[3:]
    assert [row.split() for row in rows] == [
        ["confidence", "said", "as", "answers", "right", "share"],
        ["0.95", "to", "0.99", "Almost", "certain", "88", "84", "0.95"],
        ["0.85", "to", "0.94", "Very", "likely", "60", "54", "0.90"],
        ["0.70", "to", "0.84", "Likely", "50", "40", "0.80"],
        ["0.50", "to", "0.69", "Unsure", "40", "24", "0.60"],
        ["0.00", "to", "0.49", "A", "guess", "40", "8", "0.20"],
        ["all", "278", "210", "0.76"],
    ]
    assert len({len(row) for row in rows}) == 1


def test_a_table_of_few_cases_or_none_claims_no_share() -> None:
    assert (
        confidence.listing(confidence.Reliability())
        == "How often answers were right was not measured for this version.\n"
    )
    assert (
        confidence.listing(confidence.Reliability((confidence.Band(0.95, 29, 29),))).splitlines()[4].endswith("   few")
    )
    assert confidence.listing(confidence.Reliability((confidence.Band(0.95, 0, 0),))).splitlines()[5].endswith("0.00")


def test_too_few_cases_are_said() -> None:
    assert (
        confidence.sentence(0.91, confidence.Reliability())
        == "Very likely; too few cases to say how often that is right (0.91)."
    )
    assert confidence.short(0.61, confidence.Reliability()) == "Unsure (0.61)."


@pytest.mark.parametrize(
    "content", [None, "", "{", "[]", '{"bands": 1}', '{"bands": [{"at_least": "x"}]}', '{"bands": [7]}']
)
def test_a_table_that_cannot_be_read_is_empty(content: str | None, tmp_path: Path) -> None:
    path = tmp_path / "reliability.json"
    if content is not None:
        path.write_text(content)
    assert confidence.measured(path) == confidence.Reliability()


def test_a_table_is_read(tmp_path: Path) -> None:
    path = tmp_path / "reliability.json"
    path.write_text(json.dumps({"bands": [{"at_least": 0.95, "cases": 88, "right": 84}]}))
    assert confidence.often(0.96, confidence.measured(path)) == "19 times in 20"


@pytest.mark.parametrize(
    ("span", "basis", "expected"),
    [
        (Minutes(10, 25, 60), "rule", "About 25 min (10 to 60; failures of this kind)."),
        (Minutes(10, 25, 60), None, "About 25 min (10 to 60)."),
        (Minutes(5, 5, 5), "category", "About 5 min (failures of this category)."),
        (Minutes(60, 180, 360), "history", "About 3 h (1 to 6; as it took before)."),
        (Minutes(30, 150, 360), None, "About 2.5 h (30 min to 6 h)."),
        (Minutes(0, 0, 0), None, "About 0 min."),
        (Minutes(14 / 3, 14, 42), "history", "About 14 min (5 to 42; as it took before)."),
    ],
)
def test_minutes_are_a_range(span: Minutes, basis: Basis | None, expected: str) -> None:
    assert words.minutes(span, basis) == expected


@pytest.mark.parametrize(
    ("verdict", "sure", "reasons", "expected"),
    [
        ("change", 0.99, (), "Unknown: nothing to compare with."),
        ("unknown", 0.0, (), "Unknown: nothing to compare with."),
        ("unknown", 0.0, ("no earlier run",), "Unknown: no earlier run."),
        (
            "change",
            0.9,
            ("it raises ol", "no error is in a file that it edits"),
            "This change: it raises ol. No error is in a file that it edits.",
        ),
        ("change", 0.7, ("main passes",), "This change, probably: main passes."),
        ("base", 0.3, ("master fails alike.",), "The base, perhaps: master fails alike."),
        ("flaky", 0.9, (), "Flaky."),
    ],
)
def test_whose_needs_a_comparison(verdict: Verdict, sure: float, reasons: tuple[str, ...], expected: str) -> None:
    assert words.whose(Attribution(verdict, sure, tuple(phrase(one) for one in reasons)), VOICE) == expected


@pytest.mark.parametrize("mark", sorted(SINGLE))
def test_marks_take_one_cell(mark: str) -> None:
    assert cell_len(mark) == 1


def test_ascii_marks_are_ascii() -> None:
    assert all(getattr(ASCII, name).isascii() for name in UNICODE.__slots__)


@pytest.mark.parametrize(
    ("text", "room", "expected"),
    [
        ("", 5, [""]),
        ("abcdefg", 3, ["abc", "def", "g"]),
        ("字字字", 3, ["字", "字", "字"]),
        ("abcd efgh", 5, ["abcd", " efgh"]),
        ("ab    cd", 5, ["ab   ", " cd"]),
        ("👩‍🔧x", 4, ["👩‍🔧", "x"]),
        ("e\u0301e\u0301", 1, ["e\u0301", "e\u0301"]),
    ],
)
def test_hard_breaks(text: str, room: int, expected: list[str]) -> None:
    assert ["".join(piece for piece, _ in row) for row in layout.hard([(text, "")], room, room)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a\tb", "a   b"), ("\tb", "    b"), ("abcd\te", "abcd    e"), ("字\tb", "字  b"), ("none", "none")],
)
def test_tabs_are_four_columns(text: str, expected: str) -> None:
    assert layout.expand_tabs(text) == expected


@pytest.mark.parametrize(
    ("text", "at", "expected"),
    [
        ("short", 0, "short"),
        ("a" * 100, 0, "a" * 35 + " … 65 characters: --full"),
        ("a" * 400 + "HIT", 400, "… 370 characters: --full … " + "a" * 30 + "HIT"),
        ("a" * 200 + "HIT" + "b" * 200, 200, "… 196 characters … aaaaHITb"),
    ],
)
def test_a_window_counts_what_it_leaves_out(text: str, at: int, expected: str) -> None:
    got = layout.window(text, at, 60, "…")
    assert got.startswith(expected)
    assert layout.width_of(got) <= 60
    assert text[at : at + 3] in got


def test_a_window_adds_up() -> None:
    text = "x" * 5000 + "HIT" + "y" * 700
    got = layout.window(text, 5000, 210, "…")
    before = int(got.split()[1].replace(",", ""))
    after = int(got.split()[-3].replace(",", ""))
    assert before + after + len(got.split(" … ")[1]) == len(text)


ALL = [f"t (linux, 3.{minor})" for minor in range(8, 14)]


@pytest.mark.parametrize(
    ("names", "everything", "name", "groups"),
    [
        (["a"], ["a"], "a", ["a"]),
        (["a", "b"], ["a", "b"], "a and 1 more", ["a", "b"]),
        (list("abcdef"), list("abcdef"), "a and 5 more", ["a", "b", "c", "d", "2 more"]),
        (ALL, ALL, "t (linux, *)", ["3.8 to 3.13 (6)"]),
        (ALL[:2] + ALL[3:], ALL, "t (linux, *)", ["3.8, 3.9, 3.11, … (5)"]),
        (["t (a, 1)", "t (b, 1)", "t (b, 2)"], [], "t (*)", ["a: 1 (1)", "b: 1, 2 (2)"]),
        (["t (a, 1, x)", "t (b, 2, y)"], [], "t (*)", ["t (a, 1, x)", "t (b, 2, y)"]),
        (["t (a)", "u (b)"], [], "t (a) and 1 more", ["t (a)", "u (b)"]),
        (["t (a)", "t (b, c)"], [], "t (a) and 1 more", ["t (a)", "t (b, c)"]),
    ],
)
def test_many_jobs_have_one_name(names: list[str], everything: list[str], name: str, groups: list[str]) -> None:
    assert matrix.name_of_all(names, UNICODE) == name
    assert matrix.groups(names, everything, UNICODE) == groups


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("make test", ["make test"]),
        ("pytest -v tests/test_one.py tests/test_two.py", ["pytest -v tests/test_one.py \\", "  tests/test_two.py"]),
        ("sh -c 'one two three four five six'", ["sh -c \\", "  'one two three four five six", "↪ '"]),
        (r"ls a\ file\ with\ words here now", ["ls a\\ file\\ with\\ words here \\", "  now"]),
        ("x" * 40, ["x" * 30, "↪ " + "x" * 10]),
    ],
)
def test_commands_are_broken_as_a_shell_reads_them(text: str, expected: list[str]) -> None:
    rows = copying.command([(text, "open")], 30, "↪")
    assert ["".join(piece for piece, _ in row) for row in rows] == expected


@pytest.mark.parametrize(("text", "expected"), [("", ""), ("a", "a."), ("a.", "a."), ("a?", "a?")])
def test_sentences_end(text: str, expected: str) -> None:
    assert ended(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("npm fails", "npm fails"), ("it fails", "It fails"), ("", ""), ("` it `", "` it `")]
)
def test_only_small_words_are_raised(text: str, expected: str) -> None:
    assert capital(text) == expected


def test_numbers_stay_true_when_a_line_holds_carriage_returns() -> None:
    quoted = quote((line(7, "10%\r50%\rdone\r\nnext"),), VOICE)
    assert [(one.number, one.text, one.tells) for one in quoted.lines] == [(7, "done", True), (8, "next", False)]


def test_a_shared_indentation_is_taken_off_and_nothing_else() -> None:
    quoted = quote((line(7, "E   assert 1\nE     where 1"), line(9, "")), VOICE)
    assert [one.text for one in quoted.lines] == ["assert 1", "  where 1", ""]


def test_the_telling_line_is_kept_first() -> None:
    quoted = quote(
        (line(50, "\n".join(f"row {index}" for index in range(30))), line(49, "above"), line(3, "far above")), VOICE, 3
    )
    assert [one.number for one in quoted.lines] == [49, 50, 3]
    assert quoted.hidden == 29
    assert [one.number for one in quoted.lines if one.tells] == [50]


def test_what_stands_below_the_telling_line_goes_before_the_other_pieces() -> None:
    quoted = quote((line(5, "FAIL one\nno such page\nmore"), line(9, "FAIL two"), line(12, "FAIL three")), VOICE, 4)
    assert [one.number for one in quoted.lines] == [5, 6, 9, 12]


def test_what_says_the_same_again_is_counted_and_not_shown() -> None:
    again = (line(5, "no package zork\nnext"), line(9, "  no package zork"), line(12, "other"), line(14, "other"))
    quoted = quote(again, VOICE)
    assert ([one.number for one in quoted.lines], quoted.hidden) == ([5, 6, 12], 2)
    assert len(quote(again, VOICE, None).lines) == 5


def test_a_command_that_the_fix_names_is_not_said_again() -> None:
    run = FixStep(phrase("Run"), phrase("npx lint --fix"))
    for text, said in (("Run `npx lint --fix` and commit.", 0), ("Run the formatter.", 1)):
        assert len(words.steps(fix(text, 1, 2, 3, "rule", run), VOICE)) == said
    assert words.steps(None, VOICE) == ()


@pytest.mark.parametrize(
    ("quoted", "said"),
    [
        ((), "setup: a step names the machine: no space left"),
        ((("job.log", 7),), "setup: a step names the machine: line 7"),
        ((("job.log", 8),), "setup: a step names the machine: no space left"),
    ],
)
def test_a_check_does_not_say_the_quoted_line_again(quoted: tuple[tuple[str, int], ...], said: str) -> None:
    message = phrase("a step names the machine: ", Untrusted("no space left"))
    check = Check("setup", "failed", message, evidence=(line(7, "  no space left"),))
    assert words.check(check, VOICE, quoted) == said


def test_a_decision_that_the_reason_holds_is_not_said_again() -> None:
    why = phrase("a newer run replaced this one")
    twice = Attribution("infrastructure", 0.9, (why,), decision=why)
    assert words.whose(twice, VOICE) == "Infrastructure: a newer run replaced this one."
    other = replace(twice, decision=phrase("a person looks at the machine"))
    assert words.whose(other, VOICE) == "Infrastructure: a newer run replaced this one. A person looks at the machine."


def test_the_window_is_put_round_what_the_title_names() -> None:
    assert hit(phrase("no ", Untrusted("libproc.h")), "a libproc.h b", VOICE) == 2
    assert hit(phrase("no ", Untrusted("x")), "a x b", VOICE) == 0
    assert hit(phrase("no ", Untrusted("other")), "a x b", VOICE) == 0


def test_unclear_is_said_for_each_number_of_readings() -> None:
    two = unclear()
    said = [
        VOICE.say(title.title(replace(two, alternatives=two.alternatives[:number])).sentence) for number in range(3)
    ]
    assert said == [
        "cause unclear: no line of the log tells why",
        "cause unclear: one reading, a person should judge it",
        "cause unclear: two readings, a person should choose",
    ]


def test_an_undetermined_report_of_a_failed_job_is_a_failure() -> None:
    assert title.state(replace(unclear(), status="undetermined")) == "unclear"


def test_a_cause_below_the_line_is_not_claimed() -> None:
    report = replace(several(), requires_escalation=True, escalation=unclear().escalation)
    assert title.state(report) == "unclear"
    assert title.readings(report)[0] == root_of(report)


def test_the_line_above_the_first_reading_is_no_reading_of_its_own() -> None:
    report = unclear()
    first, other = report.alternatives
    at = first.evidence[0]
    above = replace(other, rule="", evidence=(line(at.line - 1, "checking\nmissing key", at.log),))
    assert title.readings(replace(report, alternatives=(first, above))) == (first,)
    assert len(title.readings(replace(report, alternatives=(first, replace(above, rule="x/y"))))) == 2


def test_formats_are_found_by_name() -> None:
    assert set(interface.formats()) >= {"brief", "json", "markdown", "text"}
    for name in interface.formats():
        assert interface.renderer(name).name == name


@pytest.mark.parametrize("name", ["", "interface", "layout", "../text", "TEXT", "pdf"])
def test_an_unknown_format_names_those_there_are(name: str) -> None:
    with pytest.raises(interface.UnknownFormatError, match=r"there are brief, .*json.*text"):
        interface.renderer(name)


@pytest.mark.parametrize(
    ("name", "absent"),
    [
        ("json", ("diagnose.render.text", "diagnose.render.markdown", "rich", "pydantic")),
        (
            "text",
            (
                "diagnose.render.json_report",
                "diagnose.render.markdown",
                "rich.console",
                "rich.text",
                "pydantic",
                "httpx",
            ),
        ),
        ("markdown", ("diagnose.render.text", "diagnose.render.json_report", "rich.console", "pydantic")),
    ],
)
def test_one_format_imports_no_other(name: str, absent: tuple[str, ...]) -> None:
    code = f"import sys; from diagnose.render.interface import renderer; renderer({name!r}); print(*[m for m in {absent!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


@pytest.mark.parametrize(
    ("severities", "note"),
    [
        (("error", "error"), "2 errors"),
        (("error", "warning"), ""),
        (("error", "error", "warning", "note"), "2 errors"),
        (("warning", "warning"), "2 warnings"),
    ],
)
def test_warnings_are_not_counted_as_errors(severities: tuple[Severity, ...], note: str) -> None:
    spots = tuple(
        Location(Untrusted("a.py"), number, None, severity, None) for number, severity in enumerate(severities, 1)
    )
    cause = replace(root_of(several()), locations=spots, failed_tests=())
    assert places.places(cause, VOICE, None) == ([("a.py:1", note)], "")
