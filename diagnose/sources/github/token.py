"""Where the token comes from, and the object that keeps it from being printed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from diagnose.model.text import phrase
from diagnose.sources.github.address import origin_of
from diagnose.sources.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from diagnose.kit.process import Completed

VARIABLES: Final = ("GH_TOKEN", "GITHUB_TOKEN")
GH_SECONDS: Final = 10.0
GH_ENVIRONMENT: Final = (
    "GH_CONFIG_DIR",
    "GH_HOST",
    "XDG_CONFIG_HOME",
    "XDG_STATE_HOME",
    "XDG_DATA_HOME",
    "DBUS_SESSION_BUS_ADDRESS",
    "DISPLAY",
)


class Run(Protocol):
    """A process runner: `diagnose.kit.process.run` or a test's."""

    async def __call__(self, argv: Sequence[str], *, timeout: float, env: Mapping[str, str]) -> Completed:  # noqa: ASYNC109 - as in kit.process
        """Run `argv` to its end."""


class Token:
    """A token and where it came from. Its value is in no repr, no message and no pickle; equality is identity."""

    __slots__ = ("_value", "source")

    def __init__(self, value: str, source: str) -> None:
        self._value = value
        self.source = source

    def __repr__(self) -> str:
        return "***"

    def __reduce__(self) -> str:
        raise TypeError("a token is not written down")

    def header(self) -> str:
        """Return the value of the Authorization header: for the client alone."""
        return f"Bearer {self._value}"

    def seal(self, purpose: bytes) -> bytes:
        """Make a key of the token that nobody without it can make, and from which it cannot be had back."""
        import hashlib
        import hmac

        return hmac.new(self._value.encode(), purpose, hashlib.sha256).digest()


def make_token(value: str, source: str) -> Token | Refusal | None:
    """Wrap a value of any shape; None when it is empty, a Refusal when no header can hold it. Neither shows it."""
    value = value.strip()
    if not value:
        return None
    if not value.isascii() or not value.isprintable() or " " in value:
        message = phrase(
            f"the token from {source} holds a space, a line break or a letter that no token has. Its value is not shown."
        )
        return Refusal("bad-token", message, f"set {source} again" if source in VARIABLES else "gh auth login")
    return Token(value, source)


def gh_host(api_url: str) -> str:
    """Name the host whose token `gh` is asked for: that of the API, so that no server gets another one's token."""
    origin = origin_of(api_url)
    if origin is None:
        return "github.com"  # the address is refused before anything is sent
    return origin[1] if api_url.rstrip("/").endswith("/api/v3") else origin[1].removeprefix("api.")


async def find_token(env: Mapping[str, str], run: Run, *, host: str = "github.com") -> Token | Refusal | None:
    """Find the token: GH_TOKEN, GITHUB_TOKEN, then `gh auth token` (for `host`); None when there is none."""
    for name in VARIABLES:
        found = make_token(env.get(name, ""), name)
        if found is not None:
            return found
    from diagnose.kit.process import plain_environment

    done = await run(
        ["gh", "auth", "token", "--hostname", host], timeout=GH_SECONDS, env=plain_environment(env, also=GH_ENVIRONMENT)
    )
    if done.status != "ended" or done.returncode != 0:
        return None
    return make_token(done.stdout.decode("utf-8", "replace"), "gh auth token")
