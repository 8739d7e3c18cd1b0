"""The page: files of the package, of the user's cache and of the bundle, nothing from elsewhere."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from starlette.responses import FileResponse, Response

from dfd_tf.serve.page.files import index, network_file, parts
from dfd_tf.serve.page.knowledge import PageKnowledge
from dfd_tf.serve.problems import Problem
from dfd_tf.serve.service import Service, service_of

routes = APIRouter(include_in_schema=False)

TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".wasm": "application/wasm",
    ".tflite": "application/octet-stream",
}
_network_file = cache(network_file)  # which reads the file to verify it


@routes.get("/")
def page(request: Request) -> Response:
    """The page itself."""
    return _answer(request, index())


@routes.get("/page/{name:path}")
def part(request: Request, name: str) -> Response:
    """Its style and scripts, and the engine that judges on a device."""
    path = parts().get(f"page/{name}")
    if path is None:
        raise Problem(404, "no-part", "The page has no such part.")
    return _answer(request, path)


@routes.get("/v1/page/knowledge.json")
async def knowledge(service: Annotated[Service, Depends(service_of)]) -> PageKnowledge:
    """The detector, the rules by which a device judges, the words for both."""
    return service.page


@routes.get("/v1/page/{name}")
def network(
    request: Request,
    name: Literal["model.tflite", "faces.tflite"],
    service: Annotated[Service, Depends(service_of)],
) -> Response:
    """A network that a device judges with."""
    if service.page.rules is None:
        raise Problem(404, "no-device", service.page.no_device)
    return _answer(request, _network_file(service.settings.model, name))


def _answer(request: Request, path: Path) -> Response:
    """A file, which the browser may keep as long as it asks whether it is still the same."""
    file = FileResponse(path, media_type=TYPES[path.suffix], stat_result=path.stat())
    file.headers["cache-control"] = "no-cache"
    if request.headers.get("if-none-match") == file.headers["etag"]:
        return Response(status_code=304, headers=dict(file.headers))
    return file
