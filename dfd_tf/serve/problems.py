"""Errors as problem details (RFC 9457): one shape for every cause."""

from __future__ import annotations

import math
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from dfd_tf.serve.logs import LOG, frames_of

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 1


class Problem(Exception):
    """A request that is not answered as asked.

    Args:
        status: of HTTP.
        name: of the kind of problem, for programs: lower case, with hyphens.
        detail: what was wrong and how to go on, for people.
        headers: of the answer.
    """

    def __init__(
        self, status: int, name: str, detail: str, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status, self.name, self.detail = status, name, detail
        self.headers = headers or {}

    def response(self, request_id: str) -> JSONResponse:
        """The answer that says so."""
        content = {
            "type": f"urn:dfd:problem:{self.name}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            "request": request_id,
        }
        return JSONResponse(content, self.status, self.headers, media_type=MEDIA_TYPE)


def unavailable(name: str, detail: str, seconds: float = RETRY_SECONDS) -> Problem:
    """503, with the time after which to ask again."""
    return Problem(503, name, detail, {"Retry-After": str(math.ceil(seconds))})


def handle_problems(app: FastAPI) -> None:
    """Let every error of an application be answered as a problem."""
    app.add_exception_handler(Problem, _answer)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _unforeseen)


def _answer(request: Request, error: Any) -> JSONResponse:
    return error.response(request.state.id)


def _http(request: Request, error: Any) -> JSONResponse:
    name = HTTPStatus(error.status_code).phrase.lower().replace(" ", "-")
    headers = dict(error.headers or {})
    detail = f"{error.detail}: {request.method} here. /openapi.json says what there is."
    return Problem(error.status_code, name, detail, headers).response(request.state.id)


def _invalid(request: Request, error: Any) -> JSONResponse:
    found = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
    return Problem(422, "invalid-request", found).response(request.state.id)


def _unforeseen(request: Request, error: Exception) -> JSONResponse:
    """The log gets the place of the fault; its message might hold a name."""
    fields = {"request": request.state.id, "error": type(error).__name__, "at": frames_of(error)}
    LOG.error("unforeseen error", extra={"fields": fields})
    detail = "The server failed at this request. Its log has the place, under the request's id."
    return Problem(500, "internal-error", detail).response(request.state.id)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems of a route, for its OpenAPI description."""
    schema = {
        "type": "object",
        "required": ["type", "title", "status", "detail", "request"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "request": {"type": "string"},
        },
    }
    content = {MEDIA_TYPE: {"schema": schema}}
    return {s: {"description": HTTPStatus(s).phrase, "content": content} for s in statuses}
