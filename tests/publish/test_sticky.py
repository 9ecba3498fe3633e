"""Keys and markers: what a comment is known by."""

from __future__ import annotations

import re

import pytest

from diagnose.publish.sticky import failed, key_of, passes, read, same
from diagnose.render.foot import Foot
from diagnose.render.interface import View
from tests.render.samples import SAMPLES, TABLE, passed, pytest_pair

VIEW = View(reliability=TABLE)
FOOT = Foot("a" * 40, "https://github.com/acme/app/actions/runs/7", kept=True)
BODY = failed(pytest_pair(), VIEW, "ci.yml", FOOT)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("ci.yml", "ci.yml"),
        ("Build", "Build"),
        ("my-tests.yaml", "my-tests.yaml"),
        ("a--b.yml", "a-b.yml"),
        ("a b.yml", "a-b.yml"),
        ("--> x", "x"),
        ("ü", ""),
        ("x" * 90, "x" * 48),
    ],
)
def test_a_key_is_safe_and_two_names_stay_apart(name: str, key: str) -> None:
    made = key_of(name)
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,64}", made)
    assert "--" not in made
    assert made == key if made == name else made.startswith(key)
    assert (made == name) == (key == name)
    assert key_of("a b.yml") != key_of("a--b.yml")


@pytest.mark.parametrize(
    "body",
    [
        None,
        "",
        "x",
        "\n" + BODY,
        " " + BODY,
        BODY.replace("v1", "v2"),
        BODY.replace("key=ci.yml", "key=other"),
        BODY.replace(" made=", " made=x"),
        BODY.replace("state=failed", "state=red"),
        BODY.replace(" -->", " --> x"),
        "<!-- ci-diagnose:v1 -->\n**CI failed.**",
    ],
)
def test_what_is_no_comment_of_ours(body: str | None) -> None:
    assert read(body, "ci.yml") is None


def test_ours_is_read_back() -> None:
    old = read(BODY, "ci.yml")
    assert old is not None
    assert old.state == "failed"
    assert old.text.startswith("**CI failed: 2 tests, one cause.**")
    assert same(BODY, old)
    assert same(BODY.replace("11:29 UTC", "23:59 UTC"), old)
    assert not same(BODY.replace("25 min", "26 min"), old)
    assert BODY.endswith(
        "<sub>aaaaaaa · 11:29 UTC · one comment, kept up to date · [full report](https://github.com/acme/app/actions/runs/7)</sub>\n"
    )


@pytest.mark.parametrize("name", [name for name in SAMPLES if name not in ("12-passed", "14-nothing-found")])
def test_every_comment_can_be_folded(name: str) -> None:
    old = read(failed(SAMPLES[name](), VIEW, "pr", FOOT), "pr")
    assert old is not None
    body = passes(passed(), old, "pr", FOOT)
    again = read(body, "pr")
    assert again is not None
    assert (again.state, bool(again.text)) == ("passed", True)
    assert body.count("<details>") == body.count("</details>") == 1
    assert body.count("```") % 2 == 0
    assert body.split("\n")[1].startswith("**CI passes again** at aaaaaaa.")
    assert len(body) < 1500


@pytest.mark.parametrize(
    "foot",
    [
        Foot("not a commit"),
        Foot("a" * 39),
        Foot("A" * 40),
        Foot(report="javascript:alert(1)"),
        Foot(report="https://x/](y)"),
        Foot(report="https://github.com/a b"),
        Foot(report="https://github.com/<x>"),
    ],
)
def test_only_a_commit_is_named_and_only_an_address_linked(foot: Foot) -> None:
    body = failed(pytest_pair(), VIEW, "pr", foot)
    assert "full report" not in body
    assert "<sub>` acme/press PR 1348 `" in body
