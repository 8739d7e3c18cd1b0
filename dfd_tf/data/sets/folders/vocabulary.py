"""The vocabulary of dataset folders: which name means which split or class, or a kind of image."""

from __future__ import annotations

import re
from collections.abc import Iterable

from dfd_tf.types import FAKE, REAL

_SPLITS = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("valid", "val", "validation", "validate", "validating", "dev"), "valid"),
    **dict.fromkeys(("test", "testing", "holdout", "heldout"), "test"),
}
# Test images where no folder beside it says that it has those, else validation images.
_EVALUATION = ("eval", "evaluation")

_REAL_NAMES = ("real", "reals", "original", "originals", "authentic", "pristine", "genuine")
_FAKE_NAMES = (
    *("fake", "fakes", "deepfake", "deepfakes", "forged", "forgery"),
    *("manipulated", "tampered", "altered", "generated", "synthetic"),
)
_CLASSES = {**dict.fromkeys(_REAL_NAMES, REAL), **dict.fromkeys(_FAKE_NAMES, FAKE)}
_AROUND_CLASS = re.compile(r"^(training|\d+)|(images?|faces?|photos?)$")

# Where photos come from and what makes fakes: folders of these names hold no frames of one video.
_KIND = re.compile(
    r"(celeba(hq|mask\w*)?|ffhq|vggface\d?|lfw|coco|imagenet|lsun|youtube|actors|faceforensics"
    r"|dfdc|celebdf|wilddeepfake|pggan|progan|stylegan\w*|stargan|biggan|cyclegan|gaugan|attgan"
    r"|glow|vae|vqvae|adm|ddpm|ldm|sd|sd\d\w*|sdxl|stablediffusion\w*|latentdiffusion|midjourney"
    r"|dalle?\w*|flux\w*|imagen|firefly|wukong|glide|face2face|f2f|faceswap|fsgan|simswap|roop"
    r"|deepfakes?|deepfacelab|deepfakedetection|neuraltextures|faceshifter"
    r"|easy|mid|medium|hard|raw|c0|c23|c40)(frames?|faces?|images?|real|fake)?(\d+k?)?"
)


def squash(name: str) -> str:
    """Fold case and drop separators: ``"CelebA-HQ"`` and ``"celeba_hq"`` become ``"celebahq"``."""
    return re.sub(r"[\W_]+", "", name.casefold())


def split_of(name: str) -> str | None:
    """The split that a name alone means: ``"train"``, ``"valid"``, ``"test"`` or None."""
    squashed = squash(name)
    return "test" if squashed in _EVALUATION else _SPLITS.get(squashed)


def splits_of(names: Iterable[str]) -> dict[str, str]:
    """The split that each of some names beside one another means; those that mean none lack."""
    names = list(names)
    found = {name: split for name in names if (split := split_of(name))}
    clear = {split for name, split in found.items() if squash(name) not in _EVALUATION}
    if "test" in clear:
        found |= {name: "valid" for name in found if squash(name) in _EVALUATION}
    return found


def class_of(name: str) -> int | None:
    """The class that a folder name means (fake = 1, real = 0) or None.

    Numbers and ``training`` before it, ``images``, ``faces`` and ``photos`` after it do not count:
    ``0_real``, ``training_real``, ``Real Images``.
    """
    squashed = squash(name)
    return _CLASSES.get(squashed, _CLASSES.get(_AROUND_CLASS.sub("", squashed)))


def label_of(value: str) -> int | None:
    """The class that a cell of a table means: a word as of folders, or 0 (real) and 1 (fake)."""
    value = value.strip()
    numbers = {"0": REAL, "0.0": REAL, "1": FAKE, "1.0": FAKE}
    return numbers.get(value, class_of(value))


def is_kind(name: str) -> bool:
    """Whether a name is that of a generator, a source of photos or a degree, not of one video."""
    return bool(_KIND.fullmatch(squash(name)))
