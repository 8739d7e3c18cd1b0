"""Judges the files of a list as one does first: PyTorch, a DataLoader of two workers, no faces.

EfficientNet-Lite0 at 224 pixels in its best form on a CPU: channels last, bfloat16, batches of 32,
and one thread, since a second one costs more than it brings where cores are shared. The decoder
shrinks large JPEGs as it reads them. Needs torch, efficientnet_lite_pytorch and Pillow, and nothing
of ours; run by `benchmarks.judging --peer`.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import numpy as np
import torch
from efficientnet_lite_pytorch import EfficientNet
from PIL import Image
from torch.utils.data import DataLoader, Dataset

SHORT, SIDE, BATCH, WORKERS = 256, 224, 32, 2


class Photos(Dataset[torch.Tensor]):
    """The central squares of files."""

    def __init__(self, files: list[str]) -> None:
        self.files = files

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> torch.Tensor:
        image = Image.open(self.files[index])
        image.draft("RGB", (SHORT, SHORT))
        image = image.convert("RGB")
        scale = SHORT / min(image.size)
        size = [round(side * scale) for side in image.size]
        image = image.resize(size, Image.Resampling.BILINEAR)
        left, top = ((side - SIDE) // 2 for side in size)
        pixels = np.asarray(image.crop((left, top, left + SIDE, top + SIDE)), np.float32)
        return torch.from_numpy(((pixels - 127) / 128).transpose(2, 0, 1).copy())


def judge(model: torch.nn.Module, files: list[str]) -> int:
    """Score all files: how many there were."""
    loader = DataLoader(Photos(files), BATCH, num_workers=WORKERS)
    scores = []
    with torch.inference_mode():
        for batch in loader:
            batch = batch.to(torch.bfloat16, memory_format=torch.channels_last)
            scores += torch.sigmoid(model(batch))[:, 0].tolist()
    return len(scores)


def cpu_seconds() -> float:
    """Of this process and of the loader's, which have ended."""
    return time.process_time() + sum(os.times()[2:4])


def main() -> None:
    files = Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
    torch.set_num_threads(1)
    model = EfficientNet.from_name("efficientnet-lite0", num_classes=1).eval()
    model = model.to(torch.bfloat16, memory_format=torch.channels_last)
    judge(model, files[:BATCH])
    wall, cpu = time.perf_counter(), cpu_seconds()
    rows = judge(model, files)
    wall, cpu = time.perf_counter() - wall, cpu_seconds() - cpu
    print(json.dumps({"wall": wall, "cpu": cpu, "rows": rows, "digest": ""}))


if __name__ == "__main__":
    main()
