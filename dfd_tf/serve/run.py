"""The web server around the application: start, drain, stop."""

from __future__ import annotations

import socket
import sys
from threading import Timer
from types import FrameType

import uvicorn

from dfd_tf.errors import UserError
from dfd_tf.serve.app import create_app
from dfd_tf.serve.logs import log_to_stdout
from dfd_tf.serve.service import Service
from dfd_tf.serve.settings import Settings

KEEP_ALIVE_SECONDS = 5


def serve(settings: Settings, *, quiet: bool = False) -> None:
    """Answer requests until SIGTERM or SIGINT, and then finish what was accepted.

    Args:
        settings: of the service.
        quiet: do not log requests.

    Raises:
        UserError: the detector cannot be loaded, or the address cannot be had.
    """
    log_to_stdout(quiet=quiet)
    service = Service(settings)
    config = uvicorn.Config(
        create_app(service),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=round(settings.upload_timeout + settings.timeout) + 1,
    )
    door = _door(settings)
    if not quiet:
        _announce(service, door)
    _Server(config, service).run(sockets=[door])
    if service.failure:
        raise service.failure


def _door(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        door = socket.create_server((settings.host, settings.port), family=family)
    except (OSError, OverflowError) as error:
        where = f"{settings.host}, port {settings.port}"
        raise UserError(
            f"cannot listen on {where}: {error}. Take another --port or --host."
        ) from None
    # Head and body of an answer are two packets: else the second waits for a receipt, 40 ms.
    door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return door


def _announce(service: Service, door: socket.socket) -> None:
    settings, port = service.settings, door.getsockname()[1]
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    _tell(f"{service.model.name}: http://{host}:{port}")
    if service.page.no_device:
        _tell(f"Its page cannot judge on the device of its user. {service.page.no_device}")
    if not settings.is_local and settings.token is None:
        _tell("Whoever reaches this address may ask. --token-file asks them for a token.")


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


class _Server(uvicorn.Server):
    """Tells load balancers that it will end, before it does."""

    def __init__(self, config: uvicorn.Config, service: Service) -> None:
        super().__init__(config)
        self._service = service
        service.on_failure = self._leave

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Drain at the first signal, leave at once at the second."""
        if self._service.draining:
            self.should_exit = self.force_exit = True
            return
        self._service.draining = True
        timer = Timer(self._service.settings.drain, self._leave)
        timer.daemon = True
        timer.start()

    def _leave(self) -> None:
        self.should_exit = True
