"""Dataset folders of any known layout as TFRecord, one configuration a dataset."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import os
import re
from collections.abc import Hashable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import tensorflow_datasets as tfds

from dfd_tf.data.sets.choices import AS_FOUND, Datasets
from dfd_tf.data.sets.examples import load_examples
from dfd_tf.data.sets.reading import read_layout
from dfd_tf.data.sets.splits import split_source
from dfd_tf.errors import UserError
from dfd_tf.types import CLASS_NAMES

_SPLIT_NAMES = {"train": "train", "valid": "validation", "test": "test"}
_SEED = 0  # of the cut of a set without splits: written once, so it must not be a choice


@dataclasses.dataclass(eq=False, kw_only=True)
class FacesConfig(tfds.core.BuilderConfig):
    """One dataset.

    Attributes:
        source: the short name that `read_layout` gives the dataset.
        texts: what it tells of an image beside file, group and source.
        homepage: where it is to be had.
        license: what its makers allow.
    """

    source: str
    texts: tuple[str, ...] = ()
    homepage: str = ""
    license: str = ""


F140K = FacesConfig(
    name="140k",
    source="140k",
    description="140k Real and Fake Faces: photos of FFHQ and faces made by StyleGAN, 256 px.",
    homepage="https://www.kaggle.com/datasets/xhlulu/140k-real-and-fake-faces",
    license="FFHQ: CC BY-NC-SA 4.0, non-commercial",
)

HFM = FacesConfig(
    name="hfm",
    source="ciplab",
    texts=("difficulty", "parts"),
    description="Handcrafted facial manipulation, as CIPLab's Real and Fake Face Detection has it: "
    "photos, and faces whose eyes, nose or mouth were exchanged in an image editor.",
    homepage="https://www.kaggle.com/datasets/ciplab/real-and-fake-face-detection",
    license="CIPLab, Yonsei University: non-commercial",
)


class RealFakeFaces(tfds.core.GeneratorBasedBuilder):
    """Real and forged faces: "140k", "hfm", or any other folder that `read_layout` knows.

    Files are stored byte for byte, for the traces that a detector looks for live in them. A set
    without splits is cut 70/15/15 by group, as `load_examples` cuts it with seed 0; the feature
    ``own_split`` is then "", so that dfd_tf can cut it again with the seed of a run.
    """

    VERSION = tfds.core.Version("1.0.0")
    BUILDER_CONFIGS = [F140K, HFM]  # noqa: RUF012  # declared so by tensorflow-datasets
    MANUAL_DOWNLOAD_INSTRUCTIONS = """\
    Download the dataset yourself, unpack it and give its folder as manual_dir:
      140k  https://www.kaggle.com/datasets/xhlulu/140k-real-and-fake-faces
            the folder with real_vs_fake/real-vs-fake/{train,valid,test}/{real,fake}
      hfm   https://www.kaggle.com/datasets/ciplab/real-and-fake-face-detection
            the folder with real_and_fake_face/training_{real,fake}
    `dfd prepare --data FOLDER --out DATA_DIR` does it for these and for every other layout.
    """

    choices = AS_FOUND

    def _info(self) -> tfds.core.DatasetInfo:
        config = self.builder_config
        texts = ("file", "group", "source", "own_split", *config.texts)
        return tfds.core.DatasetInfo(
            builder=self,
            description=config.description,
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(doc="the file as it was, RGB when decoded"),
                    "label": tfds.features.ClassLabel(names=list(CLASS_NAMES)),
                    **{name: tfds.features.Text() for name in texts},
                }
            ),
            supervised_keys=("image", "label"),
            homepage=config.homepage or None,
            license=config.license or None,
        )

    def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict[str, Any]:
        root = os.fspath(dl_manager.manual_dir)
        table = read_layout(root, self.choices)
        found, expected = table["source"].iloc[0], self.builder_config.source
        if found != expected:
            raise UserError(f"{root} holds the dataset {found!r}: expected {expected!r}")
        split = split_source(table, seed=_SEED).split
        return {_SPLIT_NAMES[name]: self._generate_examples(t) for name, t in table.groupby(split)}

    def _generate_examples(self, table: pd.DataFrame) -> Iterator[tuple[str, dict[Hashable, Any]]]:
        renamed = table.drop(columns=["real", "folder"])
        renamed = renamed.rename(columns={"path": "image", "split": "own_split"})
        for example in renamed.to_dict("records"):
            yield str(example["file"]), example


def build_faces(root: str | Path | Datasets, data_dir: str | Path) -> str:
    """Write a dataset folder as TFRecord.

    Args:
        root: a folder of any layout that `read_layout` knows.
        data_dir: where tensorflow-datasets keeps its sets; made if need be.

    Returns:
        What to give to ``--data``: ``"tfds:real_fake_faces/140k@DATA_DIR"``.

    Raises:
        UserError: the set has been built there before, or see `read_layout`.
    """
    sets = root if isinstance(root, Datasets) else Datasets([root])
    root, data_dir = (Path(place).expanduser().absolute() for place in (sets[0], data_dir))
    builder = RealFakeFaces(data_dir=data_dir, config=_config_of(load_examples(sets)))
    builder.choices = sets.choices.settled()
    if os.path.exists(builder.data_dir):
        raise UserError(f"{builder.data_dir} is there already: remove it, or build elsewhere")
    # It announces a download, which there is none of.
    with contextlib.redirect_stdout(io.StringIO()):
        builder.download_and_prepare(
            download_config=tfds.download.DownloadConfig(manual_dir=root),
            file_format=tfds.core.FileFormat.TFRECORD,
        )
    return f"tfds:{builder.name}/{builder.builder_config_name}@{data_dir}"


def _config_of(table: pd.DataFrame) -> FacesConfig:
    source = table["source"].iloc[0]
    for known in RealFakeFaces.BUILDER_CONFIGS:
        if known.source == source:
            return known
    name = re.sub(r"[^A-Za-z0-9_.-]+", "_", source)
    if name in RealFakeFaces.builder_configs:  # a plain folder that is called like a known set
        name += "_folder"
    return FacesConfig(name=name, source=source, description=f"Real and fake faces: {source}.")
