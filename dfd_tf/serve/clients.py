"""Who asks, whether they may, and how often they did."""

from __future__ import annotations

import hmac
import math
import time
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.requests import Request

from dfd_tf.serve.problems import Problem
from dfd_tf.serve.settings import LOOPBACK, Network, Settings

Address = IPv4Address | IPv6Address


class Clients:
    """Lets requests in, or says why not.

    Args:
        settings: the token, the rate, the proxies.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def check(self, request: Request) -> None:
        """Refuse foreign web pages, and clients without the token.

        Raises:
            Problem: 401, 403 or 421.
        """
        self._check_host(request)
        self._check_page(request)
        if request.url.path.startswith("/v1/") or request.url.path == "/metrics":
            self._check_token(request)

    def count(self, request: Request) -> None:
        """Count a request that costs something.

        Raises:
            Problem: 429, its client has asked too often.
        """
        rate = self._settings.rate
        if rate is None:
            return
        key = rate_key(client_of(request, self._settings.proxies))
        if not self._limiter.hit(rate, key):
            free = self._limiter.get_window_stats(rate, key).reset_time - time.time()
            raise Problem(
                429,
                "too-many-requests",
                f"This service allows {rate} for each client. Ask again later.",
                {"Retry-After": str(max(1, math.ceil(free)))},
            )

    def _check_host(self, request: Request) -> None:
        """A name that leads here by a foreign DNS entry makes a foreign page one of ours."""
        if not self._settings.is_local or self._settings.proxies:
            return
        if request.url.hostname not in LOOPBACK:
            detail = "This service answers to localhost. Behind a proxy, name it by --proxy."
            raise Problem(421, "foreign-host", detail)

    def _check_page(self, request: Request) -> None:
        if request.headers.get("sec-fetch-site") in ("cross-site", "same-site"):
            if request.method == "GET" and request.headers.get("sec-fetch-mode") == "navigate":
                return  # a link that leads here
            detail = "Pages of other sites may not ask this service from within a browser."
            raise Problem(403, "foreign-page", detail)

    def _check_token(self, request: Request) -> None:
        token = self._settings.token
        if token is None:
            return
        scheme, _, shown = request.headers.get("authorization", "").partition(" ")
        right = hmac.compare_digest(shown.strip().encode(), token.encode())
        if scheme.lower() != "bearer" or not right:
            raise Problem(
                401,
                "no-token",
                "This service asks for a token: Authorization: Bearer TOKEN.",
                {"WWW-Authenticate": "Bearer"},
            )


def client_of(request: Request, proxies: Sequence[Network]) -> Address | None:
    """Address of the client: the last one that no trusted proxy vouches for itself."""
    forwarded = ",".join(request.headers.getlist("x-forwarded-for")).split(",")
    peer = _address(request.client.host if request.client else "")
    while forwarded and peer and any(peer in proxy for proxy in proxies):
        told = _address(forwarded.pop())
        if told is None:
            break
        peer = told
    return peer


def rate_key(client: Address | None) -> str:
    """Who is one client: an address, or the network of 64 bits that a home has in IPv6."""
    if isinstance(client, IPv6Address):
        return str(IPv6Network((client, 64), strict=False))
    return str(client)


def _address(text: str) -> Address | None:
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address
