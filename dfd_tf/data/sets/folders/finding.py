"""Which datasets a folder holds: recognised by what is in it, in it or a few folders deeper."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from dfd_tf.data.sets.choices import Choices
from dfd_tf.data.sets.folders.class_folders import ClassFolder, class_folders
from dfd_tf.data.sets.folders.tree import Folder
from dfd_tf.data.sets.folders.vocabulary import class_of, split_of
from dfd_tf.data.sets.layouts import Layout, Recognised, layout_named, layouts
from dfd_tf.errors import UserError
from dfd_tf.types import CLASS_NAMES

_WRAPPERS = 3
_SHOWN = 12


class Found(NamedTuple):
    """A dataset in a folder.

    Attributes:
        folder: in which its split or class folders stand.
        layout: by which it was recognised.
        recognised: what the layout found.
        names: the folders between the root and it, without those that name a split.
        split: that the folders between the root and it name, or "".
    """

    folder: Folder
    layout: Layout
    recognised: Recognised
    names: tuple[str, ...]
    split: str


def find_sets(root: Folder, choices: Choices) -> list[Found]:
    """The datasets in a folder: those that lie highest.

    Raises:
        UserError: none, several of which one is of a known name, or one that can be read in two
            ways.
    """
    asked = _asked(choices)
    level = [root]
    for _ in range(_WRAPPERS + 1):
        found = [hit for folder in level if (hit := _look_at(folder, root, asked, choices))]
        if found:
            _require_one_kind(found, root)
            return found
        level = [child for folder in level for child in folder.folders]
    raise UserError(_nothing_found(root, asked))


def _asked(choices: Choices) -> list[Layout]:
    if choices.layout:
        return [layout_named(choices.layout)]
    takes = choices.takes or "image"
    return [
        layout for layout in layouts() if not layout.only_if_named and layout.takes in (None, takes)
    ]


def _look_at(
    folder: Folder, root: Folder, asked: Sequence[Layout], choices: Choices
) -> Found | None:
    hits = [(layout, hit) for layout in asked if (hit := layout.recognise(folder))]
    if not hits:
        return None
    layout, recognised = hits[0]
    alike = [other.name for other, _ in hits if other.rank == layout.rank]
    if len(alike) > 1:
        raise UserError(
            f"{folder.path} may be of the layouts {' and '.join(alike)}: say which with --layout"
        )
    if not choices.layout and _holds_sets(folder, recognised):
        return None
    between = folder.path.relative_to(root.path).parts
    split = next((name for part in between if (name := split_of(part))), "")
    names = tuple(part for part in between if not split_of(part))
    return Found(folder, layout, recognised, names, split)


def _holds_sets(folder: Folder, recognised: Recognised) -> bool:
    """Whether what looks like class folders are sets, each with both classes of its own.

    Raises:
        UserError: the names inside contradict those outside in another way.
    """
    torn = [(part, inner) for part in recognised.parts if (inner := _contradiction(part))]
    if not torn:
        return False
    if all(class_folders(part.folder) for part in recognised.parts):
        return True
    part, inner = torn[0]
    outer, name = CLASS_NAMES[part.label], CLASS_NAMES[1 - part.label]
    raise UserError(
        f"{inner.path} can be read in two ways: by the outer folder "
        f"{folder.below(part.folder.path)!r} its images are {outer}, by its own name they are "
        f"{name}. Say which decides: --layout plain for the outer name, --layout nested for the "
        "inner one"
    )


def _contradiction(part: ClassFolder) -> Folder | None:
    """A folder inside a class folder whose name means the other class."""
    if part.only_loose:
        return None
    inside = (f for f in part.folder.walk() if f is not part.folder)
    return next((f for f in inside if class_of(f.name) == 1 - part.label), None)


def _require_one_kind(found: list[Found], root: Folder) -> None:
    """Several plain sets are the sources of one; known sets are named one by one."""
    if len(found) > 1 and any(hit.layout.source_name for hit in found):
        names = ", ".join(str(hit.folder.path.relative_to(root.path)) for hit in found)
        raise UserError(
            f"{root.path} holds several datasets ({names}): name those you want, each with --data"
        )


def _nothing_found(root: Folder, asked: Sequence[Layout]) -> str:
    looked_for = "\n".join(
        f"  {layout.name:14} {layout.looked_for}" for layout in asked if layout.looked_for
    )
    again = " (--layout auto looks for all that are known)" if len(asked) == 1 else ""
    return (
        f"no known dataset layout in {root.path}. Looked for\n{looked_for}\n"
        f"in it or up to three folders deeper{again}. "
        f"Found instead: {_content(root) or 'nothing'}. "
        "A table of paths and labels may say what the folders do not: --labels FILE.csv. Photos "
        "that are all real, for detectors that learn from them alone: --layout reals"
    )


def _content(root: Folder) -> str:
    names = [f"{folder.name}/{_inside(folder)}" for folder in root.folders]
    files = [image.path for image in root.images] + [each.path for each in root.passed_over]
    names += sorted({path.name for path in files if path.parent == root.path})
    return ", ".join(names[:_SHOWN]) + _more(len(names) - _SHOWN)


def _inside(folder: Folder) -> str:
    names = [f"{inner.name}/" for inner in folder.folders[:4]]
    return f" (with {', '.join(names)}{_more(len(folder.folders) - 4)})" if names else ""


def _more(n: int) -> str:
    return f" and {n} more" if n > 0 else ""


def printable(path: str | Path) -> str:
    """A path for a person, also where its name is no text."""
    return str(path).encode("utf-8", "backslashreplace").decode()
