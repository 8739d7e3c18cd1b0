"""GET /v1/models: what is served, and what to know of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from dfd_tf.serve.knowledge import Model
from dfd_tf.serve.problems import Problem, documented
from dfd_tf.serve.service import Service, service_of

routes = APIRouter()
_REFUSALS = (401, 403, 421, 500)


class Models(BaseModel):
    """Names of the detectors that are served here; at present one."""

    models: list[str]


@routes.get("/v1/models", summary="Name what is served", responses=documented(*_REFUSALS))
async def list_served(service: Annotated[Service, Depends(service_of)]) -> Models:
    """The names of the detectors that are served."""
    return Models(models=[service.model.name])


@routes.get(
    "/v1/models/{name}",
    summary="Card, thresholds, and what a detector has learned",
    responses=documented(404, 422, *_REFUSALS),
)
async def show_model(name: str, service: Annotated[Service, Depends(service_of)]) -> Model:
    """What to know of a detector before believing it."""
    if name != service.model.name:
        raise Problem(404, "no-model", f"The only model here is {service.model.name!r}.")
    return service.model
