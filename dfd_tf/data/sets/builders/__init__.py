"""Builders for tensorflow-datasets; importing this registers them with it.

They work from a folder on disk alone and never reach for the network. ``dfd prepare`` is the short
way; the usual one of tensorflow-datasets is

    import dfd_tf.data.sets.builders
    tfds.load("real_fake_faces/140k", download_and_prepare_kwargs={
        "download_config": tfds.download.DownloadConfig(manual_dir="140k")})
"""

from dfd_tf.data.sets.builders.real_fake_faces import RealFakeFaces, build_faces

__all__ = ["RealFakeFaces", "build_faces"]
