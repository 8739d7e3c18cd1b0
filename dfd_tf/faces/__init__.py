"""Faces in photos: finding them, and cutting them out as a detector knows them."""

from dfd_tf.faces.cutter import NO_FACE, FaceCutter
from dfd_tf.faces.finder import Face, FaceFinder
from dfd_tf.faces.framing import Framing, measure_framing

__all__ = ["NO_FACE", "Face", "FaceCutter", "FaceFinder", "Framing", "measure_framing"]
