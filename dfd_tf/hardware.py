"""What this machine computes best on: precision and distribution."""

from __future__ import annotations

import os
import re
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import keras

from dfd_tf.errors import UserError

AMPERE = (8, 0)
VOLTA = (7, 0)


def choose_precision(requested: str, model_is_depthwise: bool = False) -> str:
    """Keras dtype policy for training.

    Args:
        requested: "auto" or a policy.
        model_is_depthwise: depthwise convolutions are slower in bfloat16 on CPUs.

    Returns:
        For "auto": bfloat16 on TPUs, on GPUs since Ampere and, in TensorFlow, on CPUs with
        bfloat16 instructions, which JAX makes no use of; float16 with loss scaling on GPUs since
        Volta; else float32. Half precision by emulation is many times slower than float32 and is
        never chosen.
    """
    if requested != "auto":
        return requested
    if tpus():
        return "mixed_bfloat16"
    if gpus():
        return _gpu_precision()
    is_fast = keras.backend.backend() == "tensorflow" and cpu_has_bfloat16()
    return "mixed_bfloat16" if is_fast and not model_is_depthwise else "float32"


def choose_strategy(requested: str) -> AbstractContextManager[Any]:
    """Scope in which the model is built and trained.

    Args:
        requested: "auto" (TPU if there is one, mirrored over several GPUs, else one device),
            "one_device", "mirrored" or "tpu".

    Raises:
        UserError: distribution was asked for on a backend or machine that has none.
    """
    if keras.backend.backend() != "tensorflow":
        if requested in ("mirrored", "tpu"):
            raise UserError(f"strategy {requested!r} needs the TensorFlow backend of Keras.")
        return nullcontext()
    import tensorflow as tf

    if requested == "auto":
        requested = "tpu" if tpus() else "mirrored" if len(gpus()) > 1 else "one_device"
    if requested == "one_device":
        return nullcontext()
    if requested == "mirrored":
        return tf.distribute.MirroredStrategy().scope()
    return _tpu_scope()


def gpus() -> list[Any]:
    """GPUs that Keras' backend sees."""
    return _devices("gpu")


def tpus() -> list[Any]:
    """TPUs that Keras' backend sees."""
    return _devices("tpu")


def cpu_has_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 matrices in hardware (AMX or AVX-512 BF16)."""
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    return re.search(r"\b(amx_bf16|avx512_bf16)\b", flags) is not None


def _devices(kind: str) -> list[Any]:
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return list(tf.config.list_physical_devices(kind.upper()))
    import jax

    return [device for device in jax.devices() if device.platform == kind]


def _gpu_precision() -> str:
    capability = min(map(_compute_capability, gpus()))
    if capability >= AMPERE:
        return "mixed_bfloat16"
    return "mixed_float16" if capability >= VOLTA else "float32"


def _compute_capability(gpu: Any) -> tuple[int, ...]:
    """NVIDIA's number for what a GPU can do; (0, 0) for one of another make."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        details = tf.config.experimental.get_device_details(gpu)
        return tuple(details.get("compute_capability", (0, 0)))
    numbers = re.fullmatch(r"(\d+)\.(\d+)", getattr(gpu, "compute_capability", ""))
    return tuple(map(int, numbers.groups())) if numbers else (0, 0)


def _tpu_scope() -> AbstractContextManager[Any]:
    import tensorflow as tf

    # Without this look the resolver asks the network for a minute before it gives up.
    if not (tpus() or os.environ.get("TPU_NAME") or Path("/dev/accel0").exists()):
        raise UserError("No TPU can be reached: none is local and TPU_NAME names none.")
    try:
        resolver = tf.distribute.cluster_resolver.TPUClusterResolver.connect()
    except Exception as error:
        raise UserError(f"No TPU can be reached: {error}") from error
    return tf.distribute.TPUStrategy(resolver).scope()
