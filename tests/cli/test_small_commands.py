"""config, patterns, doctor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.command import FAILING, SENTENCE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.command import Command

PACK = """\
tool = "mytool"
title = "mytool"

[[rule]]
id = "broken"
title = "mytool broke: {message}"
category = "build-system"
literals = ["MYTOOL BROKE"]
expression = '^MYTOOL BROKE: (?P<message>.+)$'
remedy = "Mend it."
why = "seen"
hits = ["MYTOOL BROKE: badly"]
misses = ["mytool works"]
"""


def test_config_show_says_where_each_value_is_from(
    command: Command, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config" / "ci-diagnose").mkdir(parents=True)
    (tmp_path / "config" / "ci-diagnose" / "config.toml").write_text("plain = true\n")
    (home / "pyproject.toml").write_text("[project]\nname = 'x'\n[tool.ci-diagnose]\n\nescalate-below = 0.5\n")
    monkeypatch.setenv("CI_DIAGNOSE_REQUESTS", "20")
    code, out, err = command("config", "show")
    assert (code, err) == (0, "")
    rows = dict(line.split(" = ", 1) for line in out.splitlines() if " = " in line)
    assert rows["requests"].endswith("CI_DIAGNOSE_REQUESTS")
    assert rows["escalate_below"].endswith("pyproject.toml:5")
    assert rows["plain"].endswith("config.toml:1")
    assert rows["color"].endswith("default")


BAD = [
    (
        "[tool.ci-diagnose]\nescalate_belov = 1\n",
        'pyproject.toml:2: unknown key "escalate_belov" in [tool.ci-diagnose]. Did you mean "escalate_below"?',
    ),
    ("[tool.ci-diagnose]\nescalate_below = 70\n", "Did you mean 0.70?"),
    ("[tool.ci-diagnose\n", "pyproject.toml"),
]


@pytest.mark.parametrize(("text", "told"), BAD)
@pytest.mark.parametrize(
    "arguments", [["config", "show"], ["--log", "-"], ["history"], ["resolve", "c1", "--solution", "x"]]
)
def test_nothing_is_run_on_a_setting_that_is_wrong(
    command: Command, home: Path, arguments: list[str], text: str, told: str
) -> None:
    if arguments[0] == "resolve":
        command("--log", "-", stdin=FAILING)
    (home / "pyproject.toml").write_text(text)
    code, out, err = command(*arguments, stdin=FAILING)
    assert (code, out) == (2, "")
    assert told in err
    assert "Nothing was run." in err
    assert "try: " in err


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["patterns", "list"], 0, " rules over "),
        (["patterns", "list", "--tool", "pytest"], 0, "pytest/"),
        (["patterns", "list", "--category", "dependency", "--tool", "pip"], 0, "dependency"),
        (["patterns", "list"], 0, "\n--category "),
        (["patterns", "list"], 0, "\n--kind cause "),
        (["patterns", "list", "--kind", "noise"], 0, " noise "),
        (["patterns", "list", "--ecosystem", "python", "--kind", "cause"], 0, "mypy/"),
        (["patterns", "list", "--tool", "nosuchtool"], 2, "no rule of tool nosuchtool."),
        (["patterns", "list", "--tool", "pytset"], 2, "try: ci-diagnose patterns list --tool pytest"),
        (["patterns", "list", "--kind", "noise", "--tool", "javac"], 2, "no rule of tool javac and kind noise."),
        (["patterns", "list", "--ecosystem", "\x1b[2J"], 2, "try: ci-diagnose patterns list"),
        (["patterns", "show", "pytest/failed-summary"], 0, "expression"),
        (["patterns", "show", "pytest/failed-sumary"], 2, "try: ci-diagnose patterns show pytest/failed-summary"),
        (["patterns", "show", "\x1b[2J"], 2, "try: ci-diagnose patterns list"),
        (["patterns", "lint", "nowhere"], 2, "there is no folder nowhere."),
        (["patterns", "lint", "packs"], 0, "1 pack, 1 rule, 0 faults"),
        (["patterns", "lint", "empty"], 2, "holds no pack"),
        (["patterns", "lint", "bad"], 1, "1 fault"),
        (["patterns", "try", "nowhere.log"], 2, "cannot read nowhere.log: "),
        (["patterns", "try", "a.log"], 0, "pytest/"),
        (["patterns", "try", "a.log", "--rule", "no/such"], 2, "there is no rule no/such."),
        (
            ["patterns", "try", "a.log", "--rule", "pytest/assertoin"],
            2,
            "try: ci-diagnose patterns show pytest/assertion",
        ),
        (["patterns", "try", "a.log", "--rule", "pytest/failed-summary"], 0, "pytest/failed-summary matches line "),
        (["patterns", "try", "a.log", "--rule", "mypy/found"], 0, "does not match: no line holds "),
        (["patterns", "try", "a.log", "--rule", "pytest/failed-summary", "--line", "1"], 0, "does not match line 1: "),
        (["patterns", "try", "a.log", "--line", "1"], 0, "0 hits of 0 rules on line 1"),
        (["patterns", "try", "a.log", "--line", "0"], 2, ""),
        (["patterns", "try", "."], 2, "directory"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_patterns(command: Command, home: Path, arguments: list[str], code: int, told: str) -> None:
    (home / "a.log").write_bytes(FAILING)
    (home / "empty").mkdir()
    for folder, text in (("packs", PACK), ("bad", PACK.replace("misses", "mises"))):
        (home / folder).mkdir()
        (home / folder / "mytool.toml").write_text(text)
    said = command(*arguments)
    assert said.code == code, said
    assert told in (said.err if code == 2 else said.out)
    assert "\x1b" not in said.out + said.err


def test_the_shipped_packs_have_no_fault(command: Command) -> None:
    code, out, _ = command("patterns", "lint")
    assert (code, out.endswith(" 0 faults\n")) == (0, True)


def test_a_pack_of_one_s_own_is_used_and_a_bad_one_is_told(
    command: Command, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = home / ".ci-diagnose" / "rules"
    own.mkdir(parents=True)
    (own / "mytool.toml").write_text(PACK)
    log = b"$ mytool\nMYTOOL BROKE: badly\n"
    said = command("--log", "-", stdin=log)
    assert "mytool broke: badly" in said.out
    assert "not loaded" not in said.err
    assert "mytool/broken" in command("patterns", "list", "--ecosystem", "user").out
    monkeypatch.delenv("CI", raising=False)
    (own / "mytool.toml").write_text(PACK.replace("misses", "mises"))
    for arguments in (["patterns", "list"], ["--log", "-"]):
        assert "mytool.toml: rule.0.mises: Extra inputs are not permitted" in command(*arguments, stdin=log).err
    said = command("doctor", "--offline")
    assert said.code == 1
    assert "of your own are refused" in said.out


UNREAD = ".ci-diagnose/rules: 1 pack not loaded: in a CI run the tree may be a stranger's (CI is set)"


@pytest.mark.parametrize("pack", [PACK, PACK.replace("misses", "mises")])
def test_the_packs_of_a_ci_run_s_own_tree_are_not_read_and_this_is_said(
    pack: str, command: Command, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = home / ".ci-diagnose" / "rules"
    own.mkdir(parents=True)
    (own / "mytool.toml").write_text(pack)
    (home / "a.log").write_text("MYTOOL BROKE: badly\n")
    monkeypatch.setenv("CI", "true")
    monkeypatch.setattr("diagnose.scan.rulebase.user_rules", lambda *_: pytest.fail("a stranger's rules were read"))
    for arguments in (
        ["--log", "a.log"],
        ["--log", "a.log", "--quiet"],
        ["patterns", "list"],
        ["patterns", "try", "a.log"],
    ):
        said = command(*arguments)
        assert UNREAD in said.err
        assert "mytool/broken" not in said.out
        assert "mytool broke" not in said.out
    said = command("doctor", "--offline")
    assert said.code == 0
    assert UNREAD in said.out
    assert "1 remark." in said.out
    (own / "mytool.toml").unlink()
    assert command("patterns", "list").err == ""


def test_the_doctor_finds_all_well(command: Command, home: Path) -> None:
    code, out, err = command("doctor", "--offline")
    assert (code, err) == (0, "")
    assert "not asked (--offline)" in out
    assert out.endswith("0 problems, 0 remarks. Everything works.\n")
    (home / "a.log").write_bytes(FAILING)
    command("--log", "a.log")
    assert "1 patterns in " in command("doctor", "--offline").out


@pytest.mark.parametrize(
    ("env", "told"),
    [
        ({"CI_DIAGNOSE_REQUESTS": "many"}, "CI_DIAGNOSE_REQUESTS"),
        ({"CI_DIAGNOSE_MEMORY_FOLDER": "/dev/null/x"}, "memory"),
    ],
)
def test_the_doctor_says_what_is_wrong(
    command: Command, monkeypatch: pytest.MonkeyPatch, env: dict[str, str], told: str
) -> None:
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    code, out, _ = command("doctor", "--offline")
    assert code == 1
    assert told in out
    assert "1 problem, " in out
    assert "Logs on disk can be diagnosed all the same." in out
    assert "try: " in out


def test_the_doctor_does_not_fall_ill(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diagnose.cli.doctor._rules", lambda: 1 / 0)
    monkeypatch.setenv("CI_DIAGNOSE_MEMORY", "false")
    code, out, _ = command("doctor", "--offline")
    assert code == 1
    assert "ZeroDivisionError" in out
    assert "memory    off" in out


def test_why_a_rule_does_not_fire_is_said(command: Command, home: Path) -> None:
    (home / "a.log").write_bytes(FAILING)
    hit = command("patterns", "try", "a.log", "--rule", "pytest/failed-summary").out
    missed = (
        command("patterns", "try", "a.log", "--rule", "go/vet").out
        if "go/vet" in command("patterns", "list", "--tool", "go").out
        else "x"
    )
    assert hit.strip()
    assert missed.strip()
    assert SENTENCE not in missed
