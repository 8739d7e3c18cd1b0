"""Reusable Keras layers, on any Keras backend."""

from dfd_tf.layers.amten import AMTEN
from dfd_tf.layers.cbam import CBAM
from dfd_tf.layers.dct import BlockDCT
from dfd_tf.layers.gain import Gain
from dfd_tf.layers.graphs import GraphAttention, GraphPool, MixedGraphAttention, NodePlaces
from dfd_tf.layers.high_pass import HighPass, LogMagnitude
from dfd_tf.layers.jpeg_volume import CoefficientVolume, QuantisedLumaDCT
from dfd_tf.layers.neighbours import NeighbourDistance
from dfd_tf.layers.noisy_or import NoisyOr
from dfd_tf.layers.sinc import SincBands
from dfd_tf.layers.spectra import Cepstra, LogBands, Standardised
from dfd_tf.layers.transformer import LayerScale, SelfAttention, Tokens, quick_gelu

__all__ = [
    "AMTEN",
    "CBAM",
    "BlockDCT",
    "Cepstra",
    "CoefficientVolume",
    "Gain",
    "GraphAttention",
    "GraphPool",
    "HighPass",
    "LayerScale",
    "LogBands",
    "LogMagnitude",
    "MixedGraphAttention",
    "NeighbourDistance",
    "NodePlaces",
    "NoisyOr",
    "QuantisedLumaDCT",
    "SelfAttention",
    "SincBands",
    "Standardised",
    "Tokens",
    "quick_gelu",
]
