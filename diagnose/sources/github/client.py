"""One client for GitHub: what is asked, with which secret, how often, and how much of an answer is taken.

Two HTTP clients stand behind it: one carries the token and is used for the API's own origin alone; one carries nothing and is
used for the stores that logs are redirected to. Redirects are walked here, hop by hop. No answer, address or header of a failed
request gets into a message.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, Self, TypeVar

import anyio
import httpx
from pydantic import TypeAdapter, ValidationError

from diagnose.kit.ledger import note_request
from diagnose.sources.github import address
from diagnose.sources.github.limits import Limits, pause, refused
from diagnose.sources.github.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path
    from types import TracebackType

    from diagnose.kit.clock import Clock
    from diagnose.sources.github.token import Token

T = TypeVar("T")

JSON: Final = "application/vnd.github+json"
RAW: Final = "application/vnd.github.raw+json"
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
MESSAGE_BYTES: Final = 64 << 10
CHUNK: Final = 1 << 20
AGENT: Final = "ci-diagnose"
VERSION: Final = "2022-11-28"
FINAL: Final = frozenset({"unauthorized", "rate-limited", "budget"})


@dataclass(frozen=True, slots=True)
class Pages(Generic[T]):
    """What a list gave: the items of the pages that were read, and, when it is not all, why."""

    items: tuple[T, ...]
    trouble: Trouble | None = None


class Client:
    """Asks one API. Every method gives a value or a Trouble and raises nothing of the network's.

    clock, sleep: handed in. budget: requests to the API before it stops asking. progress: told of each wait.
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
    ) -> None:
        self.base = base
        self.token = token
        self.budget = budget
        self.used = 0
        self.headers: Mapping[str, str] = {}
        self._limits = limits or Limits()
        self._clock = clock
        self._sleep = sleep
        self._progress = progress or (lambda _stage, _done, _total: None)
        self._gate = anyio.CapacityLimiter(self._limits.at_once)
        self._room = self._limits.all_logs_bytes
        self._closed: Trouble | None = None
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.WARNING)  # at INFO they write signed addresses
        self._trust = httpx.create_ssl_context(trust_env=not base.loopback)
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

    async def get(self, path: str, shape: type[T], params: Mapping[str, str] | None = None) -> T | Trouble:
        """Return the answer at `path` (from the API's base, leading slash) as a `shape`."""
        url = str(httpx.URL(self.base.url + path, params=params)) if params else self.base.url + path
        found = await self._ask(url, JSON, lambda response: self._json(response, shape))
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
            found = await self._ask(url, JSON, lambda response: self._json(response, shape))
            if isinstance(found, Trouble):
                return Pages(tuple(items), found)
            items.append(found[0])
            if not found[1]:
                return Pages(tuple(items))
            url = found[1]
            if url in seen or not address.same_origin(self.base, url):
                return Pages(tuple(items), Trouble("bad-reply", detail="the next page is not a page of this list"))
        return Pages(tuple(items), Trouble("too-large", detail=f"only the first {most} pages were read"))

    async def raw(self, path: str, params: Mapping[str, str] | None = None) -> bytes | Trouble:
        """Return the bytes of a file of the repository, at most `file_bytes` of them."""
        url = str(httpx.URL(self.base.url + path, params=params))
        return await self._ask(url, RAW, lambda response: self._bytes(response, self._limits.file_bytes))

    async def download(self, path: str, target: Path, *, most: int | None = None) -> int | Trouble:
        """Stream what `path` redirects to into the file `target`; return its size in bytes. No half of a file stays.

        most: bytes at most, below the limit for a log.
        """
        part = target.with_name(f"{target.name}.part")
        size = await self._ask(self.base.url + path, JSON, lambda response: self._save(response, part, most))
        place, kept = anyio.Path(part), isinstance(size, int)
        try:
            if kept:
                await place.replace(target)
            else:
                await place.unlink(missing_ok=True)
        except OSError as problem:
            return Trouble("disk", detail=problem.strerror or type(problem).__name__)
        return size

    async def _ask(
        self, url: str, accept: str, read: Callable[[httpx.Response], Awaitable[T | Trouble]]
    ) -> T | Trouble:
        tried = 0
        while True:
            if self._closed is not None:
                return self._closed
            tried += 1
            found = await self._once(url, accept, read)
            if not isinstance(found, Trouble):
                return found
            wait = pause(found, tried, self._clock.now(), self._limits)
            if wait is None:
                if found.kind in FINAL:
                    self._closed = self._closed or found
                return found
            self._progress("waiting for GitHub", tried + 1, self._limits.tries)
            await self._sleep(wait)

    async def _once(
        self, url: str, accept: str, read: Callable[[httpx.Response], Awaitable[T | Trouble]]
    ) -> T | Trouble:
        try:
            async with self._gate:
                with anyio.fail_after(self._limits.whole):
                    return await self._walk(url, accept, read)
        except TimeoutError:
            return Trouble("slow", detail=f"it took more than {self._limits.whole:g} s")
        except (httpx.HTTPError, httpx.StreamError) as problem:
            return Trouble("unreachable", detail=type(problem).__name__)
        except (httpx.InvalidURL, UnicodeError):
            return Trouble("bad-reply", detail="an address that cannot be read")
        except OSError as problem:
            return Trouble("disk", detail=problem.strerror or type(problem).__name__)

    async def _walk(
        self, url: str, accept: str, read: Callable[[httpx.Response], Awaitable[T | Trouble]]
    ) -> T | Trouble:
        hops = [url]
        way: address.Way = "token"
        while True:
            response = await self._send(hops[-1], accept, way)
            if isinstance(response, Trouble):
                return response
            try:
                location = response.headers.get("location")
                if response.status_code in REDIRECTS and location is not None:
                    way, following = address.hop(self.base, hops, location)
                    if way == "refuse":
                        return Trouble("redirect", response.status_code)
                    hops.append(following)
                    continue
                if response.status_code != httpx.codes.OK:
                    return await self._failed(response, from_api=way == "token")
                return await read(response)
            finally:
                await response.aclose()

    async def _send(self, url: str, accept: str, way: address.Way) -> httpx.Response | Trouble:
        http = self._api if way == "token" else self._store
        if way == "token":
            if self.used >= self.budget:
                return Trouble("budget")
            self.used += 1
        note_request(httpx.URL(url).path if way == "token" else "a store of logs")
        http.cookies.clear()
        response = await http.send(http.build_request("GET", url, headers={"Accept": accept}), stream=True)
        if way == "token":
            self.headers = response.headers
        return response

    async def _failed(self, response: httpx.Response, *, from_api: bool) -> Trouble:
        status = response.status_code
        if status >= httpx.codes.INTERNAL_SERVER_ERROR:
            return Trouble("server", status)
        if not from_api:
            return (
                Trouble("not-stored", status)
                if status == httpx.codes.NOT_FOUND
                else Trouble("unreachable", status, "the store refused")
            )
        if status in (httpx.codes.FORBIDDEN, httpx.codes.TOO_MANY_REQUESTS):
            return refused(status, response.headers, await _message(response), self._clock.now())
        kinds = {401: Trouble("unauthorized", 401), 404: Trouble("not-found", 404), 410: Trouble("gone", 410)}
        return kinds.get(status, Trouble("refused", status))

    async def _json(self, response: httpx.Response, shape: type[T]) -> tuple[T, str] | Trouble:
        body = await self._bytes(response, self._limits.json_bytes)
        if isinstance(body, Trouble):
            return body
        if body.lstrip()[:1] == b"<":
            return Trouble("bad-reply", response.status_code, "HTML")
        try:
            found: T = TypeAdapter(shape).validate_json(body)
        except ValidationError as problem:
            return Trouble("bad-reply", response.status_code, _wrong(problem))
        link = response.links.get("next", {}).get("url", "")
        return found, str(response.url.join(link)) if link else ""

    async def _bytes(self, response: httpx.Response, cap: int) -> bytes | Trouble:
        body = bytearray()
        async for chunk in response.aiter_bytes(CHUNK):
            body += chunk
            if len(body) > cap:
                return Trouble("too-large", detail=f"more than {cap:,} bytes")
        return bytes(body)

    async def _save(self, response: httpx.Response, part: Path, most: int | None) -> int | Trouble:
        cap = min(self._limits.log_bytes, self._room, self._limits.log_bytes if most is None else most)
        size = 0
        async with await anyio.open_file(part, "wb") as file:
            async for chunk in response.aiter_bytes(CHUNK):
                size += len(chunk)
                if size > cap:
                    return Trouble("too-large", detail=f"more than {cap:,} bytes")
                await file.write(chunk)
        self._room -= size
        return size


async def _message(response: httpx.Response) -> str:
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
    message = found.get("message") if isinstance(found, dict) else None
    return message if isinstance(message, str) else ""


def _wrong(problem: ValidationError) -> str:
    """Say which field has the wrong shape, by our own names: nothing of the reply is quoted."""
    first = problem.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(part if isinstance(part, str) and part.isidentifier() else "0" for part in first["loc"][:6])
    return "not JSON" if first["type"] == "json_invalid" else f"the field {where or 'at the top'} has another shape"
