"""Switches of libraries that PyTorch computes with, which change nothing here."""

from plugrad.backends import cuda, cudnn, mps

__all__ = ["cuda", "cudnn", "mps"]
