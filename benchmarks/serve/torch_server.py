"""What one writes first: FastAPI, Pillow, EfficientNet-B0 in PyTorch; the opponent of `speed`.

No limits, no queue, no search for faces, a photo a request: `python torch_server.py PORT`.
"""

from __future__ import annotations

import io
import sys
from typing import Annotated

import torch
import uvicorn
from fastapi import FastAPI, File
from PIL import Image
from torchvision.models import efficientnet_b0
from torchvision.transforms import v2

app = FastAPI()
model = efficientnet_b0(num_classes=1).eval()
to_input = v2.Compose(
    [
        v2.Resize(256),
        v2.CenterCrop(224),
        v2.ToImage(),
        v2.ToDtype(torch.float32, scale=True),
        v2.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
    ]
)


@app.get("/readyz")
def ready() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/v1/images")
def judge(files: Annotated[bytes, File()]) -> dict[str, float]:
    image = Image.open(io.BytesIO(files)).convert("RGB")
    with torch.inference_mode():
        return {"score": torch.sigmoid(model(to_input(image)[None]))[0, 0].item()}


if __name__ == "__main__":
    print(f"http://127.0.0.1:{sys.argv[1]}", file=sys.stderr, flush=True)
    uvicorn.run(app, port=int(sys.argv[1]), log_level="warning")
