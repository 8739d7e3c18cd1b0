"""Where detectors are: bundle folders, run folders, and those that come with the package."""

from __future__ import annotations

import difflib
from pathlib import Path

from dfd_tf.detectors.info import FILE
from dfd_tf.errors import UserError


def find_bundle(where: str | Path) -> Path:
    """Folder of a bundle, given itself, its run or its shipped name.

    Raises:
        UserError: nothing there; the message lists the shipped detectors.
    """
    for folder in (Path(where), Path(where) / "bundle", shipped_models() / str(where)):
        if (folder / FILE).is_file():
            return folder
    shipped = list_models()
    near = difflib.get_close_matches(str(where), shipped, n=1, cutoff=0.5)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise UserError(
        f"No detector at {str(where)!r}.{hint} Expected a bundle folder (with {FILE}), a run "
        f"folder, or the name of a shipped detector: {', '.join(shipped)}."
    )


def shipped_models() -> Path:
    """Folder of the detectors that come with the package."""
    package = Path(__file__).parent.parent
    installed = package / "saved_models"
    return installed if installed.is_dir() else package.parent / "saved_models"


def list_models() -> list[str]:
    """Names of the detectors that come with the package."""
    return sorted(path.parent.name for path in shipped_models().glob(f"*/{FILE}"))
