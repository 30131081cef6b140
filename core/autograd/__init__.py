"""Gradients: computing them, recording for them, and operations in PyTorch's form."""

from plugrad.autograd.function import Function
from plugrad.autograd.modes import enable_grad, inference_mode, no_grad, set_grad_enabled
from plugrad.tensor import is_grad_enabled
from plugrad.walk import backward_all as backward
from plugrad.walk import grad

__all__ = ["Function", "backward", "enable_grad", "grad", "inference_mode", "is_grad_enabled",
           "no_grad", "set_grad_enabled"]
