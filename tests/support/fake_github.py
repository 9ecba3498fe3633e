"""A small GitHub on the loopback, for tests and for trying the command by hand.

    python tests/support/fake_github.py --scenario matrix12 --port 0

prints its address and what to type. Two ports are open: the API, and the store that logs are redirected to. Every JSON answer is
held against GitHub's own description when that is at hand. Also works as an HTTP proxy for `gh` (GH_HOST=github.localhost).
"""

from __future__ import annotations

import hashlib
import json
import re
import socket
import struct
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if __name__ == "__main__":  # run as a script: the checkout's root is then not where imports are looked for
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.support.github_answers import Answer, Answers
from tests.support.github_schema import Schema, read_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.github_world import World

RATE_HEADERS = {
    "X-RateLimit-Limit": "5000",
    "X-RateLimit-Remaining": "4812",
    "X-RateLimit-Used": "188",
    "X-RateLimit-Resource": "core",
}


@dataclass
class Fault:
    """What goes wrong for paths that `where` finds; the next `times` times, or always.

    kind: "answer" (status, headers, body as given), "cut" (half an answer, then the socket closes), "stall" (no answer for
    `seconds`), "endless" (every page has a next one), "header" (adds `headers` to the usual answer), "change" (the usual answer
    through `change`, which gets its JSON and the query), "drop" (closes without a byte), "reset" (the same, as a crash does it), "stall-half"
    (half an answer, then nothing for `seconds`), "trickle" (a byte now and then, for `seconds`), "noise" (no HTTP at all), "unframed"
    (the usual body without its last bytes, and no length told), "elsewhere" (sends on to the same answer at another origin), "self" (sends on to itself), "same" (the next page is this one).
    on: "api" or "store". method: "" for any. anonymous_only: only for requests without a token.
    """

    where: str
    kind: str = "answer"
    status: int = 500
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b'{"message":"Server Error"}'
    times: int | None = None
    on: str = "api"
    seconds: float = 1.0
    anonymous_only: bool = False
    tokens: frozenset[str] = frozenset()
    change: Callable[[Any, dict[str, str]], Any] | None = None
    method: str = ""

    def meets(self, on: str, path: str, authorization: str | None, method: str = "GET") -> bool:
        """Tell whether this request meets the fault, and count it."""
        if self.on != on or self.times == 0 or self.method not in ("", method) or not re.search(self.where, path):
            return False
        if (self.anonymous_only and authorization) or (
            self.tokens and (authorization or "").removeprefix("Bearer ") not in self.tokens
        ):
            return False
        if self.times is not None:
            self.times -= 1
        return True


@dataclass
class Scenario:
    """A world, its faults, and a word about what it shows."""

    world: World
    faults: list[Fault] = field(default_factory=list)
    about: str = ""
    target: str = "--pr 123"


@dataclass(frozen=True)
class Seen:
    """A request that came: on which port, its path and query, and whether it carried a token."""

    on: str
    path: str
    authorization: str | None
    headers: dict[str, str]


class _Quiet(ThreadingHTTPServer):
    """A server that does not mind clients that hang up: that is half of what is tried."""

    daemon_threads = True

    def __init__(self, port: int, fake: FakeGitHub, on: str) -> None:
        self.fake = fake
        self.on = on
        super().__init__(("127.0.0.1", port), Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class FakeGitHub:
    """The running server. url: the API's address. seen: all requests. violations: answers that GitHub would not give."""

    def __init__(self, scenario: Scenario, schema: Schema | None, port: int = 0) -> None:
        self.scenario = scenario
        self.schema = schema
        self.seen: list[Seen] = []
        self.violations: list[str] = []
        self.stop = threading.Event()
        self.api = _Quiet(port, self, "api")
        self.store = _Quiet(0, self, "store")
        self.answers = Answers(scenario.world, self.url, self.store_url)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.api.server_port}"

    @property
    def store_url(self) -> str:
        return f"http://127.0.0.1:{self.store.server_port}"

    def asked(self, pattern: str, on: str = "api") -> int:
        """Count the requests whose path `pattern` finds."""
        return sum(each.on == on and re.search(pattern, each.path) is not None for each in self.seen)


