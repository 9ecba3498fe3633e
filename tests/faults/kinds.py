"""What can go wrong with one endpoint of GitHub: each kind by name, as faults of the small server on the loopback."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tests.conftest import NOON
from tests.support.fake_github import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

STALL = 30.0
"""Seconds that a server keeps silent: far longer than the client is told to wait."""

JSON_BYTES = 3 << 20


@dataclass(frozen=True)
class Kind:
    """One way to go wrong. faults: without a place, which the endpoint gives. slow: it takes the client's patience to notice.

    only: "json" for endpoints that answer JSON, "stream" for those that give files, "list" for lists with pages, "" for all.
    """

    name: str
    faults: tuple[Fault, ...]
    slow: bool = False
    only: str = ""

    @property
    def ends_all(self) -> bool:
        """Whether nothing more is asked after it: then what comes depends on what was under way."""
        return (
            self.name.startswith(("401", "403 primary", "403 secondary", "403 abuse", "429"))
            and "once" not in self.name
        )

    def at(self, where: str, on: str, method: str = "") -> list[Fault]:
        """Return the faults at an endpoint."""
        return [replace(fault, where=where, on=on, method=method) for fault in self.faults]


def reset(seconds: int) -> str:
    return str(int(NOON.timestamp()) + seconds)


def message(words: str) -> bytes:
    return json.dumps({"message": words, "documentation_url": "https://docs.github.com/rest"}).encode()


def status(code: int, words: str = "", **headers: str) -> tuple[Fault, ...]:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return (Fault("", status=code, body=message(words or f"status {code}"), headers=given),)


def given(body: bytes | str, code: int = 200, times: int | None = None, **headers: str) -> tuple[Fault, ...]:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return (Fault("", status=code, body=body.encode() if isinstance(body, str) else body, headers=sent, times=times),)


def broken(kind: str, times: int | None = None) -> tuple[Fault, ...]:
    return (Fault("", kind, times=times, seconds=STALL),)


def changed(change: Callable[[Any, dict[str, str]], Any]) -> tuple[Fault, ...]:
    return (Fault("", "change", change=change),)


def as_texts(body: Any, _query: dict[str, str]) -> Any:
    """Every number of an answer as a text: what a careless proxy does."""
    if isinstance(body, dict):
        return {name: as_texts(each, {}) for name, each in body.items()}
    if isinstance(body, list):
        return [as_texts(each, {}) for each in body]
    return str(body) if isinstance(body, int) and not isinstance(body, bool) else body


def without_fields(body: Any, _query: dict[str, str]) -> Any:
    """Objects without their fields."""
    if isinstance(body, list):
        return [{} for _ in body]
    return (
        {name: [{} for _ in each] for name, each in body.items() if isinstance(each, list)}
        if isinstance(body, dict)
        else body
    )


def with_nulls(body: Any, _query: dict[str, str]) -> Any:
    """Null where a list or an object was."""
    if isinstance(body, dict):
        return {name: None if isinstance(each, dict | list) else each for name, each in body.items()}
    return None


def counted_more(body: Any, _query: dict[str, str]) -> Any:
    """A list that says it is longer than what comes."""
    return (
        {**body, "total_count": body["total_count"] + 7} if isinstance(body, dict) and "total_count" in body else body
    )


def nothing_of_many(body: Any, _query: dict[str, str]) -> Any:
    """A list that says how long it is and holds nothing."""
    if isinstance(body, dict) and "total_count" in body:
        return {name: [] if isinstance(each, list) else max(1, each) for name, each in body.items()}
    return body


def twice(body: Any, _query: dict[str, str]) -> Any:
    """A list with each item twice, as when it has moved by a page meanwhile."""
    if isinstance(body, dict) and "total_count" in body:
        return {name: each + each if isinstance(each, list) else each * 2 for name, each in body.items()}
    return body


def huge_numbers(body: Any, _query: dict[str, str]) -> Any:
    """Ids far beyond what any machine's integers hold."""
    text = json.dumps(body).replace('"id": ', '"id": 9' + "9" * 5000)
    return text.encode()


ODD_LINKS = {
    "next page at another origin": '<https://evil.example.com/?page=2>; rel="next"',
    "next page is no address": '<http://[::1>; rel="next"',
}
LIMITED = {"X_RateLimit_Limit": "1000", "X_RateLimit_Remaining": "0"}
SSO = "required; url=https://github.com/orgs/acme/sso?authorization_request=SIGNEDVALUE"
SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."

