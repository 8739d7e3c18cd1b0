"""From a recording to the windows that a network hears: the entrance of sound to the scoring path.

Where a detector of images has a `Reader`, one of sound has a `Listener`; all else is shared.
"""

from __future__ import annotations

from pathlib import Path

from dfd_tf.audio.hearing import Hearing
from dfd_tf.audio.reading import UnusableSound, read_sound
from dfd_tf.audio.windows import NoSpeech, Windows
from dfd_tf.detectors.reading import Change, NamedBytes, NamedFile, NamedImage, Prepared, Source
from dfd_tf.errors import Unusable

NOT_APPLICABLE = "not applicable"


class Listener:
    """Prepares recordings, from several threads at once.

    Args:
        hearing: how sound becomes inputs.
        change: what happens to a recording's samples, such as a degradation; gets the source's
            name as well.
    """

    def __init__(self, hearing: Hearing, change: Change | None = None) -> None:
        self.hearing = hearing
        self.change = change

    def __call__(self, source: Source) -> list[Prepared]:
        """The windows of a recording, as one piece, or why there are none."""
        name = str(source) if isinstance(source, str | Path) else source.name
        try:
            return [Prepared(name, self.windows_of(source).samples)]
        except NoSpeech as error:
            return [Prepared(name, None, None, NOT_APPLICABLE, error.reason)]
        except Unusable as error:
            return [Prepared(name, None, None, "error", error.reason)]
        except MemoryError:
            return [Prepared(name, None, None, "error", "too large for the memory at hand")]

    def windows_of(self, source: Source) -> Windows:
        """The windows of a recording, and where they begin.

        Raises:
            UnusableSound: it cannot be read, or has no speech in it.
        """
        samples = read_sound(_content_of(source)).samples
        if self.change:
            name = str(source) if isinstance(source, str | Path) else source.name
            samples = self.change(samples, name)
        return self.hearing.windows_of(samples)


def _content_of(source: Source) -> str | Path | bytes:
    if isinstance(source, NamedBytes):
        return source.data
    if isinstance(source, NamedFile):
        return source.read()
    if isinstance(source, NamedImage):
        raise UnusableSound("a picture, not sound")
    return source
