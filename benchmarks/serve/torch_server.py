"""What one writes first: FastAPI, Pillow, EfficientNet-Lite0 in PyTorch; opponent of `speed`.

No limits, no queue, no search for faces, a photo a request: `python torch_server.py PORT`.
"""

from __future__ import annotations

import io
import sys
from typing import Annotated

import numpy as np
import torch
import uvicorn
from efficientnet_lite_pytorch import EfficientNet
from fastapi import FastAPI, File
from PIL import Image

SHORT, SIDE = 256, 224

app = FastAPI()
model = EfficientNet.from_name("efficientnet-lite0", num_classes=1).eval()


def to_input(image: Image.Image) -> torch.Tensor:
    """The central square, shape (1, 3, 224, 224)."""
    scale = SHORT / min(image.size)
    image = image.resize([round(side * scale) for side in image.size], Image.Resampling.BILINEAR)
    left, top = ((side - SIDE) // 2 for side in image.size)
    pixels = np.asarray(image.crop((left, top, left + SIDE, top + SIDE)), np.float32)
    return torch.from_numpy(((pixels - 127) / 128).transpose(2, 0, 1)[None].copy())


@app.get("/readyz")
def ready() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/v1/images")
def judge(files: Annotated[bytes, File()]) -> dict[str, float]:
    image = Image.open(io.BytesIO(files)).convert("RGB")
    with torch.inference_mode():
        return {"score": torch.sigmoid(model(to_input(image)))[0, 0].item()}


if __name__ == "__main__":
    print(f"http://127.0.0.1:{sys.argv[1]}", file=sys.stderr, flush=True)
    uvicorn.run(app, port=int(sys.argv[1]), log_level="warning")
