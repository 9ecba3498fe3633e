"""Where a redirect may lead, and whether the token goes along.

httpx drops only `Authorization` across origins, and only sometimes; so it follows nothing, and every hop is asked here.
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import SplitResult, urljoin, urlsplit

from diagnose.kit.regex import regex

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_REDIRECTS: Final = 5
Hop = tuple[Literal["token", "bare"], str] | tuple[Literal["refuse"], str]

_PORTS: Final = {"https": 443, "http": 80}
_SCHEME = regex(r"[A-Za-z][A-Za-z0-9+.-]*:")
_ODD_ADDRESS = regex(r"[0-9.]+|0x[0-9a-f.]+", re.IGNORECASE)
_PRIVATE: Final = (".localhost", ".internal", ".local", ".home.arpa", ".lan")


def next_hop(api_origin: str, hops_so_far: Sequence[str], location: str) -> Hop:
    """Decide on the next address of a chain.

    api_origin: "https://api.github.com". hops_so_far: the addresses asked so far, ours first, empty for the first one.
    Returns ("token", url) while every hop has had the API's exact scheme, host and port; ("bare", url) for any other https
    host; ("refuse", reason) else, the reason without any part of the address (a store's address is a secret).
    """
    if len(hops_so_far) > MAX_REDIRECTS:
        return ("refuse", f"more than {MAX_REDIRECTS} redirects")
    if any(not "!" <= character <= "~" for character in location) or "\\" in location:
        return ("refuse", "the address holds a space, a control character or a backslash")
    try:
        if _SCHEME.match(location) and not urlsplit(location).netloc:
            return ("refuse", "the address names no host")
        url = urljoin(hops_so_far[-1], location) if hops_so_far else location
        target = urlsplit(url)
        origin = _origin(target)
        trusted = [_origin(urlsplit(hop)) for hop in hops_so_far]
    except ValueError:
        return ("refuse", "the address cannot be read")
    problem = _problem(target)
    if problem:
        return ("refuse", problem)
    home = _origin(urlsplit(api_origin))
    return ("token" if origin == home and all(hop == home for hop in trusted) else "bare", url)


def _origin(url: SplitResult) -> tuple[str, str, int | None]:
    scheme = url.scheme.lower()
    return (scheme, (url.hostname or "").lower(), url.port or _PORTS.get(scheme))


def _problem(url: SplitResult) -> str:
    host = (url.hostname or "").lower().rstrip(".")
    if url.scheme.lower() != "https":
        return "the address is not https"
    if url.username is not None or url.password is not None:
        return "the address carries a user or a password"
    if not host or "." not in host or host.endswith(_PRIVATE) or _is_address(host):
        return "the address is no public host name"
    return ""


def _is_address(host: str) -> bool:
    if _ODD_ADDRESS.fullmatch(host):
        return True
    try:
        ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return False
    return True