class Handler(BaseHTTPRequestHandler):
    """One request to one of the two ports."""

    server: _Quiet
    protocol_version = "HTTP/1.1"
    timeout = 10
    disable_nagle_algorithm = True
    wbufsize = -1
    sent = b""

    def do_POST(self) -> None:
        self.sent = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.do_GET()

    do_PATCH = do_POST  # noqa: N815 - as http.server names it

    def do_GET(self) -> None:
        fake, on = self.server.fake, self.server.on
        parts = urlsplit(self.path)
        if re.match(r"https?://", self.path) and not (parts.hostname or "").endswith("github.localhost"):
            self.send_error(502)
            return
        path = parts.path.removeprefix("/api/v3")
        authorization = self.headers.get("Authorization")
        fake.seen.append(
            Seen(on, f"{path}?{parts.query}" if parts.query else path, authorization, dict(self.headers.items()))
        )
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        fault = next((each for each in fake.scenario.faults if each.meets(on, path, authorization, self.command)), None)
        # what is refused is not done; what is answered badly has been done all the same
        answer = (
            Answer() if fault is not None and fault.kind in ("answer", "self", "elsewhere") else self.usual(path, query)
        )
        if fault is None or fault.kind in ("header", "endless", "same"):
            self.give(path, self.with_extras(answer, fault, path, query))
        elif fault.kind == "change" and fault.change is not None:
            self.give(
                path, Answer(fault.change(answer.body, query), answer.status, {**answer.headers, **fault.headers})
            )
        elif fault.kind == "self":
            self.give(path, Answer(fault.body, fault.status, {**fault.headers, "Location": self.path}))
        elif fault.kind == "elsewhere":
            self.give(path, Answer(b"", 302, {"Location": f"{fake.store_url}/mirror{self.path}"}))
        elif fault.kind == "answer":
            self.give(path, Answer(fault.body, fault.status, fault.headers))
        else:
            self.close_connection = True
            self.broken(fault, *self.body_of(path, answer))

    def usual(self, path: str, query: dict[str, str]) -> Answer:
        """Return what is answered when nothing goes wrong."""
        fake = self.server.fake
        if self.command in ("POST", "PATCH"):
            return fake.answers.sent(self.command, path, json.loads(self.sent))
        if self.server.on == "store" and path.startswith("/mirror"):
            return fake.answers.answer(path.removeprefix("/mirror"), query)
        return fake.answers.answer(path, query) if self.server.on == "api" else fake.answers.stored(path)

    def broken(self, fault: Fault, body: bytes, kind: str) -> None:
        """End an answer in the way that `fault` says; the connection is not used again."""
        stop, seconds = self.server.fake.stop, fault.seconds
        body = body or b"half of it\n" * 200
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        if fault.kind == "stall":
            stop.wait(seconds)
        elif fault.kind == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif fault.kind == "noise":
            self.wfile.write(b"\x16\x03\x01 220 smtp.example.com ESMTP\r\n\r\n")
        elif fault.kind == "unframed":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + body[: -min(9, len(body) - 1)])
        elif fault.kind in ("cut", "stall-half"):
            self.wfile.write(head + body[: len(body) // 2])
            self.wfile.flush()
            stop.wait(seconds if fault.kind == "stall-half" else 0)
        elif fault.kind == "trickle":
            self.wfile.write(head)
            for place in range(int(seconds / 0.05)):
                self.wfile.write(body[place : place + 1])
                self.wfile.flush()
                if stop.wait(0.05):
                    return

    def with_extras(self, answer: Answer, fault: Fault | None, path: str, query: dict[str, str]) -> Answer:
        fake, _on = self.server.fake, self.server.on
        extra = dict(fault.headers) if fault else {}
        if fault and fault.kind == "endless":
            extra["Link"] = f'<{fake.url}{path}?page={int(query.get("page", "1")) + 1}>; rel="next"'
        if fault and fault.kind == "same":
            extra["Link"] = f'<{fake.url}{self.path}>; rel="next"'
        return Answer(answer.body, answer.status, {**answer.headers, **extra})

    def body_of(self, path: str, answer: Answer) -> tuple[bytes, str]:
        fake, on = self.server.fake, self.server.on
        if isinstance(answer.body, bytes) or answer.body is None:
            return answer.body or b"", "application/octet-stream"
        if on == "api" and answer.status == 200 and fake.schema is not None:
            fake.violations.extend(fake.schema.problems(path, answer.body))
        return json.dumps(answer.body).encode(), "application/json; charset=utf-8"

    def give(self, path: str, answer: Answer) -> None:
        fake, on = self.server.fake, self.server.on
        body, kind = self.body_of(path, answer)
        if self.path.startswith("http://"):  # gh, through us as its proxy, follows the addresses in answers
            body = body.replace(b"https://api.github.com/", b"http://api.github.localhost/")
        headers = {"Content-Type": kind, **(RATE_HEADERS if on == "api" else {}), **answer.headers}
        if on == "api" and answer.status == 200 and self.command == "GET":
            headers.setdefault("ETag", f'W/"{hashlib.sha256(body).hexdigest()}"')
            if self.headers.get("If-None-Match") == headers["ETag"]:
                body, answer = b"", Answer(status=304)
        if on == "api":
            headers.setdefault("X-OAuth-Scopes", "repo")
            headers.setdefault("X-RateLimit-Reset", str(int(fake.scenario.world.now.timestamp()) + 3600))
        self.send_response(answer.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as http.server names it
        return


@contextmanager
def serve(scenario: Scenario, *, port: int = 0, schema: Schema | None = None) -> Iterator[FakeGitHub]:
    """Serve `scenario` until the block ends."""
    server = FakeGitHub(scenario, schema, port)
    threads = [
        threading.Thread(target=each.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        for each in (server.api, server.store)
    ]
    for thread in threads:
        thread.start()
    try:
        yield server
    finally:
        server.stop.set()
        for each in (server.api, server.store):
            each.shutdown()
            each.server_close()
        for thread in threads:
            thread.join()


def main() -> None:
    """Serve one scenario until interrupted."""
    import argparse

    from diagnose.kit.clock import system_clock
    from tests.support.github_scenarios import SCENARIOS

    parser = argparse.ArgumentParser(description="A small GitHub on the loopback.")
    parser.add_argument("--scenario", choices=sorted(SCENARIOS), default="matrix12")
    parser.add_argument("--port", type=int, default=0)
    chosen = parser.parse_args()
    scenario = SCENARIOS[chosen.scenario](system_clock().now())
    with serve(scenario, port=chosen.port, schema=read_schema()) as server:
        lines = [
            server.url, f"# {chosen.scenario}: {scenario.about}",
            f"# GITHUB_API_URL={server.url} GITHUB_TOKEN=x ci-diagnose {scenario.target} --repo acme/app",
        ]  # fmt: skip
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
