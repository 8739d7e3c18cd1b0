"""The application: routes over a service."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.types import ASGIApp

import dfd_tf
from dfd_tf.serve.guard import Guard
from dfd_tf.serve.problems import handle_problems
from dfd_tf.serve.routes import health, images, models, page, videos
from dfd_tf.serve.service import Service


def create_app(service: Service) -> ASGIApp:
    """The web application of a service, which starts and stops with it."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        service.start()
        yield
        await service.stop()

    # The interactive pages of FastAPI load their scripts from elsewhere.
    app = FastAPI(
        title="dfd_tf",
        version=dfd_tf.__version__,
        summary="Tells whether a face image is real or fake.",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.service = service
    handle_problems(app)
    for part in (images, videos, models, health, page):
        app.include_router(part.routes)
    return Guard(app, service.clients, service.meters)
