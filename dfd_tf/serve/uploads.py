"""Bodies of requests: read once, into memory, within bounds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from dfd_tf.detectors.reading import NamedBytes
from dfd_tf.serve.problems import Problem, unavailable
from dfd_tf.serve.settings import MOST_FILES, Settings

FIELD = "files"
_UNNAMED = "photo"


class Uploads:
    """Reads the photos of requests, all of which together fit into a share of memory.

    Args:
        settings: the limits.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._held = 0

    @asynccontextmanager
    async def photos(self, request: Request) -> AsyncIterator[list[NamedBytes]]:
        """The photos of a request, held until the block ends.

        Raises:
            Problem: the request is too large, too slow, or no form with 1 to 16 files; or the
                service holds too many others.
        """
        self._check_declared(request)
        stream = _Counted(self, request)
        try:
            yield await self._read_in_time(request, stream)
        finally:
            self._held -= stream.bytes

    async def _read_in_time(self, request: Request, stream: _Counted) -> list[NamedBytes]:
        try:
            async with asyncio.timeout(self._settings.upload_timeout):
                return await _read(request, stream.chunks())
        except TimeoutError:
            raise self._too_slow() from None

    def _check_declared(self, request: Request) -> None:
        if not request.headers.get("content-type", "").startswith("multipart/form-data"):
            raise Problem(415, "no-form", f"Send a form (multipart/form-data) with {FIELD}=@photo.")
        declared = request.headers.get("content-length", "")
        if declared.isdigit() and int(declared) > self._settings.max_body:
            raise self.too_large()

    def take(self, size: int) -> None:
        """Hold more bytes.

        Raises:
            Problem: there is no room.
        """
        if self._held + size > self._settings.max_uploads:
            raise unavailable("uploads-full", "Too many uploads are under way. Ask again.")
        self._held += size

    def too_large(self) -> Problem:
        """What a request is told that has too many bytes."""
        limit = self._settings.max_body / 1e6
        return Problem(
            413, "body-too-large", f"A request may have {limit:g} MB. Send fewer photos at a time."
        )

    def _too_slow(self) -> Problem:
        seconds = self._settings.upload_timeout
        return Problem(408, "upload-too-slow", f"The upload took more than {seconds:g} seconds.")

    @property
    def max_body(self) -> int:
        """Bytes that a request may have."""
        return self._settings.max_body


class _Counted:
    """The body of one request, counted as it comes."""

    def __init__(self, uploads: Uploads, request: Request) -> None:
        self._uploads, self._request = uploads, request
        self.bytes = 0

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        async for chunk in self._request.stream():
            if self.bytes + len(chunk) > self._uploads.max_body:
                raise self._uploads.too_large()
            self._uploads.take(len(chunk))
            self.bytes += len(chunk)
            yield chunk


class _InMemory(MultiPartParser):
    """Writes nothing to the disk, however large a photo is."""

    spool_max_size = 0  # no limit


async def _read(request: Request, chunks: AsyncGenerator[bytes, None]) -> list[NamedBytes]:
    parser = _InMemory(request.headers, chunks, max_files=MOST_FILES, max_fields=0)
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise _no_photos(error.message) from None
    except ClientDisconnect:
        raise Problem(400, "disconnected", "The client left before its upload was done.") from None
    try:
        if any(name != FIELD for name in form):
            raise _no_photos(f"The only field is {FIELD!r}.")
        photos = [
            NamedBytes(item.filename or _UNNAMED, await item.read())
            for item in form.getlist(FIELD)
            if isinstance(item, UploadFile)
        ]
    finally:
        await form.close()
    if not photos:
        raise _no_photos("There is no file.")
    return photos


def _no_photos(why: str) -> Problem:
    detail = f"Expected a form with 1 to {MOST_FILES} files in the field {FIELD!r}. {why}"
    return Problem(422, "no-photos", detail)
