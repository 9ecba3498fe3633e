from __future__ import annotations

import logging
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import httpx
import pytest
import respx

from diagnose.kit.clock import Clock
from diagnose.sources.github.address import Base, read_base
from diagnose.sources.github.client import Client
from diagnose.sources.github.limits import Limits
from diagnose.sources.github.replies import Jobs, Repository
from diagnose.sources.github.token import Token
from diagnose.sources.github.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
API = "https://api.github.com"
STORE = "https://results.blob.core.windows.net/x.txt?sig=SIGNED"
SECRET = "ghs_invented_and_opaque"
HOME = {"id": 1, "full_name": "acme/app", "default_branch": "main"}
LIMITED = {"x-ratelimit-limit": "5000", "x-ratelimit-remaining": "0"}

pytestmark = pytest.mark.anyio


class Sleeper:
    """Remembers how long it was asked to wait and waits for nothing."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.waits.append(seconds)


@asynccontextmanager
async def client_of(
    sleeper: Sleeper, *, budget: int = 300, limits: Limits | None = None, token: bool = True
) -> AsyncIterator[Client]:
    base = read_base(API)
    assert isinstance(base, Base)
    clock = Clock(lambda: NOW, lambda: 0.0)
    held = Token(SECRET, "GITHUB_TOKEN") if token else None
    async with Client(base, held, clock=clock, sleep=sleeper, budget=budget, limits=limits) as client:
        yield client


def epoch(seconds: float) -> str:
    return str(int((NOW + timedelta(seconds=seconds)).timestamp()))


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


FAILURES = {
    "bad credentials": ([httpx.Response(401)], "unauthorized", []),
    "no right": ([httpx.Response(403, json={"message": "Resource not accessible by integration"}, headers={"x-ratelimit-remaining": "7"})], "denied", []),
    "primary limit, far": ([httpx.Response(403, headers={**LIMITED, "x-ratelimit-reset": epoch(1380)})], "rate-limited", []),
    "primary limit as 429": ([httpx.Response(429, headers={**LIMITED, "x-ratelimit-reset": epoch(1380)})], "rate-limited", []),
    "primary limit without a reset": ([httpx.Response(403, headers=LIMITED)] * 3, "rate-limited", [61.0, 61.0]),
    "retry-after over the cap": ([httpx.Response(429, headers={"retry-after": "3600"})], "rate-limited", []),
    "retry-after each time": ([httpx.Response(403, headers={"retry-after": "7"})] * 3, "rate-limited", [8.0, 8.0]),
    "secondary, twice too long": ([httpx.Response(403, json={"message": "You have exceeded a secondary rate limit."})] * 2, "rate-limited", [61.0]),
    "abuse detection": ([httpx.Response(403, json={"message": "You have triggered an abuse detection mechanism."})] * 2, "rate-limited", [61.0]),
    "429 with HTML": ([httpx.Response(429, html="<h1>slow down</h1>")] * 2, "rate-limited", [61.0]),
    "403 with a list": ([httpx.Response(403, json=["rate limit"])], "denied", []),
    "403 with a long text": ([httpx.Response(403, text="x" * 70_000)], "denied", []),
    "not there": ([httpx.Response(404)], "not-found", []),
    "gone": ([httpx.Response(410)], "gone", []),
    "unprocessable": ([httpx.Response(422)], "refused", []),
    "no content": ([httpx.Response(204)], "bad-reply", []),
    "not modified, though nothing was asked so": ([httpx.Response(304)], "bad-reply", []),
    "closed by law": ([httpx.Response(451)], "denied", []),
    "server, soon well": ([httpx.Response(503, headers={"retry-after": "7"})] * 3, "server", [7.0, 7.0]),
    "server, not for long": ([httpx.Response(503, headers={"retry-after": "3600"})], "server", []),
    "server, always": ([httpx.Response(502)] * 3, "server", [0.5, 1.0]),
    "HTML": ([httpx.Response(200, html="\n <html>Sign in</html>")], "bad-reply", []),
    "not JSON": ([httpx.Response(200, text="{")], "bad-reply", []),
    "deep JSON": ([httpx.Response(200, text="[" * 100_000)], "bad-reply", []),
    "another shape": ([httpx.Response(200, json={"id": "1", "full_name": "acme/app"})], "bad-reply", []),
    "a list": ([httpx.Response(200, json=[])], "bad-reply", []),
    "broken gzip": ([httpx.Response(200, stream=httpx.ByteStream(b"no gzip"), headers={"content-encoding": "gzip"})] * 3, "unreachable", [0.5, 1.0]),
}  # fmt: skip


@pytest.mark.parametrize("name", FAILURES)
async def test_a_failure_is_a_value_and_is_retried_only_where_that_helps(name: str) -> None:
    answers, kind, waits = FAILURES[name]
    sleeper = Sleeper()
    with respx.mock(assert_all_called=False) as mock:
        route = mock.get(f"{API}/repos/acme/app").mock(side_effect=answers)
        async with client_of(sleeper) as client:
            found = await client.get("/repos/acme/app", Repository)
    assert isinstance(found, Trouble)
    assert (found.kind, sleeper.waits, route.call_count) == (kind, waits, len(waits) + 1)
    assert SECRET not in repr(found)


@pytest.mark.parametrize(
    "problem", [httpx.ConnectError, httpx.ReadTimeout, httpx.RemoteProtocolError, httpx.ProxyError]
)
async def test_a_lost_connection_is_tried_three_times(problem: type[httpx.HTTPError]) -> None:
    sleeper = Sleeper()
    with respx.mock() as mock:
        route = mock.get(f"{API}/x").mock(side_effect=problem)
        async with client_of(sleeper) as client:
            found = await client.get("/x", Repository)
    assert found == Trouble("unreachable", detail=problem.__name__)
    assert route.call_count == 3


async def test_a_server_that_recovers_is_answered() -> None:
    with respx.mock() as mock:
        mock.get(f"{API}/x").mock(side_effect=[httpx.Response(503), httpx.ConnectError, httpx.Response(200, json=HOME)])
        async with client_of(Sleeper()) as client:
            assert isinstance(await client.get("/x", Repository), Repository)


async def test_after_a_limit_or_a_bad_token_nothing_more_is_asked() -> None:
    with respx.mock() as mock:
        route = mock.get(url__startswith=API).respond(401)
        async with client_of(Sleeper()) as client:
            first, second = await client.get("/a", Repository), await client.get("/b", Repository)
    assert first == second == Trouble("unauthorized", 401)
    assert route.call_count == 1


async def test_the_budget_ends_the_asking() -> None:
    with respx.mock() as mock:
        route = mock.get(url__startswith=API).respond(json=HOME)
        async with client_of(Sleeper(), budget=2) as client:
            found = [await client.get(f"/{name}", Repository) for name in "abc"]
            assert client.used == 2
    assert found[2] == Trouble("budget")
    assert route.call_count == 2


async def test_headers_of_a_request() -> None:
    with respx.mock() as mock:
        route = mock.get(f"{API}/x").respond(json=HOME)
        async with client_of(Sleeper()) as client:
            await client.get("/x", Repository)
    sent = route.calls.last.request.headers
    assert (sent["authorization"], sent["accept"]) == (f"Bearer {SECRET}", "application/vnd.github+json")
    assert (sent["x-github-api-version"], sent["user-agent"]) == ("2022-11-28", "ci-diagnose")


async def test_without_a_token_no_header_is_sent() -> None:
    with respx.mock() as mock:
        route = mock.get(f"{API}/x").respond(json=HOME)
        async with client_of(Sleeper(), token=False) as client:
            await client.get("/x", Repository)
    assert "authorization" not in route.calls.last.request.headers


async def test_the_token_does_not_go_to_the_store_and_its_address_is_not_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with respx.mock() as mock:
        mock.get(f"{API}/log").respond(302, headers={"location": STORE, "set-cookie": "a=b"})
        store = mock.get(STORE).respond(content=b"lines\n")
        async with client_of(Sleeper()) as client:
            assert await client.download("/log", tmp_path / "a.log") == 6
            assert client.used == 1
    sent = store.calls.last.request.headers
    assert not {"authorization", "cookie", "x-github-api-version"} & set(sent)
    assert "SIGNED" not in caplog.text
    assert names(tmp_path) == ["a.log"]


async def test_a_renamed_repository_is_followed_with_the_token() -> None:
    with respx.mock() as mock:
        mock.get(f"{API}/repos/acme/old").respond(301, headers={"location": "/repositories/1"})
        route = mock.get(f"{API}/repositories/1").respond(json=HOME)
        async with client_of(Sleeper()) as client:
            assert isinstance(await client.get("/repos/acme/old", Repository), Repository)
    assert route.calls.last.request.headers["authorization"] == f"Bearer {SECRET}"


async def test_the_token_does_not_come_back_once_it_has_left() -> None:
    with respx.mock() as mock:
        mock.get(f"{API}/x").respond(302, headers={"location": "https://elsewhere.example.com/"})
        mock.get("https://elsewhere.example.com/").respond(302, headers={"location": f"{API}/y"})
        route = mock.get(f"{API}/y").respond(json=HOME)
        async with client_of(Sleeper()) as client:
            await client.get("/x", Repository)
    assert "authorization" not in route.calls.last.request.headers


@pytest.mark.parametrize(
    "location",
    [
        "http://api.github.com/x",
        "https://u:p@example.com/",
        "https://127.0.0.1/",
        "https://169.254.169.254/latest",
        "file:///etc/passwd",
        "https://a b/",
        "//localhost/",
        "ftp://example.com/",
    ],
)
async def test_a_bad_redirect_is_refused(location: str) -> None:
    with respx.mock() as mock:
        mock.get(f"{API}/x").respond(302, headers={"location": location})
        async with client_of(Sleeper()) as client:
            assert await client.get("/x", Repository) == Trouble("redirect", 302)


async def test_a_redirect_that_is_no_address_is_a_value() -> None:
    with respx.mock() as mock:
        mock.get(f"{API}/x").respond(302, headers={"location": "https://[::1"})
        async with client_of(Sleeper()) as client:
            assert isinstance(await client.get("/x", Repository), Trouble)


async def test_a_circle_of_redirects_ends() -> None:
    with respx.mock() as mock:
        route = mock.get(f"{API}/x").respond(302, headers={"location": "/x"})
        async with client_of(Sleeper()) as client:
            assert await client.get("/x", Repository) == Trouble("redirect", 302)
    assert route.call_count <= 6


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(404, text="<Error><Code>BlobNotFound</Code></Error>"), "not-stored"),
        (httpx.Response(403), "unreachable"),
        (httpx.Response(500), "server"),
        (httpx.Response(200, content=b"x" * 2000), "too-large"),
    ],
)
async def test_a_store_that_does_not_give_leaves_no_file(tmp_path: Path, answer: httpx.Response, kind: str) -> None:
    limits = Limits(log_bytes=1000)
    with respx.mock() as mock:
        mock.get(f"{API}/log").respond(302, headers={"location": STORE})
        mock.get(STORE).mock(return_value=answer)
        async with client_of(Sleeper(), limits=limits) as client:
            found = await client.download("/log", tmp_path / "a.log")
    assert isinstance(found, Trouble)
    assert found.kind == kind
    assert names(tmp_path) == []


async def test_all_logs_together_are_bounded(tmp_path: Path) -> None:
    with respx.mock() as mock:
        mock.get(url__startswith=API).respond(content=b"x" * 60)
        async with client_of(Sleeper(), limits=Limits(all_logs_bytes=100)) as client:
            assert await client.download("/a", tmp_path / "a") == 60
            found = await client.download("/b", tmp_path / "b")
    assert isinstance(found, Trouble)
    assert found.kind == "too-large"


async def test_a_folder_that_cannot_be_written_is_a_value(tmp_path: Path) -> None:
    with respx.mock() as mock:
        mock.get(f"{API}/log").respond(content=b"x")
        async with client_of(Sleeper()) as client:
            found = await client.download("/log", tmp_path / "no such folder" / "a.log")
    assert isinstance(found, Trouble)
    assert found.kind == "disk"


async def test_a_long_answer_is_cut() -> None:
    with respx.mock() as mock:
        mock.get(f"{API}/x").respond(content=b"[" + b" " * 5000)
        async with client_of(Sleeper(), limits=replace(Limits(), json_bytes=1000)) as client:
            found = await client.get("/x", Repository)
            raw = await client.raw("/x")
    assert isinstance(found, Trouble)
    assert found.kind == "too-large"
    assert isinstance(raw, bytes)


PAGES = {
    "another origin": ('<https://evil.example.com/?page=2>; rel="next"', 1),
    "another port": ('<https://api.github.com:8443/?page=2>; rel="next"', 1),
    "plain http": ('<http://api.github.com/?page=2>; rel="next"', 1),
    "not an address": ('<http://[::1>; rel="next"', 0),
    "itself": ('<https://api.github.com/x?per_page=100>; rel="next"', 1),
}


@pytest.mark.parametrize("name", PAGES)
async def test_pages_that_lead_elsewhere_end(name: str) -> None:
    link, pages = PAGES[name]
    with respx.mock() as mock:
        mock.get(url__startswith=f"{API}/x").respond(json={"total_count": 0, "jobs": []}, headers={"link": link})
        async with client_of(Sleeper()) as client:
            found = await client.pages("/x", Jobs)
    assert len(found.items) == pages
    assert found.trouble is not None
    assert found.trouble.kind == "bad-reply"


async def test_pages_without_an_end_are_bounded() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        number = int(request.url.params.get("page", "1")) + 1
        return httpx.Response(
            200, json={"total_count": 9, "jobs": []}, headers={"link": f'<{API}/x?page={number}>; rel="next"'}
        )

    with respx.mock() as mock:
        route = mock.get(url__startswith=f"{API}/x").mock(side_effect=answer)
        async with client_of(Sleeper()) as client:
            found = await client.pages("/x", Jobs, most=4)
    assert (len(found.items), route.call_count) == (4, 4)
    assert found.trouble is not None
    assert found.trouble.kind == "too-many"


async def test_a_page_that_fails_keeps_those_before_it() -> None:
    with respx.mock() as mock:
        mock.get(url__startswith=f"{API}/x").mock(
            side_effect=[
                httpx.Response(
                    200, json={"total_count": 9, "jobs": []}, headers={"link": f'<{API}/x?page=2>; rel="next"'}
                ),
                httpx.Response(404),
            ]
        )
        async with client_of(Sleeper()) as client:
            found = await client.pages("/x", Jobs)
    assert (len(found.items), found.trouble) == (1, Trouble("not-found", 404))
