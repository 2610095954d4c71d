"""Bridges to other programs: a network goes to ONNX and to PyTorch, and its weights come back.

The answers agree to 1e-5 in float32 and 1e-10 in float64, for every layer of the book. The packages on the other side
are imported by the functions that need them, and are not needed for anything else: ``pip install dlbook[bridge]``.
"""

from dlbook.bridge.onnx import to_onnx
from dlbook.bridge.torch import from_torch, to_torch

__all__ = ["from_torch", "to_onnx", "to_torch"]
