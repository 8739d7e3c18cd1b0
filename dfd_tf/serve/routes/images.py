"""POST /v1/images: photos in, a row a face out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel

from dfd_tf.detectors.reading import NamedBytes
from dfd_tf.serve.maps import Map
from dfd_tf.serve.problems import Problem, documented, unavailable
from dfd_tf.serve.rows import Row, rows_of
from dfd_tf.serve.service import Service, service_of
from dfd_tf.serve.uploads import FIELD
from dfd_tf.serve.workers import Answer

routes = APIRouter()

EXAMPLE: Any = {
    "model": "efficientnet_lite0",
    "rows": [
        {
            "path": "photo.jpg",
            "score": 0.031415,
            "verdict": "real",
            "reason": "",
            "face": {"left": 120, "top": 64, "width": 210, "height": 210},
        }
    ],
    "map": None,
}
FORM = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": [FIELD],
                "properties": {
                    FIELD: {
                        "type": "array",
                        "minItems": 1,
                        "maxItems": 16,
                        "items": {"type": "string", "format": "binary"},
                    }
                },
            }
        }
    },
}


class Judged(BaseModel):
    """The rows of all photos in the order in which they were sent."""

    model: str
    rows: list[Row]
    map: Map | None = None

    model_config = {"json_schema_extra": {"example": EXAMPLE}}


@routes.post(
    "/v1/images",
    summary="Judge 1 to 16 photos",
    responses=documented(400, 401, 403, 408, 413, 415, 421, 422, 429, 500, 503),
    openapi_extra={"requestBody": FORM},
)
async def judge_images(
    request: Request,
    service: Annotated[Service, Depends(service_of)],
    explain: Annotated[bool, Query(description="add the map of a single photo")] = False,
) -> Judged:
    """Judge photos: a row a face, and a row with a reason for what cannot be judged."""
    await _admit(request, service, explain)
    async with service.uploads.photos(request) as photos:
        if explain and len(photos) > 1:
            raise Problem(422, "one-photo", "A map is drawn of one photo a request.")
        draw = service.maps.draw if service.maps and explain else None
        answer = await service.workers.judge(photos, service.settings.timeout, draw)
        _note(request, service, photos, answer)
    rows = [row for judgements in answer.files for row in rows_of(judgements)]
    return Judged(model=service.model.name, rows=rows, map=answer.map)


async def _admit(request: Request, service: Service, explain: bool) -> None:
    """Refuse what would be refused anyway before its body is read."""
    if not service.workers.warm:
        raise unavailable("not-ready", "The detector is being loaded. Ask again.")
    service.clients.count(request)
    if explain and service.maps is None:
        detail = "This service draws no maps: they need TensorFlow and a detector that has maps."
        raise Problem(422, "no-maps", detail)
    await service.workers.room()


def _note(request: Request, service: Service, photos: Sequence[NamedBytes], answer: Answer) -> None:
    """Count and log what was judged."""
    meters = service.meters
    meters.wait.observe(answer.waited)
    meters.score.observe(answer.scored)
    meters.prepare.observe(max(0.0, answer.worked - answer.scored))
    verdicts = Counter(row.verdict for rows in answer.files for row in rows)
    for verdict, n in verdicts.items():
        meters.verdicts.labels(verdict).inc(n)
    request.state.log = {
        "sha256": answer.digests,
        "bytes": sum(len(photo.data) for photo in photos),
        "verdicts": dict(verdicts),
        "waited": round(answer.waited, 4),
        "worked": round(answer.worked, 4),
    }
