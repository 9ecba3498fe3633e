"""One request as it is sent, and what is read of an answer beside its value."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

import httpx

from diagnose.sources.github.trouble import Trouble

if TYPE_CHECKING:
    import ssl

    from pydantic import ValidationError

    from diagnose.sources.github.kept import Kept

JSON: Final = "application/vnd.github+json"
RAW: Final = "application/vnd.github.raw+json"
MESSAGE_BYTES: Final = 64 << 10
CHUNK: Final = 1 << 20

Method = Literal["GET", "POST", "PATCH", "DELETE"]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. body: JSON to send, None for none. again: whether it may be sent twice when it is not known what came of it.

    kept: the reply that the same request gave before.
    """

    url: str
    accept: str = JSON
    method: Method = "GET"
    body: bytes | None = None
    again: bool = True
    kept: Kept | None = None

    def headers(self) -> dict[str, str]:
        """Return the headers of its own."""
        more = {"If-None-Match": self.kept.etag} if self.kept else {}
        return {
            "Accept": self.accept,
            **more,
            **({"Content-Type": "application/json"} if self.body is not None else {}),
        }


@lru_cache(maxsize=4)
def trust(from_environment: bool, file: str | None, folder: str | None) -> ssl.SSLContext:  # noqa: FBT001 - a cache key
    """Read the certificates that are trusted: 20 ms, once. file, folder: the variables that say where they are."""
    del file, folder
    return httpx.create_ssl_context(trust_env=from_environment)


def unfit(response: httpx.Response) -> Trouble | None:
    """Tell why an answer is no file, whatever is in it: a page that asks for a password, or one whose end cannot be told from a cut."""
    if response.headers.get("content-type", "").lower().startswith("text/html"):
        return Trouble("bad-reply", response.status_code, "HTML")
    if not {"content-length", "transfer-encoding"} & set(response.headers) and response.http_version != "HTTP/2":
        return Trouble("bad-reply", response.status_code, "no length, so that a cut cannot be told from the end")
    return None


async def message(response: httpx.Response) -> str:
    """Return the `message` of an error's JSON, "" when there is none; only ever searched for known words."""
    body = b""
    async for chunk in response.aiter_bytes(CHUNK):
        body += chunk
        if len(body) > MESSAGE_BYTES:
            return ""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    said = found.get("message") if isinstance(found, dict) else None
    return said if isinstance(said, str) else ""


def wrong(problem: ValidationError) -> str:
    """Say which field has the wrong shape, by our own names: nothing of the reply is quoted."""
    first = problem.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(part if isinstance(part, str) and part.isidentifier() else "0" for part in first["loc"][:6])
    return "not JSON" if first["type"] == "json_invalid" else f"the field {where or 'at the top'} has another shape"
