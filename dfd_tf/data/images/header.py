"""What an image file says about itself before a pixel is decoded."""

from __future__ import annotations

from dataclasses import dataclass, field

from dfd_tf.data.images.colour import changes_colours


@dataclass(frozen=True)
class ImageHeader:
    """What the first bytes of an image promise.

    Attributes:
        format: ``"jpeg"``, ``"png"``, ``"webp"``, ``"bmp"``, ``"gif"``, ``"heif"`` or ``"avif"``.
        width: pixels per stored row, before the orientation is applied.
        height: stored rows, before the orientation is applied.
        orientation: EXIF orientation, 1 (upright) to 8; 1 for HEIF and AVIF, which say it in other
            ways that only their decoders know.
        components: colour components of a JPEG (1, 3 or 4), else None.
        profile: the ICC profile of a JPEG; of a PNG, HEIF or AVIF one for the colours that it names
            by number, where they are wider than sRGB; else empty.
        ended: whether a JPEG has its end marker; some phones leave it out.
    """

    format: str
    width: int
    height: int
    orientation: int = 1
    components: int | None = None
    profile: bytes = field(default=b"", repr=False)
    ended: bool = True

    @property
    def name(self) -> str:
        """The format as people write it."""
        return "WebP" if self.format == "webp" else self.format.upper()

    @property
    def n_pixels(self) -> int:
        """Pixels of the decoded image; each takes three bytes."""
        return self.width * self.height

    @property
    def plain(self) -> bool:
        """Whether any JPEG decoder gives the same pixels.

        That is with three components, stored upright, in sRGB and with an end marker.
        """
        return (
            self.format == "jpeg"
            and self.components == 3
            and self.orientation == 1
            and self.ended
            and not changes_colours(self.profile, "RGB")
        )
