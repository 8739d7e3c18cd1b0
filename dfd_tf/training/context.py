"""What all trainers of a run are given."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from dfd_tf.audio.hearing import Hearing
from dfd_tf.config import RunConfig
from dfd_tf.data.preprocess import Preprocessing
from dfd_tf.errors import UserError
from dfd_tf.reporter import SILENT, Reporter
from dfd_tf.training.dataset import RunData
from dfd_tf.training.frozen.feature_cache import FeatureCache
from dfd_tf.training.processes.group import ALONE, Group

if TYPE_CHECKING:
    import keras


class Trained(NamedTuple):
    """What a trainer gives.

    Attributes:
        model: the detector, in float32.
        history: a row of figures an epoch, as in history.csv.
    """

    model: keras.Model
    history: pd.DataFrame


@dataclass(frozen=True)
class RunContext:
    """A run that has begun.

    Attributes:
        config: what to do.
        folder: the run folder; checkpoints and history.csv are written there.
        data: what is trained and measured on.
        inputs: how images, or sound, become inputs.
        precision: Keras' dtype policy for training.
        resume: go on from the newest checkpoint in the folder, if there is one.
        reporter: what says how the run goes.
        cache: of frozen layers' features, where they are of photos as they are judged, or of
            sound and shared with other runs.
        facts: content of environment.json.
        group: the processes that train together.
    """

    config: RunConfig
    folder: Path
    data: RunData
    inputs: Preprocessing | Hearing
    precision: str = "float32"
    resume: bool = False
    reporter: Reporter = SILENT
    cache: FeatureCache | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    group: Group = ALONE

    @property
    def preprocessing(self) -> Preprocessing:
        """How images become inputs.

        Raises:
            UserError: the examples are sound.
        """
        if isinstance(self.inputs, Hearing):
            raise UserError(
                f"{self.config.model.name} hears sound and learns by labels, from windows that "
                "chance draws: leave out one_class, and train.feature_passes of 0."
            )
        return self.inputs

    @property
    def train(self) -> pd.DataFrame:
        """Training images."""
        return self.data.split("train")

    @property
    def valid(self) -> pd.DataFrame:
        """Validation images."""
        return self.data.split("valid")

    @property
    def checkpoints(self) -> Path:
        """Folder of what is dropped once the run is finished."""
        return self.folder / "checkpoints"
