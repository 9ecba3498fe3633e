"""Where the API is, and which way a redirect may go.

The token goes to the exact origin (scheme, host, port) of the configured API and nowhere else; `diagnose.safety.links` decides
each hop. One thing is added here: an API that the user himself put on this machine's loopback (a test server, a proxy) may
speak plain HTTP and may send on to another port of the loopback, without the token.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import urljoin, urlsplit

from diagnose.model.text import Untrusted, phrase
from diagnose.safety.links import next_hop
from diagnose.sources.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

Way = Literal["token", "bare", "refuse"]
MOST_HOPS: Final = 5
PORTS: Final = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Base:
    """An API's address. url: without a final slash. origin: scheme://host:port. loopback: on this machine."""

    url: str
    origin: str
    host: str
    loopback: bool

    @property
    def graphql(self) -> str:
        """The address of GraphQL: beside `/api/v3` on GitHub Enterprise Server, else below the API's own."""
        return f"{self.url.removesuffix('/v3')}/graphql" if self.url.endswith("/api/v3") else f"{self.url}/graphql"


def is_loopback(host: str) -> bool:
    """Tell whether `host` is this machine by its address or by the reserved name."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def origin_of(url: str) -> tuple[str, str, int] | None:
    """Return (scheme, host, port) of an absolute address, None when it has none or carries a user."""
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme)
    except ValueError:
        return None
    if not parts.hostname or port is None or parts.username is not None or parts.password is not None:
        return None
    return parts.scheme, parts.hostname, port


def read_base(api_url: str) -> Base | Refusal:
    """Read the configured address of the API: https, or http on the loopback."""
    origin = origin_of(api_url)
    if origin is None or not api_url.isascii() or set(api_url) & set(" \t\r\n\\?#"):
        return Refusal(
            "usage", phrase("the address of GitHub's API is not an address."), "GITHUB_API_URL=https://api.github.com"
        )
    scheme, host, port = origin
    loopback = is_loopback(host)
    if scheme != "https" and not loopback:
        message = phrase("the address of GitHub's API, ", Untrusted(f"{scheme}://{host}"), ", is not https.")
        return Refusal("usage", message, "GITHUB_API_URL=https://api.github.com")
    name = f"[{host}]" if ":" in host else host
    shown = f"{scheme}://{name}" if port == PORTS[scheme] else f"{scheme}://{name}:{port}"
    return Base(api_url.rstrip("/"), shown, host, loopback)


def hop(base: Base, hops: Sequence[str], location: str) -> tuple[Way, str]:
    """Decide the next hop after `hops` (the addresses so far, the first ours): how to ask for it, and its address."""
    if len(hops) > MOST_HOPS:
        return "refuse", ""
    own = _own_hop(base, hops, location)
    return own if own is not None else next_hop(base.origin, hops, location)


def _own_hop(base: Base, hops: Sequence[str], location: str) -> tuple[Way, str] | None:
    """Decide a hop to where the user himself pointed: within the API's origin (which may be a private host), or the loopback."""
    if not location.isascii() or not location.isprintable() or set(location) & set(" \\"):
        return None
    try:
        named = urlsplit(location)
        address = urljoin(hops[-1], location)
    except ValueError:
        return None
    if named.scheme and not named.netloc:
        return None
    origin, own = origin_of(address), origin_of(base.url)
    if origin is not None and origin == own:
        return ("token" if all(origin_of(each) == own for each in hops) else "bare"), address
    if base.loopback and origin is not None and origin[0] in PORTS and is_loopback(origin[1]):
        return "bare", address
    return None


def same_origin(base: Base, url: str) -> bool:
    """Tell whether `url` is of the API's exact origin."""
    return origin_of(url) == origin_of(base.url)
