"""The measure of the rules, measured on a corpus of eight lines."""

from __future__ import annotations

import json
import lzma
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks import rule_precision as module
from benchmarks.rule_precision import (
    Tally,
    cases_of,
    measure,
    nowhere,
    offends,
    plain,
    rightness,
    table,
    unsilenced,
    whole_logs,
)
from diagnose.scan.rulebase import RuleBase
from diagnose.scan.scanner import Scanner
from tests.support.reading import rule, scan_of

if TYPE_CHECKING:
    from pathlib import Path

CAUSE = rule("^bad: ", "bad: ", id="t/cause")
DETAIL = rule("^test bad", "test bad", id="t/detail", kind="detail")
NOISE = rule("expected$", "expected", id="t/noise", kind="noise")
WRAPPER = rule("^it failed", "it failed", id="t/wrapper", kind="wrapper")
SILENT = rule("^no tests", "no tests", id="t/silent", kind="silent", silent="no-tests-ran")
TOTALS = rule("^counts", "counts", id="t/totals", kind="totals")
QUIET = rule("^never", "never", id="quiet/one", why="made up")
RULES = (CAUSE, DETAIL, NOISE, WRAPPER, SILENT, TOTALS, QUIET)


def case(name: str, status: str, *, lines: list[list[int]] | None = None, **more: Any) -> dict[str, Any]:
    truth: dict[str, Any] = {"status": status} if lines is None else {"status": status, "lines": lines}
    return {
        "id": name,
        "project": f"p{name}",
        "log": f"logs/{name}.log.xz",
        "truth": truth | more.pop("truth", {}),
        **more,
    }


def write_set(folder: Path, cases: list[dict[str, Any]], logs: dict[str, str]) -> None:
    (folder / "logs").mkdir(parents=True)
    (folder / "cases.jsonl").write_text("".join(json.dumps(each) + "\n" for each in cases))
    for name, text in logs.items():
        (folder / "logs" / name).write_bytes(lzma.compress(text.encode()) if name.endswith(".xz") else text.encode())


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    write_set(
        tmp_path / "travis-chunks",
        [
            case("a", "failed", lines=[[2, 2]], passing_log="logs/a.pass.log"),
            case("b", "failed", lines=[[1, 1], [3, 3]]),
        ],
        {
            "a.log.xz": "bad: early\nbad: why\nit failed\n",
            "a.pass.log": "bad: but fine\nbad: as expected\ncounts\n",
            "b.log.xz": "\x1b[2Jodd\nx\nnothing\ntest bad\n",
        },
    )
    write_set(
        tmp_path / "quiet",
        [case("c", "passed", truth={"silent": ["no-tests-ran"]}), case("d", "passed", truth={"silent": []})],
        {"c.log.xz": "no tests\n", "d.log.xz": "fine\n"},
    )
    write_set(tmp_path / "green", [{**case("e", "passed"), "log": "../travis-chunks/logs/a.pass.log"}], {})
    return tmp_path


def test_each_log_is_a_case_once(corpus: Path) -> None:
    told = {each.where: (each.status, each.passes, sorted(each.label), sorted(each.hides)) for each in cases_of(corpus)}
    assert told == {
        "green/e": ("passed", True, [], []),
        "quiet/c": ("passed", False, [], ["no-tests-ran"]),
        "quiet/d": ("passed", True, [], []),
        "travis-chunks/a": ("failed", False, [2], []),
        "travis-chunks/b": ("failed", False, [1, 3], []),
    }


def test_hits_are_counted_where_they_stand(corpus: Path) -> None:
    got = measure(cases_of(corpus), Scanner(RuleBase(RULES, "k")))
    cause, detail = got.tallies["t/cause"], got.tallies["t/detail"]
    assert (cause.inside, cause.outside, len(cause.failing), cause.passing, cause.silenced) == (1, 1, 1, {"green/e"}, 1)
    assert (detail.inside, detail.outside, cause.example) == (0, 1, "green/e:1: bad: but fine")
    assert (got.failing, got.passing) == (2, 2)
    assert [(each.where, named) for each, named, _ in got.found] == [
        ("travis-chunks/a", True),
        ("travis-chunks/b", False),
    ]
    right = {each.id: rightness(each, got.tallies[each.id]) for each in RULES}
    assert right == {
        "t/cause": 0.5,
        "t/detail": 0.0,
        "t/noise": None,
        "t/wrapper": 1.0,
        "t/silent": 1.0,
        "t/totals": None,
        "quiet/one": None,
    }