KINDS: tuple[Kind, ...] = (
    Kind("400", status(400)),
    Kind("401 bad credentials", status(401, "Bad credentials")),
    Kind("403 resource not accessible by integration", status(403, "Resource not accessible by integration")),
    Kind("403 must have admin rights", status(403, "Must have admin rights to Repository.")),
    Kind("403 single sign-on", status(403, "Resource protected by organization SAML enforcement.", X_GitHub_SSO=SSO)),
    Kind("403 IP allow list", status(403, "the `acme` organization has an IP allow list enabled")),
    Kind("403 as a page of HTML", given("<html><h1>Forbidden</h1></html>", 403, Content_Type="text/html")),
    Kind(
        "403 primary limit, 23 minutes",
        status(403, "API rate limit exceeded", **LIMITED, X_RateLimit_Reset=reset(1380)),
    ),
    Kind(
        "403 primary limit, reset has passed",
        status(403, "API rate limit exceeded", **LIMITED, X_RateLimit_Reset=reset(-60)),
    ),
    Kind(
        "403 primary limit, no reset told", status(403, "API rate limit exceeded", **LIMITED, X_RateLimit_Reset="soon")
    ),
    Kind("403 secondary limit with Retry-After", status(403, SECONDARY, Retry_After="30")),
    Kind("403 secondary limit without", status(403, SECONDARY)),
    Kind("403 abuse detection", status(403, "You have triggered an abuse detection mechanism.")),
    Kind("403 secondary limit, once", (replace(status(403, SECONDARY, Retry_After="5")[0], times=1),)),
    Kind("404", status(404, "Not Found")),
    Kind(
        "404 as XML of a store",
        given("<?xml version='1.0'?><Error><Code>BlobNotFound</Code></Error>", 404, Content_Type="application/xml"),
    ),
    Kind("406", status(406)),
    Kind("409", status(409, "Git Repository is empty.")),
    Kind("410", status(410, "Server Error")),
    Kind("422", status(422, "Validation Failed")),
    Kind("429 with Retry-After", status(429, "slow down", Retry_After="5")),
    Kind("429 with Retry-After of a day", status(429, "slow down", Retry_After="86400")),
    Kind("429 with Retry-After that is a date", status(429, "slow down", Retry_After="Sat, 21 Nov 2026 12:00:00 GMT")),
    Kind("429 without Retry-After", status(429, "slow down")),
    Kind("451", status(451, "Repository unavailable due to DMCA takedown.")),
    Kind("500", status(500, "Server Error")),
    Kind("502 as a page of HTML", given("<html><h1>502 Bad Gateway</h1></html>", 502, Content_Type="text/html")),
    Kind("503 with Retry-After of an hour", status(503, "Unavailable", Retry_After="3600")),
    Kind("503, once", (replace(status(503)[0], times=1),)),
    Kind("504, twice", (replace(status(504)[0], times=2),)),
    Kind("closed without an answer", broken("drop")),
    Kind("closed without an answer, once", broken("drop", 1)),
    Kind("connection reset", broken("reset")),
    Kind("cut in the middle", broken("cut")),
    Kind("cut in the middle, once", broken("cut", 1)),
    Kind("cut where no length is told", broken("unframed")),
    Kind("not HTTP", broken("noise")),
    Kind("silence", broken("stall"), slow=True),
    Kind("silence, once", broken("stall", 1), slow=True),
    Kind("silence in the middle", broken("stall-half"), slow=True),
    Kind("a byte now and then", broken("trickle"), slow=True),
    Kind("HTML with 200", given("<!DOCTYPE html><html>Sign in to the proxy</html>", Content_Type="text/html")),
    Kind("200 with nothing", given(b""), only="json"),
    Kind("204", given(b"", 204)),
    Kind("304 that nobody asked for", given(b"", 304)),
    Kind("JSON null", given("null"), only="json"),
    Kind("an empty object", given("{}"), only="json"),
    Kind("a text", given('"ok"'), only="json"),
    Kind("numbers as texts", changed(as_texts), only="json"),
    Kind("objects without fields", changed(without_fields), only="json"),
    Kind("null for lists and objects", changed(with_nulls), only="json"),
    Kind("ids of 5,000 digits", changed(huge_numbers), only="json"),
    Kind("JSON 100,000 deep", given("[" * 100_000), only="json"),
    Kind("bytes that are no UTF-8", given(b'{"total_count": 1, "name": "\xff\xfe"}'), only="json"),
    Kind("more bytes than are taken", given(b"[" + b" " * JSON_BYTES + b"]")),
    Kind("gzip that is none", given(b"no gzip", Content_Encoding="gzip")),
    Kind("redirect within the API", (Fault("", "self", status=307, body=b"", times=1),)),
    Kind("redirect to another origin that answers", (Fault("", "elsewhere"),), only="json"),
    Kind("redirect to a private address", given(b"", 302, Location="https://169.254.169.254/latest/meta-data")),
    Kind("redirect to a file", given(b"", 302, Location="file:///etc/passwd")),
    Kind("redirect with a user in it", given(b"", 302, Location="https://u:p@api.github.com/")),
    Kind("redirect in a circle", (Fault("", "self", status=301, body=b""),)),
    Kind("redirect to nowhere", given(b"", 302)),
    Kind("a cookie", (Fault("", "header", headers={"Set-Cookie": "session=SIGNEDVALUE; Path=/"}),)),
    Kind("a header of 200,000 bytes", (Fault("", "header", headers={"X-Long": "x" * 200_000}),)),
    Kind("next page is the same page", (Fault("", "same"),), only="list"),
    Kind("pages without an end", (Fault("", "endless"),), only="list"),
    *(Kind(name, (Fault("", "header", headers={"Link": link}),), only="list") for name, link in ODD_LINKS.items()),
    Kind("a list that moves between its pages", changed(twice), only="list"),
    Kind("a list that counts more than it gives", changed(counted_more), only="list"),
    Kind("a list that counts and gives nothing", changed(nothing_of_many), only="list"),
)
