"""Faces in photos: finding them, and cutting them out as a detector knows them."""

from dfd_tf.faces.cutter import NO_FACE, FaceCutter
from dfd_tf.faces.finder import Face, FaceFinder
from dfd_tf.faces.framing import Framing, measure_framing
from dfd_tf.faces.piece import Box, Cutter, Piece, whole

__all__ = [
    "NO_FACE",
    "Box",
    "Cutter",
    "Face",
    "FaceCutter",
    "FaceFinder",
    "Framing",
    "Piece",
    "measure_framing",
    "whole",
]
