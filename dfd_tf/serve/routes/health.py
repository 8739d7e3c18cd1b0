"""Probes and figures for those who run the service."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel
from starlette.responses import Response

from dfd_tf.serve.problems import documented, unavailable
from dfd_tf.serve.service import Service, service_of

routes = APIRouter()


class Fine(BaseModel):
    """The answer of a probe that is content."""

    status: Literal["ok"] = "ok"


@routes.get("/healthz", summary="Whether the process answers", responses=documented(421))
async def healthz() -> Fine:
    """Answers as long as the process lives."""
    return Fine()


@routes.get("/readyz", summary="Whether requests are welcome", responses=documented(421, 503))
async def readyz(service: Annotated[Service, Depends(service_of)]) -> Fine:
    """503 until the detector is loaded and while the service ends."""
    if service.draining:
        raise unavailable("draining", "This service is ending. Ask another one.")
    if not service.workers.warm:
        raise unavailable("not-ready", "The detector is being loaded. Ask again.")
    return Fine()


@routes.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}}, **documented(401, 421)},
)
async def metrics(service: Annotated[Service, Depends(service_of)]) -> Response:
    """Counters and histograms of this process."""
    return Response(generate_latest(service.meters.registry), media_type=CONTENT_TYPE_LATEST)
