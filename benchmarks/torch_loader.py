"""The same training input as a PyTorch DataLoader, at its best settings."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pandas as pd
import torch
from torch.utils.data import DataLoader, Dataset

from dfd_tf.data.batches.degradations.randomly import augmenting, degrade_randomly
from dfd_tf.data.preprocess import Preprocessing, Window


class PlannedImages(Dataset[Any]):
    """Images of an epoch after the same plan as `training_batches`: the same pixels come out.

    Args:
        plan: from `plan_epoch`; plain JPEG files that need no fitting, no turns.
        preprocessing: how images become inputs.
    """

    def __init__(self, plan: pd.DataFrame, preprocessing: Preprocessing) -> None:
        self.columns = {name: plan[name].to_numpy() for name in plan}
        self.preprocessing = preprocessing

    def __len__(self) -> int:
        return len(self.columns["path"])

    def __getitem__(self, index: int) -> tuple[torch.Tensor, np.float32]:
        item = {name: values[index] for name, values in self.columns.items()}
        image = cv2.imdecode(np.fromfile(item["path"], np.uint8), cv2.IMREAD_COLOR_RGB)
        image = Window(item["top"], item["left"], item["side"]).cut(image)
        if item["kinds"]:
            kinds = [name for bit, name in enumerate(augmenting()) if item["kinds"] >> bit & 1]
            image = degrade_randomly(image, kinds, item["seed"])
        image = self.preprocessing.scale(image)
        if item["flip"]:
            image = image[:, ::-1]
        return torch.from_numpy(np.ascontiguousarray(image)), np.float32(item["label"])


def torch_loader(
    plan: pd.DataFrame, preprocessing: Preprocessing, batch_size: int, workers: int
) -> Any:
    """Loader whose workers stay alive between epochs and use one thread each.

    Batches stay uint8 and channels last, which is less to copy than any other form.
    """
    return DataLoader(
        PlannedImages(plan, preprocessing),
        batch_size=batch_size,
        num_workers=workers,
        persistent_workers=True,
        prefetch_factor=4,
        drop_last=True,
        worker_init_fn=_one_thread,
    )


def _one_thread(worker: int) -> None:
    cv2.setNumThreads(0)
