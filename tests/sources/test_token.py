from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest

from diagnose.kit.process import Completed
from diagnose.sources.github.token import Token, find_token, gh_host
from diagnose.sources.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SECRET = "ghs_1234567890_invented.jwt-like_and_opaque"

pytestmark = pytest.mark.anyio


class Gh:
    """Stands for `gh auth token`."""

    def __init__(self, done: Completed) -> None:
        self.done = done
        self.env: Mapping[str, str] = {}
        self.argv: Sequence[str] = ()

    async def __call__(self, argv: Sequence[str], *, timeout: float, env: Mapping[str, str]) -> Completed:  # noqa: ASYNC109 - as in kit.process
        self.argv, self.env = argv, env
        return self.done


GIVEN = {
    "GH_TOKEN before GITHUB_TOKEN": ({"GH_TOKEN": SECRET, "GITHUB_TOKEN": "other"}, Completed("not-found"), "GH_TOKEN"),
    "an empty one is none": ({"GH_TOKEN": "  ", "GITHUB_TOKEN": SECRET + "\n"}, Completed("not-found"), "GITHUB_TOKEN"),
    "gh": ({}, Completed("ended", 0, SECRET.encode() + b"\n"), "gh auth token"),
    "gh is logged out": ({}, Completed("ended", 1, b"", b"no oauth token"), None),
    "gh hangs": ({}, Completed("timeout"), None),
    "gh is not there": ({}, Completed("not-found"), None),
    "gh says nothing": ({}, Completed("ended", 0, b"\n"), None),
}


@pytest.mark.parametrize("name", GIVEN)
async def test_where_the_token_comes_from(name: str) -> None:
    env, done, source = GIVEN[name]
    found = await find_token(env, Gh(done))
    if source is None:
        assert found is None
    else:
        assert isinstance(found, Token)
        assert (found.source, found.header()) == (source, f"Bearer {SECRET}")


@pytest.mark.parametrize("value", [f"{SECRET}\nX-Evil: 1", f"{SECRET} x", f"{SECRET}é", f"{SECRET}\x00"])
async def test_a_value_that_no_header_holds_is_refused_and_not_shown(value: str) -> None:
    found = await find_token({"GITHUB_TOKEN": value}, Gh(Completed("not-found")))
    assert isinstance(found, Refusal)
    assert SECRET[:12] not in repr(found)
    assert found.remedy == "set GITHUB_TOKEN again"


async def test_gh_gets_a_plain_environment() -> None:
    runner = Gh(Completed("not-found"))
    await find_token(
        {"PATH": "/bin", "AWS_SECRET_ACCESS_KEY": "x", "GH_CONFIG_DIR": "/c"}, runner, host="ghe.example.com"
    )
    assert runner.env == {"PATH": "/bin", "GH_CONFIG_DIR": "/c"}
    assert runner.argv == ["gh", "auth", "token", "--hostname", "ghe.example.com"]


async def test_a_token_shows_itself_nowhere() -> None:
    token = Token(SECRET, "GH_TOKEN")
    assert SECRET not in f"{token!r} {token!s} {token}"
    assert repr(token) == "***"
    with pytest.raises(TypeError):
        pickle.dumps(token)


@pytest.mark.parametrize(
    ("api_url", "host"),
    [
        ("https://api.github.com", "github.com"),
        ("https://ghe.example/api/v3", "ghe.example"),
        ("https://ghe.example/api/v3/", "ghe.example"),
        ("https://api.acme.ghe.com", "acme.ghe.com"),
        ("https://127.0.0.1:8443", "127.0.0.1"),
        ("no address", "github.com"),
    ],
)
def test_gh_is_asked_for_the_token_of_the_server_that_gets_it(api_url: str, host: str) -> None:
    assert gh_host(api_url) == host
