"""One running service: its parts, and whether it is ready."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Literal

from fastapi import Request

from dfd_tf.backend import start_keras
from dfd_tf.detectors.bundle import choose_engine, load_detector
from dfd_tf.detectors.detector import Detector
from dfd_tf.detectors.info import read_info
from dfd_tf.detectors.locate import find_bundle
from dfd_tf.serve.clients import Clients
from dfd_tf.serve.jobs import Jobs
from dfd_tf.serve.knowledge import Model, describe
from dfd_tf.serve.maps import Maps, can_explain
from dfd_tf.serve.meters import Meters
from dfd_tf.serve.page.knowledge import tell_page
from dfd_tf.serve.settings import Settings
from dfd_tf.serve.uploads import Uploads
from dfd_tf.serve.workers import Workers


class Service:
    """The parts that the routes share.

    Args:
        settings: of the service.

    Raises:
        UserError: no such detector.

    Attributes:
        settings: as given.
        draining: whether it finishes what it has and wants no more.
        failure: why the detector could not be loaded.
        on_failure: called then.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.draining = False
        self.failure: BaseException | None = None
        self.on_failure: Callable[[], None] = lambda: None
        info = read_info(find_bundle(settings.model))
        engine: Literal["lite", "keras"] = (
            "lite" if choose_engine(settings.model, settings.engine) == "lite" else "keras"
        )
        self._engine = engine
        self.workers = Workers(self._load, settings.workers, settings.waiting, settings.faces)
        self.uploads = Uploads(settings)
        self.jobs = Jobs(settings)
        self.clients = Clients(settings)
        self.meters = Meters(lambda: self.workers.depth)
        self.maps = Maps(settings.model, settings.faces) if can_explain(info) else None
        self.model: Model = describe(settings.model, info, engine, maps=self.maps is not None)
        self.page = tell_page(self.model, info, settings.faces, settings)

    @property
    def ready(self) -> bool:
        """Whether new requests are welcome."""
        return self.workers.warm and not self.draining

    def start(self) -> None:
        """Load the detector beside the answering of health probes."""
        self.workers.start(self._fail)

    async def stop(self) -> None:
        """Finish what was accepted."""
        self.draining = True
        await self.jobs.stop()
        self.workers.stop()

    def _fail(self, error: BaseException) -> None:
        self.failure = error
        self.on_failure()

    def _load(self) -> Detector:
        if self._engine == "keras":
            start_keras()
        # Workers share the cores among themselves; Keras shares them out by itself.
        threads = max(1, (os.cpu_count() or 1) // self.settings.workers)
        return load_detector(self.settings.model, engine=self._engine, threads=threads)


def service_of(request: Request) -> Service:
    """The service that a request is for."""
    service: Service = request.app.state.service
    return service
