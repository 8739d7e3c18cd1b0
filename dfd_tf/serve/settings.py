"""What one service is: its detector, its limits, whom it listens to."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network

from limits import RateLimitItem, parse

from dfd_tf import DEFAULT_MODEL
from dfd_tf.detectors.bundle import Engine
from dfd_tf.detectors.detector import DEFAULT_FACES, Faces
from dfd_tf.errors import UserError

MOST_FILES = 16
LOOPBACK = ("127.0.0.1", "::1", "localhost")
Network = IPv4Network | IPv6Network


@dataclass(frozen=True)
class Settings:
    """Everything that a service is told when it starts.

    Attributes:
        model: bundle folder, run folder or shipped name.
        engine: see `load_detector`.
        faces: see `Detector.judgements`.
        host: address to listen on.
        port: 0 takes a free one.
        workers: threads that judge, each with a detector of its own.
        waiting: requests that may wait for a worker; more are answered with 503.
        timeout: seconds from the end of the upload to the answer.
        upload_timeout: seconds that an upload may take.
        max_body: bytes of a request.
        max_uploads: bytes of all requests that are in memory at one time.
        max_video: bytes of a video.
        longest_video: seconds of a video.
        video_upload_timeout: seconds that the upload of a video may take.
        video_timeout: seconds that judging a video may take.
        token: what clients must show; None lets everyone in.
        rate: judgements that one client may ask for; None is no limit.
        proxies: networks whose X-Forwarded-For is believed.
        drain: seconds between a SIGTERM and the closing of the door, in which /readyz says 503.
    """

    model: str = DEFAULT_MODEL
    engine: Engine = "auto"
    faces: Faces = DEFAULT_FACES
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = field(default_factory=lambda: os.cpu_count() or 1)
    waiting: int = 8
    timeout: float = 30.0
    upload_timeout: float = 30.0
    max_body: int = 64_000_000
    max_uploads: int = 512_000_000
    max_video: int = 256_000_000
    longest_video: float = 600.0
    video_upload_timeout: float = 300.0
    video_timeout: float = 600.0
    token: str | None = None
    rate: RateLimitItem | None = None
    proxies: tuple[Network, ...] = ()
    drain: float = 0.0

    def __post_init__(self) -> None:
        for name in ("workers", "timeout", "upload_timeout", "max_body"):
            if getattr(self, name) <= 0:
                raise UserError(f"{name} must be more than 0, received {getattr(self, name)}.")
        for name in ("waiting", "drain"):
            if getattr(self, name) < 0:
                raise UserError(f"{name} cannot be negative, received {getattr(self, name)}.")
        if self.max_uploads < self.max_body:
            raise UserError("max_uploads must hold at least one request of max_body bytes.")
        if self.token is not None and len(self.token) < 16:
            raise UserError("a token of less than 16 characters can be guessed: take a longer one.")

    @property
    def is_local(self) -> bool:
        """Whether only programs of this machine can ask."""
        return self.host in LOOPBACK


def parse_rate(text: str) -> RateLimitItem:
    """A rate such as 60/minute.

    Raises:
        UserError: it is none.
    """
    try:
        return parse(text)
    except ValueError:
        raise UserError(
            f"{text!r} is no rate. Expected for example 60/minute or 5/second."
        ) from None


def parse_proxy(text: str) -> Network:
    """A proxy's address, or a network of proxies such as 10.0.0.0/8.

    Raises:
        UserError: it is none.
    """
    try:
        return ip_network(text)
    except ValueError as error:
        raise UserError(f"{text!r} is no address of a proxy: {error}.") from None