def test_what_is_printed(corpus: Path) -> None:
    got = measure(cases_of(corpus), Scanner(RuleBase(RULES, "k")))
    rows = [line.split() for line in table(RULES, got, 0)]
    assert rows[1] == ["t/cause", "cause", "1", "1", "1", "1", "50.0%", "1", "0.50"]
    assert [row[0] for row in rows[1:]] == ["t/cause", "t/detail", "t/noise", "t/silent", "t/totals", "t/wrapper"]
    assert list(nowhere(RULES, got)) == [
        "fire nowhere in the corpus: 1 of 7 rules; 1 of 2 packs whole",
        "  quiet: no rule of the pack fires",
        "    quiet/one: made up",
    ]
    assert [line.split()[:4] for line in whole_logs(got)][1:3] == [
        ["travis-chunks", "50.0%", "of", "2"],
        ["all", "50.0%", "of", "2"],
    ]
    assert list(whole_logs(got))[-1] == "  miss: travis-chunks/b 1-1,3-3: odd"


@pytest.mark.parametrize(
    ("kind", "logs", "passing", "expected"),
    [
        ("cause", 2, 20, False),  # too few to say
        ("cause", 3, 300, False),  # not more than 1 %
        ("cause", 3, 299, True),
        ("detail", 9, 100, True),
        ("warning", 9, 100, False),
        ("noise", 99, 100, False),
    ],
)
def test_which_rules_fire_where_nothing_failed(kind: str, logs: int, passing: int, expected: bool) -> None:  # noqa: FBT001 - a column of the table
    assert offends(rule("x", "xx", kind=kind), Tally(passing=set(map(str, range(logs)))), passing) is expected


def test_a_silenced_hit_does_not_count() -> None:
    count, silenced = unsilenced(scan_of("bad: as expected\nbad: x\n", CAUSE, NOISE).matches)
    assert [(match.rule.id, match.line) for match in count] == [("t/noise", 1), ("t/cause", 2)]
    assert [(match.rule.id, match.line) for match in silenced] == [("t/cause", 1)]


def test_nothing_of_a_log_acts_on_the_terminal() -> None:
    assert plain(" a\x1b[2J\r\u202eb\n" + "x" * 200) == ("a [2J  b " + "x" * 200)[: module.SHOWN]


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        ([], 0, "0 causes and details fire"),
        (["--worst", "1"], 0, "names a labelled line"),
        (["--rule", "python/missing-module"], 0, "passing  green/e:1: ModuleNotFoundError"),
    ],
)
def test_one_command_says_all(
    arguments: list[str], code: int, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_set(
        tmp_path / "green",
        [{**case("e", "passed"), "log": "logs/e.log"}],
        {"e.log": "ModuleNotFoundError: No module named 'x'\n"},
    )
    assert module.main([str(tmp_path), *arguments]) == code
    assert told in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["nowhere"], ["CORPUS", "--rule", "no/such"]])
def test_what_cannot_be_measured_is_refused(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_set(tmp_path / "green", [case("e", "passed")], {"e.log.xz": ""})
    with pytest.raises(SystemExit) as error:
        module.main([each.replace("CORPUS", str(tmp_path)) for each in arguments])
    assert error.value.code == 2
    assert capsys.readouterr().err


def test_a_rule_that_fires_where_all_is_well_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_set(
        tmp_path / "green",
        [case(name, "passed") for name in "abcd"],
        {f"{name}.log.xz": "ModuleNotFoundError: No module named 'x'\n" for name in "abcd"},
    )
    assert module.main([str(tmp_path)]) == 1
    assert "fires in 4 of 4 passing logs (4 projects), first in green/a:1" in capsys.readouterr().out
