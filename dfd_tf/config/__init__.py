"""What a training run is."""

from dfd_tf.config.run_config import RunConfig, load_config, parse_config
from dfd_tf.config.sections import (
    PRETRAINED,
    AugmentConfig,
    CalibrationConfig,
    DataConfig,
    OneClassConfig,
    PreprocessConfig,
    TrainConfig,
)

__all__ = [
    "PRETRAINED",
    "AugmentConfig",
    "CalibrationConfig",
    "DataConfig",
    "OneClassConfig",
    "PreprocessConfig",
    "RunConfig",
    "TrainConfig",
    "load_config",
    "parse_config",
]
