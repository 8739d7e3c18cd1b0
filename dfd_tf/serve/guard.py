"""What surrounds every request: its id, its door, its headers, its line in the log."""

from __future__ import annotations

import re
import time
import uuid

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dfd_tf.serve.clients import Clients
from dfd_tf.serve.logs import LOG
from dfd_tf.serve.meters import Meters
from dfd_tf.serve.problems import Problem

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_QUIET = ("/healthz", "/readyz", "/metrics")

# The page's engine is WebAssembly.
PAGE_POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "
    "img-src 'self' blob: data:; media-src blob:; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'"
)
HEADERS = {
    "content-security-policy": f"{PAGE_POLICY}; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), geolocation=(), microphone=()",
    "cache-control": "no-store",
}


class Guard:
    """Middleware around the whole application.

    Args:
        app: the application.
        clients: says who may ask.
        meters: counts.
    """

    def __init__(self, app: ASGIApp, clients: Clients, meters: Meters) -> None:
        self._app, self._clients, self._meters = app, clients, meters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        request.state.id = _request_id(request)
        request.state.log = {}
        seen = _Seen(send, request.state.id)
        begun = time.monotonic()
        try:
            self._clients.check(request)
            await self._app(scope, receive, seen)
        except Problem as problem:
            await problem.response(request.state.id)(scope, receive, seen)
        finally:
            self._note(request, seen.status, time.monotonic() - begun)

    def _note(self, request: Request, status: int, seconds: float) -> None:
        # The pattern, not the path, which might hold a name.
        route = getattr(request.scope.get("route"), "path", "none")
        self._meters.requests.labels(route, str(status)).inc()
        self._meters.answer.observe(seconds)
        if route not in _QUIET:
            fields = {
                "request": request.state.id,
                "method": request.method,
                "route": route,
                "status": status,
                "seconds": round(seconds, 4),
                **request.state.log,
            }
            LOG.info("request", extra={"fields": fields})


class _Seen:
    """Passes an answer on, with our headers where it has none, and remembers its status.

    The status is 499 if there was no answer.
    """

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._headers = HEADERS | {"x-request-id": request_id}
        self.status = 499

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(raw=list(message.get("headers", [])))
            for name, value in self._headers.items():
                headers.setdefault(name, value)
            message = {**message, "headers": headers.raw}
        await self._send(message)


def _request_id(request: Request) -> str:
    given = request.headers.get("x-request-id", "")
    return given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
