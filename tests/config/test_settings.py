"""Settings: where each value comes from, which wins, and what is refused."""

from __future__ import annotations

import os
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import pytest

from diagnose.config import ConfigError, Settings, load

if TYPE_CHECKING:
    from pathlib import Path

SOURCES = ["user", "project", "env", "flag"]


def put(place: Path, source: str, name: str, value: str) -> dict[str, Any]:
    """Write one value to one source; what `load` is to be given for it."""
    if source == "user":
        (place / "user.toml").write_text(f"{name} = {value}\n")
    elif source == "project":
        (place / "pyproject.toml").write_text(f"[project]\nname = 'x'\n\n[tool.ci-diagnose]\n{name} = {value}\n")
    elif source == "env":
        return {"env": {f"CI_DIAGNOSE_{name.upper()}": value}}
    else:
        return {"flags": {name: float(value)}}
    return {}


@pytest.mark.parametrize("last", range(len(SOURCES)))
def test_the_later_source_wins_and_is_named(tmp_path: Path, last: int) -> None:
    told: dict[str, Any] = {"env": {}}
    for place, source in enumerate(SOURCES[: last + 1]):
        told |= put(tmp_path, source, "escalate_below", f"0.{place + 1}")
    settings, origins = load(folder=tmp_path, user_file=tmp_path / "user.toml", **told)
    assert settings.escalate_below == (last + 1) / 10
    assert (
        origins["escalate_below"].source
        == ["user.toml:1", "pyproject.toml:5", "CI_DIAGNOSE_ESCALATE_BELOW", "--escalate-below"][last]
    )
    assert origins["requests"].source == "default"


def test_sources_add_up(tmp_path: Path) -> None:
    put(tmp_path, "user", "requests", "7")
    put(tmp_path, "project", "escalate-over-minutes", "90")
    env = {"CI_DIAGNOSE_MEMORY": "no", "CI_DIAGNOSE_PLAIN": "1", "CI_OTHER": "x"}
    settings, origins = load(
        env=env, folder=tmp_path, user_file=tmp_path / "user.toml", flags={"color": "never", "plain": None}
    )
    assert settings == Settings(requests=7, escalate_over_minutes=90, memory=False, plain=True, color="never")
    assert origins["color"].source == "--color"
    assert origins["plain"].source == "CI_DIAGNOSE_PLAIN"


@pytest.mark.parametrize(
    ("name", "value", "left_out"),
    [
        ("requests", "7", False),
        ("discoveries", "'docs/KNOWN.md'", False),
        ("discoveries", "'../KNOWN.md'", True),
        ("discoveries", "'/home/me/.profile'", True),
        ("discoveries", "'~/.profile'", True),
        ("api_url", "'https://evil.example'", True),
        ("memory-folder", "'/tmp/x'", True),
        ("own_job", "'1'", True),
    ],
)
def test_a_checkout_says_neither_where_the_token_goes_nor_what_is_written(
    tmp_path: Path, name: str, value: str, *, left_out: bool
) -> None:
    put(tmp_path, "project", name, value)
    settings, origins = load(env={}, folder=tmp_path, user_file=None)
    origin = origins[name.replace("-", "_")]
    assert (origin.left_out, origin.source) == (
        ("pyproject.toml:5", "default") if left_out else ("", "pyproject.toml:5")
    )
    assert (settings == Settings()) is left_out
    put(tmp_path, "user", name, value)
    assert load(env={}, folder=tmp_path, user_file=tmp_path / "user.toml")[0] != Settings()


def test_nothing_told_is_the_defaults(tmp_path: Path) -> None:
    settings, origins = load(env={}, folder=tmp_path, user_file=tmp_path / "none.toml")
    assert settings == Settings()
    assert {origin.source for origin in origins.values()} == {"default"}
    assert load(env={}, folder=None, user_file=None)[0] == Settings()
    assert all(each.metadata["meaning"].endswith(".") for each in fields(Settings))


def test_the_project_is_looked_for_upwards_to_the_root_of_its_checkout(tmp_path: Path) -> None:
    put(tmp_path, "project", "requests", "9")
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert load(env={}, folder=inner, user_file=None)[0].requests == 9
    (inner / "pyproject.toml").write_text("[project]\nname = 'no table of ours'\n")
    assert load(env={}, folder=inner, user_file=None)[0].requests == 9
    (tmp_path / "a" / ".git").mkdir()
    assert load(env={}, folder=inner, user_file=None)[0].requests == Settings().requests


