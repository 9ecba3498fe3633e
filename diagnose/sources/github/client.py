"""One client for GitHub: what is asked, with which secret, how often, and how much of an answer is taken.

Two HTTP clients stand behind it: one carries the token and is used for the API's own origin alone; one carries nothing and is
used for the stores that logs are redirected to. Redirects are walked here, hop by hop. No answer, address or header of a failed
request gets into a message. Replies may be kept between runs (`kept.py`); one that has not changed costs nothing of the budget.
"""

from __future__ import annotations

import json
import logging
import os
from copy import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Generic, Self, TypeVar

import anyio
import anyio.to_thread
import httpx
from pydantic import TypeAdapter, ValidationError

from diagnose.kit.ledger import note_request
from diagnose.sources.github import address
from diagnose.sources.github.kept import Kept
from diagnose.sources.github.limits import Limits, pause, refused, unwell
from diagnose.sources.github.trouble import Trouble
from diagnose.sources.github.wire import CHUNK, JSON, RAW, Asked, message, trust, unfit, wrong

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path
    from types import TracebackType

    from diagnose.kit.clock import Clock
    from diagnose.sources.github.kept import Shelf
    from diagnose.sources.github.token import Token
    from diagnose.sources.github.wire import Method

T = TypeVar("T")

REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
AGENT: Final = "ci-diagnose"
VERSION: Final = "2022-11-28"
FINAL: Final = frozenset({"unauthorized", "rate-limited", "budget"})
NOT_MODIFIED: Final = 304


@dataclass(frozen=True, slots=True)
class Pages(Generic[T]):
    """What a list gave: the items of the pages that were read, and, when it is not all, why."""

    items: tuple[T, ...]
    trouble: Trouble | None = None


