"""What is refused in a pack, each with its reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from diagnose.scan.lint import first_match, lint
from diagnose.scan.pack import PackError, PackTable, read_all, read_pack, rules_of
from diagnose.scan.rule import Advice, Block, Capture, Command

GOOD: dict[str, Any] = {
    "id": "one",
    "title": "it fails: {message}",
    "category": "other",
    "literals": ["bad: "],
    "expression": r"^bad: (?P<message>\w+)",
    "remedy": "Mend it.",
    "why": "made by running it",
    "hits": ["bad: x"],
    "misses": ["bad : x"],
}


def pack(*rules: dict[str, Any], tool: str = "tool") -> tuple[Path, PackTable]:
    return Path(f"patterns/test/{tool}.toml"), PackTable.model_validate(
        {"tool": tool, "title": tool, "rule": [GOOD | rule for rule in rules]}
    )


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (
            {"literals": ["other"]},
            "the expression can match a line that holds none of ['other']: the gate would lose it",
        ),
        (
            {"literals": ["BAD: "]},
            "the expression can match a line that holds none of ['BAD: ']: the gate would lose it",
        ),
        ({"literals": ["bad: ", ";"]}, "literals of one byte hit nearly every line: [';']"),
        (
            {"literals": ["bad: ", "T1"]},
            "the literal 'T1' stands on ordinary lines (0000-00-00T00:00:00.0000000Z): take a longer one",
        ),
        ({"literals": ["bad: ", ":30:"]}, "the literal ':30:' stands on ordinary lines ("),
        ({"literals": ["bad: ", " R"]}, "the literal ' R' stands on ordinary lines (Requirement already satisfied"),
        (
            {"literals": ["bad: ", "passed"], "caseless": True},
            "the literal 'passed' stands on ordinary lines (tests/unit/test_router.py",
        ),
        ({"literals": ["bad: ", "b\n"]}, r"literals with NUL or an end of line stand on no line: ['b\n']"),
        ({"literals": ["bad: ", "\0b"]}, r"literals with NUL or an end of line stand on no line: ['\x00b']"),
        ({"expression": "(bad: "}, "not an expression: missing ), unterminated subpattern at position 0"),
        ({"expression": "bad: (?=x)"}, "not RE2: "),
        ({"block": {"after_while": "("}}, "not an expression: "),
        ({"capture": [{"expression": "(?<=x)y"}]}, "not RE2: "),
        ({"expression": "bad: (?P<word>x)", "title": "t"}, "unknown capture 'word'"),
        ({"capture": [{"expression": "(?P<what>x)"}]}, "unknown capture 'what'"),
        ({"title": "{file}"}, "{file} is not captured anywhere"),
        ({"remedy": "See {file}."}, "{file} is not captured anywhere"),
        ({"commands": [{"run": "cat {file}"}]}, "{file} is not captured anywhere"),
        ({"advice": [{"when": "bad: x", "remedy": "See {file}."}]}, "{file} is not captured anywhere"),
        ({"advice": [{"when": "bad: (", "remedy": "Mend it."}]}, "not an expression: "),
        ({"advice": [{"when": "bad: y", "remedy": "Mend it."}]}, "advice 1: no line of a hit matches 'bad: y'"),
        (
            {"advice": [{"when": "bad: x", "remedy": "Mend it.", "minutes": [3, 2, 1]}]},
            "minutes are [low, likely, high]",
        ),
        ({"remedy": ""}, "a cause needs a remedy"),
        ({"kind": "silent"}, "a silent rule names its silent kind"),
        ({"minutes": [5, 1, 9]}, "minutes are [low, likely, high]"),
        ({"minutes": [-1, 1, 9]}, "minutes are [low, likely, high]"),
        ({"hits": ["bad: x", "no"]}, "hit 2 does not match"),
        ({"hits": [{"text": "no", "captures": {}}]}, "hit 1 does not match"),
        ({"hits": [{"text": "bad: x", "captures": {"message": "y"}}]}, "hit 1: message is 'x', not 'y'"),
        ({"hits": [{"text": "bad: x", "captures": {"file": "y"}}]}, "hit 1: file is None, not 'y'"),
        ({"misses": ["fine", "so\nbad: x"]}, "miss 2 matches"),
        ({"explains": ["tool/none"]}, "there is no rule 'tool/none'"),
        ({"follows": ["none/*"]}, "there is no rule 'none/*'"),
        ({"explains": ["tool"]}, "there is no rule 'tool'"),
        ({"mutes": ["tool/none"]}, "mutes 'tool/none', which is no rule of this pack"),
    ],
)
def test_a_rule_is_refused_with_the_reason(change: dict[str, Any], fault: str) -> None:
    found = lint([pack(change)])
    assert len(found) == 1 + (
        "literals" in change and fault.startswith("the expression")
    )  # its hit is behind the same gate
    assert found[0].startswith(f"patterns/test/tool.toml: tool/one: {fault}")


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"caseless": True, "literals": ["BAD: "]},
        {"explains": ["*", "tool/*", "tool/one"], "follows": ["tool/one"]},
        {"minutes": [1, 1, 1]},
        {"kind": "detail", "remedy": ""},
        {"kind": "silent", "silent": "no-tests-ran", "remedy": ""},
        {"hits": ["first\nbad: x\nlast"]},
        {
            "hits": [{"text": "in a.c\nx\nbad: x", "captures": {"file": "a.c"}}],
            "capture": [{"expression": "^in (?P<file>.*)", "where": "above"}],
        },
        {
            "hits": [{"text": "bad: x\nat 7", "captures": {"line": "7"}}],
            "capture": [{"expression": r"^at (?P<line>\d)", "where": "below"}],
        },
        {
            "hits": [{"text": "bad: x\nat 7", "captures": {"line": "7"}}],
            "capture": [{"expression": r"^at (?P<line>\d)"}],
            "block": {"after": 2},
        },
    ],
)
def test_a_rule_that_its_samples_bear_out_is_taken(change: dict[str, Any]) -> None:
    assert lint([pack(change)]) == []


def test_an_id_is_taken_once_and_a_file_is_named_for_its_tool() -> None:
    assert lint([pack({}, {})]) == ["patterns/test/tool.toml: tool/one: this id is taken by patterns/test/tool.toml"]
    path, table = pack({}, tool="other")
    assert lint([(path.with_stem("tool"), table)]) == [
        "patterns/test/tool.toml: the file is named tool and the tool other"
    ]


def test_a_sample_is_matched_behind_the_gate() -> None:
    (rule,) = pack({"literals": ["bad: y"]})[1].rule
    assert first_match(rule, "bad: x") is None
    assert first_match(rule, "bad: x\nbad: y") == {"message": "y"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("tool = ", "Invalid value"),
        ("\ud800", "surrogates not allowed"),
        ('tool = "t"\ntitle = "t"\n', "rule: Field required"),
        ('tool = "T t"\ntitle = "t"\nrule = []\n', "tool: String should match pattern"),
        ('tool = "t"\ntitle = "t"\nrule = [{ id = "a", odd = 1 }]\n', "rule.0.title: Field required (and "),
    ],
)
def test_a_file_that_is_no_pack_is_refused_with_its_place(text: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "t.toml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(PackError) as refused:
        read_pack(path)
    assert str(refused.value).startswith(f"{path}: ")
    assert told in str(refused.value) or "codec can't decode" in str(refused.value)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"category": "odd"}, "rule.0.category"),
        ({"weight": 9}, "rule.0.weight"),
        ({"block": {"after": 9999}}, "rule.0.block.after"),
        ({"literals": []}, "rule.0.literals"),
        ({"literals": [""]}, "rule.0.literals.0"),
        ({"hits": []}, "rule.0.hits"),
        ({"why": ""}, "rule.0.why"),
        ({"minutes": [1, 2]}, "rule.0.minutes"),
        ({"silent": "odd"}, "rule.0.silent"),
        ({"id": "Upper"}, "rule.0.id"),
    ],
)
def test_a_value_outside_of_its_bounds_is_refused(change: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told.replace(".", r"\.")):
        pack(change)


def test_all_packs_of_a_folder_are_read_and_the_broken_ones_named(tmp_path: Path) -> None:
    for name, text in (
        (
            "b/good.toml",
            'tool = "good"\ntitle = "t"\nrule = [{ id = "a", title = "t", category = "other", literals = ["xx"], expression = "xx", why = "w", hits = ["xx"] }]\n',
        ),
        ("a/bad.toml", "x"),
        ("a/no.txt", "x"),
        ("deep/a/b.toml", "x"),
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    packs, problems = read_all(tmp_path)
    assert [path.name for path, _ in packs] == ["good.toml"]
    assert [problem.partition(": ")[0] for problem in problems] == [str(tmp_path / "a" / "bad.toml")]
    assert read_pack(tmp_path / "b" / "good.toml") == packs[0][1]


def test_a_table_becomes_a_rule_and_the_packs_commands_serve_rules_without_their_own() -> None:
    table = PackTable.model_validate(
        {
            "tool": "tool",
            "title": "t",
            "reproduce": "tool {test}",
            "reproduce_all": "tool --all",
            "rule": [
                GOOD
                | {
                    "minutes": [1, 2, 3],
                    "block": {"after": 2},
                    "commands": [{"run": "x", "safe": True}],
                    "advice": [{"when": "bad: x", "remedy": "Less x.", "minutes": [1, 1, 2]}],
                    "capture": [{"expression": "(?P<file>y)", "where": "above", "most": 3}],
                    "requires": ["ctx"],
                    "weight": 2,
                },
                GOOD | {"id": "two", "reproduce": "own", "reproduce_all": "own all"},
            ],
        }
    )
    one, two = rules_of(table, "eco")
    assert (one.id, one.tool, one.ecosystem, one.kind, one.weight) == ("tool/one", "tool", "eco", "cause", 2.0)
    assert (one.minutes, one.block, one.commands, one.requires) == (
        (1, 2, 3),
        Block(after=2),
        (Command("x", safe=True),),
        ("ctx",),
    )
    assert one.captures == (Capture("(?P<file>y)", "above", 3),)
    assert one.advice == (Advice("bad: x", "Less x.", (1, 1, 2)),)
    assert (one.reproduce, one.reproduce_all) == ("tool {test}", "tool --all")
    assert (two.reproduce, two.reproduce_all, two.minutes, two.block) == ("own", "own all", None, Block())
