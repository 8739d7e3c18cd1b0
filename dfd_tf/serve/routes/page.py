"""The page: a few files of the package, nothing from elsewhere."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Literal

from fastapi import APIRouter
from starlette.responses import Response

routes = APIRouter(include_in_schema=False)

TYPES = {"index.html": "text/html", "page.css": "text/css", "page.js": "text/javascript"}


@routes.get("/")
async def index() -> Response:
    """The page itself."""
    return _file("index.html")


@routes.get("/page/{name}")
async def part(name: Literal["page.css", "page.js"]) -> Response:
    """Its style and its script."""
    return _file(name)


@cache
def _file(name: str) -> Response:
    content = files("dfd_tf.serve").joinpath("page", name).read_bytes()
    return Response(content, media_type=TYPES[name])