def test_a_file_of_its_own_goes_before_pyproject(tmp_path: Path) -> None:
    put(tmp_path, "project", "requests", "9")
    (tmp_path / ".ci-diagnose").mkdir()
    (tmp_path / ".ci-diagnose" / "config.toml").write_text("# ours\nrequests = 11\n")
    settings, origins = load(env={}, folder=tmp_path, user_file=None)
    assert (settings.requests, origins["requests"].source) == (11, ".ci-diagnose/config.toml:2")


UNKNOWN = [
    (
        "escalate_belov",
        'unknown key "escalate_belov"{table}. Did you mean "escalate_below"? Nothing was run.',
    ),
    ("request", 'Did you mean "requests"?'),
    ("colour", 'Did you mean "color"?'),
    ("zzz", 'unknown key "zzz"{table}. Nothing was run. try: ci-diagnose config show'),
]


@pytest.mark.parametrize(("name", "told"), UNKNOWN)
@pytest.mark.parametrize(
    ("source", "where"), [("user", "user.toml:1: "), ("project", "pyproject.toml:5: "), ("env", "CI_DIAGNOSE_")]
)
def test_an_unknown_key_names_its_place_and_the_nearest(
    tmp_path: Path, source: str, where: str, name: str, told: str
) -> None:
    more = {"env": {}} | put(tmp_path, source, name, "1")
    with pytest.raises(ConfigError) as raised:
        load(folder=tmp_path, user_file=tmp_path / "user.toml", **more)
    assert str(raised.value).startswith(where)
    table = " in [tool.ci-diagnose]" if source == "project" else ""
    assert told.format(table=table) in str(raised.value)


BAD = [
    ("escalate_below", "70", "Did you mean 0.70?"),
    ("escalate_below", "-1", "it should be greater than or equal to 0"),
    ("escalate_below", "170", "it should be less than or equal to 1."),
    ("escalate_below", "'high'", "it should be a valid number"),
    ("escalate_below", "nan", "it should be"),
    ("requests", "0", "it should be greater than or equal to 1"),
    ("requests", "1.5", "integer"),
    ("requests", "99999", "it should be less than or equal to 5000"),
    ("checks_deadline", "0", "it should be greater than 0"),
    ("checks_deadline", "inf", "finite"),
    ("memory", "'perhaps'", "boolean"),
    ("color", "'blue'", "'auto', 'always' or 'never'"),
    ("output_format", "3", "string"),
]


@pytest.mark.parametrize(("name", "value", "told"), BAD)
@pytest.mark.parametrize(("source", "where"), [("user", "user.toml:1="), ("env", "CI_DIAGNOSE_")])
def test_a_value_that_does_not_fit_is_refused_with_its_place(
    tmp_path: Path, source: str, where: str, name: str, value: str, told: str
) -> None:
    if source == "env" and name == "output_format":
        pytest.skip("every value of the environment is a string")
    more = {"env": {}} | put(tmp_path, source, name, value if source == "user" else value.strip("'"))
    with pytest.raises(ConfigError) as raised:
        load(folder=tmp_path, user_file=tmp_path / "user.toml", **more)
    assert str(raised.value).startswith(where)
    assert told in str(raised.value)
    assert f"does not fit {name}" in str(raised.value)


@pytest.mark.parametrize("text", [b"a = [", b"\xff\xfe", b"a = 1\na = 2"])
def test_a_file_that_is_no_toml_is_refused_with_its_name(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "user.toml").write_bytes(text)
    with pytest.raises(ConfigError, match=r"user\.toml.* try: mend"):
        load(env={}, folder=None, user_file=tmp_path / "user.toml")


@pytest.mark.parametrize(
    "text", ["tool = 3\n[tool2]\nx = '[tool.ci-diagnose]'\n", "[tool]\nci-diagnose = 3\n# [tool.ci-diagnose]\n"]
)
def test_a_project_file_of_odd_shape_is_refused_or_ignored(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(ConfigError, match="is not a table"):
        load(env={}, folder=tmp_path, user_file=None)


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "user.toml").mkdir()
    with pytest.raises(ConfigError, match="cannot read"):
        load(env={}, folder=None, user_file=tmp_path / "user.toml")


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser reads every file")
def test_a_project_file_that_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    put(tmp_path, "project", "requests", "9")
    (tmp_path / "pyproject.toml").chmod(0)
    assert load(env={}, folder=tmp_path, user_file=None)[0] == Settings()


def test_a_project_file_in_another_encoding_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b"# caf\xe9\n[tool.ci-diagnose]\nrequests = 9\n")
    assert load(env={}, folder=tmp_path, user_file=None)[0] == Settings()
