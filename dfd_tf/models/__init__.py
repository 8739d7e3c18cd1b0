"""The architectures, one file each; importing this package fills the registry."""

from dfd_tf.models import amtenet as _amtenet  # noqa: F401
from dfd_tf.models import autoencoder as _autoencoder  # noqa: F401
from dfd_tf.models import clip_vit as _clip_vit  # noqa: F401
from dfd_tf.models import deep_svdd as _deep_svdd  # noqa: F401
from dfd_tf.models import densenet as _densenet  # noqa: F401
from dfd_tf.models import efficientnet_lite as _efficientnet_lite  # noqa: F401
from dfd_tf.models import hybrid as _hybrid  # noqa: F401
from dfd_tf.models import mcnet as _mcnet  # noqa: F401
from dfd_tf.models import meso as _meso  # noqa: F401
from dfd_tf.models import mobilenet as _mobilenet  # noqa: F401
from dfd_tf.models import oc_fakedect as _oc_fakedect  # noqa: F401
from dfd_tf.models import resnet as _resnet  # noqa: F401
from dfd_tf.models import sffn as _sffn  # noqa: F401
from dfd_tf.models import xception as _xception  # noqa: F401
from dfd_tf.models.registry import (
    Architecture,
    architecture,
    build_model,
    list_detectors,
    register,
)

__all__ = ["Architecture", "architecture", "build_model", "list_detectors", "register"]
