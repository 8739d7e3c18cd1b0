"""POST /v1/videos: a video in, a job out, which is asked for its progress and verdict."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel
from starlette.requests import ClientDisconnect
from starlette.responses import Response, StreamingResponse

from dfd_tf.serve.jobs import Job, State
from dfd_tf.serve.problems import Problem, documented, unavailable
from dfd_tf.serve.service import Service, service_of

routes = APIRouter()

_REFUSALS = (401, 403, 404, 421, 500)
_ServiceOf = Annotated[Service, Depends(service_of)]
_BODY = {"required": True, "content": {"video/*": {"schema": {"format": "binary"}}}}


class JobState(BaseModel):
    """How far a job is; `verdict` is the content of the verdict.json of `dfd video`."""

    id: str
    state: State
    seconds: float
    of: float | None
    reason: str
    verdict: dict[str, Any] | None

    @classmethod
    def of_job(cls, job: Job) -> JobState:
        """What is told of a job."""
        return cls(**{name: getattr(job, name) for name in cls.model_fields})


class Moment(BaseModel):
    """A picture of a face, a small JPEG as a data URI, and when it was."""

    time: float
    uri: str


class Course(BaseModel):
    """A person over time: P(fake) by frame, null where the face was too small to be judged."""

    person: int
    times: list[float]
    scores: list[float | None]
    pictures: list[Moment]


@routes.post(
    "/v1/videos",
    status_code=202,
    summary="Judge a video, sent as the body",
    responses=documented(400, 408, 413, 415, 422, 429, 501, 503, *_REFUSALS),
    openapi_extra={"requestBody": _BODY},
)
async def judge_video(request: Request, response: Response, service: _ServiceOf) -> JobState:
    """Take a video and judge it when it is its turn; nothing of it is kept after."""
    if not service.ready:
        raise unavailable("not-ready", "The detector is being loaded, or the service is ending.")
    service.clients.count(request)
    if not request.headers.get("content-type", "").startswith(("video/", "application/octet-")):
        raise Problem(415, "no-video", "Send the file as the body, with its type, as video/mp4.")
    with service.jobs.receiving() as file:
        size = await _receive(request, file, service)
        job = service.jobs.begin(file)
    request.state.log = {"bytes": size}
    response.headers["location"] = f"/v1/jobs/{job.id}"
    return JobState.of_job(job)


@routes.get("/v1/jobs/{name}", summary="How far a job is", responses=documented(422, *_REFUSALS))
async def show_job(name: str, service: _ServiceOf) -> JobState:
    """Progress, and in the end the verdict."""
    return JobState.of_job(service.jobs[name])


@routes.get(
    "/v1/jobs/{name}/persons",
    summary="What to draw of the most suspicious persons of a video that was judged",
    responses=documented(422, *_REFUSALS),
)
async def show_persons(name: str, service: _ServiceOf) -> list[Course]:
    """Their scores over time and pictures; empty until the job is done."""
    return [Course(**course) for course in service.jobs[name].persons]


@routes.get(
    "/v1/jobs/{name}/events",
    summary="The same as server-sent events, until the job has ended",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}}, **documented(422, *_REFUSALS)},
)
async def follow_job(name: str, service: _ServiceOf) -> StreamingResponse:
    """An event whenever something is new."""
    return StreamingResponse(_events(service, service.jobs[name]), media_type="text/event-stream")


@routes.delete(
    "/v1/jobs/{name}",
    status_code=204,
    summary="Stop and forget a job",
    responses=documented(422, *_REFUSALS),
)
async def drop_job(name: str, service: _ServiceOf) -> None:
    """Kill what judges it."""
    service.jobs.drop(service.jobs[name])


async def _events(service: Service, job: Job) -> AsyncIterator[str]:
    async for now in service.jobs.news(job):
        yield f"event: {now.state}\ndata: {JobState.of_job(now).model_dump_json()}\n\n"


async def _receive(request: Request, file: Path, service: Service) -> int:
    """Write the body to a file: how many bytes it has.

    Raises:
        Problem: it is too large or too slow, empty, or stops.
    """
    limits, size = service.settings, 0
    try:
        async with asyncio.timeout(limits.video_upload_timeout):
            with file.open("wb") as target:
                async for chunk in request.stream():
                    size += len(chunk)
                    if size > limits.max_video:
                        limit = f"{limits.max_video / 1e6:g} MB"
                        raise Problem(413, "video-too-large", f"A video may have {limit}.")
                    target.write(chunk)
    except TimeoutError:
        raise Problem(408, "upload-too-slow", "The upload took too long.") from None
    except ClientDisconnect:
        raise Problem(400, "disconnected", "The client left before its upload was done.") from None
    if not size:
        raise Problem(422, "no-video", "The body is empty: send the file as it.")
    return size
