from __future__ import annotations

import json
from pathlib import Path

import pytest

from diagnose.sources.github.address import Base, hop, origin_of, read_base, same_origin

CASES = Path(__file__).resolve().parents[2] / "../shared/security-cases/dev/redirects.jsonl"


def base_of(url: str) -> Base:
    found = read_base(url)
    assert isinstance(found, Base)
    return found


def plan(base: Base, chain: list[str]) -> list[str]:
    """Return how each hop of `chain` after the first would be asked for, up to the first refusal."""
    hops = [chain[0]]
    ways: list[str] = []
    for location in chain[1:]:
        way, address = hop(base, hops, location)
        ways.append(way)
        if way == "refuse":
            break
        hops.append(address)
    return ways


CHAINS = {
    "to another port of the loopback": (
        "http://127.0.0.1:80",
        ["http://127.0.0.1/a", "http://127.0.0.1:9/b"],
        ["bare"],
    ),
    "and never back": (
        "http://127.0.0.1:80",
        ["http://127.0.0.1/a", "http://127.0.0.1:9/b", "http://127.0.0.1/c"],
        ["bare", "bare"],
    ),
    "within the loopback's origin": ("http://localhost:8/", ["http://localhost:8/a", "/b"], ["token"]),
    "from the loopback to a private host": (
        "http://127.0.0.1",
        ["http://127.0.0.1/a", "http://10.0.0.1/b"],
        ["refuse"],
    ),
    "from the loopback to https": ("http://127.0.0.1", ["http://127.0.0.1/a", "https://example.com/b"], ["bare"]),
    "from outside to the loopback": (
        "https://api.github.com",
        ["https://api.github.com/a", "http://127.0.0.1/"],
        ["refuse"],
    ),
    "a private host of one's own": ("https://ghe.internal/api/v3", ["https://ghe.internal/api/v3/a", "/b"], ["token"]),
    "from a private host to another": (
        "https://ghe.internal",
        ["https://ghe.internal/a", "https://store.internal/"],
        ["refuse"],
    ),
    "to the same host in the clear": (
        "https://ghe.internal",
        ["https://ghe.internal/a", "http://ghe.internal/"],
        ["refuse"],
    ),
    "with a user": ("http://127.0.0.1", ["http://127.0.0.1/a", "http://u@127.0.0.1/b"], ["refuse"]),
    "not to be read": ("http://127.0.0.1", ["http://127.0.0.1/a", "http://[::1"], ["refuse"]),
    "a backslash": ("http://127.0.0.1", ["http://127.0.0.1/a", "http://127.0.0.1\\@evil.com"], ["refuse"]),
}


@pytest.mark.parametrize("name", CHAINS)
def test_redirects(name: str) -> None:
    url, chain, ways = CHAINS[name]
    assert plan(base_of(url), chain) == ways


@pytest.mark.skipif(not CASES.is_file(), reason="the security cases are not beside the checkout")
def test_the_security_cases() -> None:
    base = base_of("https://api.github.com")
    for line in CASES.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        if case["plan"][0] != "token" or case.get("api", base.url) != base.url:
            continue
        wanted = case["plan"][1:]
        found = plan(base, case["chain"])
        assert found == wanted[: len(found)], case["id"]
        assert len(found) == len(wanted) or found[-1] == "refuse", case["id"]


@pytest.mark.parametrize("url", ["", "x", "http://", "https://a:b@c/", "https://h:99999/", "https://[::1"])
def test_addresses_without_an_origin(url: str) -> None:
    assert origin_of(url) is None


def test_the_base_as_it_is_shown() -> None:
    assert base_of("https://ghe.example.com/api/v3/") == Base(
        "https://ghe.example.com/api/v3", "https://ghe.example.com", "ghe.example.com", loopback=False
    )
    assert base_of("http://[::1]:81").origin == "http://[::1]:81"
    assert same_origin(base_of("https://api.github.com"), "https://api.github.com:443/x")