class Client:
    """Asks one API. Every method gives a value or a Trouble and raises nothing of the network's.

    clock, sleep: handed in. budget: requests to the API before it stops asking. progress: told of each wait. shelf: replies of
    earlier runs. used: requests that count, for GitHub too; unchanged: those that were answered with 304 and count for nobody.
    """

    def __init__(
        self,
        base: address.Base,
        token: Token | None,
        *,
        clock: Clock,
        sleep: Callable[[float], Awaitable[None]],
        budget: int = 300,
        limits: Limits | None = None,
        progress: Callable[[str, int, int], None] | None = None,
        shelf: Shelf | None = None,
    ) -> None:
        self.base = base
        self.token = token
        self.budget = budget
        self.used = 0
        self.unchanged = 0
        self.headers: Mapping[str, str] = {}
        self._limits = limits or Limits()
        self._clock = clock
        self._sleep = sleep
        self._progress = progress or (lambda _stage, _done, _total: None)
        self._gate = anyio.CapacityLimiter(self._limits.at_once)
        self._room = self._limits.all_logs_bytes
        self._closed: Trouble | None = None
        self._lender: Client | None = None
        self._shelf = shelf
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.WARNING)  # at INFO they write signed addresses
        self._trust = trust(not base.loopback, os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))
        self._api = self._http({"X-GitHub-Api-Version": VERSION} | ({"Authorization": token.header()} if token else {}))
        self._store = self._http({})

    def _http(self, headers: Mapping[str, str]) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            headers={"User-Agent": AGENT, **headers},
            timeout=httpx.Timeout(self._limits.read, connect=self._limits.connect, pool=None),
            follow_redirects=False,
            trust_env=not self.base.loopback,
            verify=self._trust,
        )

    def lend(self, most: int) -> Client:
        """Return a client over the same connections that may make `most` requests; each counts for this one too.

        What it may not ask any more is a Trouble of kind "budget", and closes only the lent one.
        """
        lent = copy(self)
        lent.budget, lent.used, lent.unchanged, lent._lender = most, 0, 0, self  # noqa: SLF001 - of the same class
        return lent

    @property
    def lent(self) -> bool:
        """Whether this is a client that another one lent, with fewer requests."""
        return self._lender is not None

    @property
    def closed(self) -> Trouble | None:
        """Why nothing is asked any more (requests used up, the token refused), None while it is."""
        return self._closed

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        with anyio.CancelScope(shield=True):
            await self._api.aclose()
            await self._store.aclose()
            if self._shelf is not None:
                await anyio.to_thread.run_sync(self._shelf.trim)

    async def get(self, path: str, shape: type[T], params: Mapping[str, str] | None = None) -> T | Trouble:
        """Return the answer at `path` (from the API's base, leading slash) as a `shape`."""
        url = str(httpx.URL(self.base.url + path, params=params)) if params else self.base.url + path
        found = await self._kept(Asked(url), lambda response: self._json(response, shape))
        return found if isinstance(found, Trouble) else found[0]

    async def send(
        self, method: Method, path: str, shape: type[T], body: object = None, *, again: bool = False
    ) -> T | Trouble:
        """Send `body` as JSON and return the answer as a `shape`; no redirect is followed.

        again: whether sending it twice does no harm. Where it does, only a refusal that came before anything was done is tried again.
        """
        sent = Asked(self.base.url + path, JSON, method, None if body is None else json.dumps(body).encode(), again)
        found = await self._ask(sent, lambda response: self._json(response, shape))
        return found if isinstance(found, Trouble) else found[0]

    async def query(self, text: str, variables: Mapping[str, object], shape: type[T]) -> T | Trouble:
        """Ask by GraphQL, which counts as one request; its hour's points are GitHub's own account."""
        body = json.dumps({"query": text, "variables": variables}).encode()
        found = await self._ask(
            Asked(self.base.graphql, JSON, "POST", body), lambda response: self._json(response, shape)
        )
        return found if isinstance(found, Trouble) else found[0]

    async def pages(
        self, path: str, shape: type[T], params: Mapping[str, str] | None = None, *, most: int = 10
    ) -> Pages[T]:
        """Return up to `most` answers along the Link header, which may not leave the API's origin nor come back to itself."""
        url = str(httpx.URL(self.base.url + path, params={"per_page": "100", **(params or {})}))
        items: list[T] = []
        seen: set[str] = set()
        while len(items) < most:
            seen.add(url)
            found = await self._kept(Asked(url), lambda response: self._json(response, shape))
            if isinstance(found, Trouble):
                return Pages(tuple(items), found)
            items.append(found[0])
            if not found[1]:
                return Pages(tuple(items))
            url = found[1]
            if url in seen or not address.same_origin(self.base, url):
                return Pages(tuple(items), Trouble("bad-reply", detail="the next page is not a page of this list"))
        return Pages(tuple(items), Trouble("too-many", detail=f"only the first {most} pages were read"))

    async def raw(self, path: str, params: Mapping[str, str] | None = None) -> bytes | Trouble:
        """Return the bytes of a file of the repository, at most `file_bytes` of them."""
        url = str(httpx.URL(self.base.url + path, params=params))
        return await self._kept(Asked(url, RAW), self._raw)

    async def download(self, path: str, target: Path, *, most: int | None = None) -> int | Trouble:
        """Stream what `path` redirects to into the file `target`; return its size in bytes. No half of a file stays.

        most: bytes at most, below the limit for a log.
        """
        part = target.with_name(f"{target.name}.part")
        size = await self._ask(Asked(self.base.url + path), lambda response: self._save(response, part, most))
        place, kept = anyio.Path(part), isinstance(size, int)
        try:
            if kept:
                await place.replace(target)
            else:
                await place.unlink(missing_ok=True)
        except OSError as problem:
            return Trouble("disk", detail=problem.strerror or type(problem).__name__)
        return size

    async def _kept(self, asked: Asked, read: Callable[[httpx.Response], Awaitable[T | Trouble]]) -> T | Trouble:
        """Ask with the ETag of the reply that was kept, if any; one that cannot be read any more is asked for anew."""
        shelf = self._shelf
        if shelf is None:
            return await self._ask(asked, read)
        kept = await anyio.to_thread.run_sync(shelf.find, asked.url, asked.accept)
        found = await self._ask(replace(asked, kept=kept), read)
        if kept is not None and isinstance(found, Trouble) and found.kind in ("bad-reply", "too-large"):
            await anyio.to_thread.run_sync(shelf.forget, asked.url, asked.accept)
            found = await self._ask(asked, read)
        return found

    async def _ask(self, asked: Asked, read: Callable[[httpx.Response], Awaitable[T | Trouble]]) -> T | Trouble:
        tried = 0
        while True:
            if self._closed is not None:
                return self._closed
            tried += 1
            found = await self._once(asked, read)
            if not isinstance(found, Trouble):
                return found
            wait = (
                pause(found, tried, self._clock.now(), self._limits)
                if asked.again or found.kind == "rate-limited"
                else None
            )
            if wait is None:
                if found.kind in FINAL:
                    self._closed = self._closed or found
                return found
            self._progress("waiting for GitHub", tried + 1, self._limits.tries)
            await self._sleep(wait)

    async def _once(self, asked: Asked, read: Callable[[httpx.Response], Awaitable[T | Trouble]]) -> T | Trouble:
        try:
            async with self._gate:
                with anyio.fail_after(self._limits.whole):
                    return await self._walk(asked, read)
        except TimeoutError:
            return Trouble("slow", detail=f"it took more than {self._limits.whole:g} s")
        except (httpx.HTTPError, httpx.StreamError) as problem:
            return Trouble("unreachable", detail=type(problem).__name__)
        except (httpx.InvalidURL, UnicodeError):
            return Trouble("bad-reply", detail="an address that cannot be read")
        except OSError as problem:
            return Trouble("disk", detail=problem.strerror or type(problem).__name__)

    async def _walk(self, asked: Asked, read: Callable[[httpx.Response], Awaitable[T | Trouble]]) -> T | Trouble:
        hops = [asked.url]
        way: address.Way = "token"
        while True:
            response = await self._send(replace(asked, url=hops[-1]), way)
            if isinstance(response, Trouble):
                return response
            try:
                location = response.headers.get("location")
                if response.status_code in REDIRECTS and location is not None:
                    way, following = address.hop(self.base, hops, location) if asked.method == "GET" else ("refuse", "")
                    if way == "refuse":
                        return Trouble("redirect", response.status_code)
                    hops.append(following)
                    continue
                if response.status_code == NOT_MODIFIED and asked.kept is not None and way == "token":
                    return await self._again(asked, asked.kept, response, read)
                if response.status_code not in (httpx.codes.OK, httpx.codes.CREATED):
                    return await self._failed(response, from_api=way == "token")
                found = await read(response)
                if way == "token" and len(hops) == 1 and not isinstance(found, Trouble):
                    await self._keep(asked, response)
                return found
            finally:
                await response.aclose()

    async def _send(self, asked: Asked, way: address.Way) -> httpx.Response | Trouble:
        http = self._api if way == "token" else self._store
        if way == "token":
            payers = self._payers()
            if any(each.used >= each.budget for each in payers):
                return Trouble("budget")
            for each in payers:
                each.used += 1
        note_request(httpx.URL(asked.url).path if way == "token" else "a store of logs")
        http.cookies.clear()
        headers = asked.headers() if way == "token" else {"Accept": asked.accept}
        response = await http.send(
            http.build_request(asked.method, asked.url, headers=headers, content=asked.body), stream=True
        )
        if way == "token" and response.headers.get("x-ratelimit-resource") != "graphql":
            for each in self._payers():
                each.headers = response.headers
        return response

    async def _again(
        self,
        asked: Asked,
        kept: Kept,
        response: httpx.Response,
        read: Callable[[httpx.Response], Awaitable[T | Trouble]],
    ) -> T | Trouble:
        """Read the kept reply in place of a 304, which has cost nothing."""
        for each in self._payers():
            each.used -= 1
            each.unchanged += 1
        if self._shelf is not None:
            await anyio.to_thread.run_sync(self._shelf.touch, asked.url, asked.accept)
        # it was kept whole, and says so: httpx gives an empty body no length
        headers = {"Content-Length": str(len(kept.body))}
        if kept.following:
            headers["Link"] = f'<{kept.following}>; rel="next"'
        return await read(httpx.Response(httpx.codes.OK, headers=headers, content=kept.body, request=response.request))

    async def _keep(self, asked: Asked, response: httpx.Response) -> None:
        """Keep a reply that was read whole and understood. Of a stream (a log) nothing is at hand here, and nothing is kept."""
        body, etag = response.extensions.get("whole"), response.headers.get("etag", "")
        if self._shelf is None or body is None or not etag or asked.method != "GET":
            return
        reply = Kept(etag, response.links.get("next", {}).get("url", ""), body)
        await anyio.to_thread.run_sync(self._shelf.keep, asked.url, asked.accept, reply)

    def _payers(self) -> list[Client]:
        return [self] if self._lender is None else [self, *self._lender._payers()]  # noqa: SLF001 - of the same class

    async def _failed(self, response: httpx.Response, *, from_api: bool) -> Trouble:
        status = response.status_code
        if status >= httpx.codes.INTERNAL_SERVER_ERROR:
            return unwell(status, response.headers, self._clock.now())
        if not from_api:
            return (
                Trouble("not-stored", status)
                if status == httpx.codes.NOT_FOUND
                else Trouble("unreachable", status, "the store refused")
            )
        if status in (httpx.codes.FORBIDDEN, httpx.codes.TOO_MANY_REQUESTS):
            return refused(status, response.headers, await message(response), self._clock.now())
        known = {
            401: Trouble("unauthorized", 401),
            404: Trouble("not-found", 404),
            410: Trouble("gone", 410),
            451: Trouble("denied", 451, "law"),
        }
        if status < httpx.codes.BAD_REQUEST:
            return Trouble("bad-reply", status, f"status {status}")
        return known.get(status, Trouble("refused", status))

    async def _json(self, response: httpx.Response, shape: type[T]) -> tuple[T, str] | Trouble:
        body = await self._bytes(response, self._limits.json_bytes)
        if isinstance(body, Trouble):
            return body
        if body.lstrip()[:1] == b"<":
            return Trouble("bad-reply", response.status_code, "HTML")
        try:
            found: T = TypeAdapter(shape).validate_json(body)
        except ValidationError as problem:
            return Trouble("bad-reply", response.status_code, wrong(problem))
        link = response.links.get("next", {}).get("url", "")
        return found, str(response.url.join(link)) if link else ""

    async def _raw(self, response: httpx.Response) -> bytes | Trouble:
        odd = unfit(response)
        return odd if odd is not None else await self._bytes(response, self._limits.file_bytes)

    async def _bytes(self, response: httpx.Response, cap: int) -> bytes | Trouble:
        body = bytearray()
        async for chunk in response.aiter_bytes(CHUNK):
            body += chunk
            if len(body) > cap:
                return Trouble("too-large", detail=f"more than {cap:,} bytes")
        response.extensions["whole"] = whole = bytes(body)
        return whole

    async def _save(self, response: httpx.Response, part: Path, most: int | None) -> int | Trouble:
        cap = min(self._limits.log_bytes, self._room, self._limits.log_bytes if most is None else most)
        size = 0
        odd = unfit(response)
        if odd is not None:
            return odd
        async with await anyio.open_file(part, "wb") as file:
            async for chunk in response.aiter_bytes(CHUNK):
                size += len(chunk)
                if size > cap:
                    return Trouble("too-large", detail=f"more than {cap:,} bytes")
                await file.write(chunk)
        self._room -= size
        return size
