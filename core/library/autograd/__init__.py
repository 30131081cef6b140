"""Gradients: computing them, checking them, recording for them; operations in PyTorch's form."""

from plugrad.autograd import functional
from plugrad.autograd.anomaly import detect_anomaly, set_detect_anomaly
from plugrad.autograd.function import Function
from plugrad.autograd.gradcheck import gradcheck, gradgradcheck
from plugrad.autograd.modes import enable_grad, inference_mode, no_grad, set_grad_enabled
from plugrad.autograd.variable import Variable
from plugrad.tensor.tensor import is_grad_enabled
from plugrad.tensor.walk import backward_all as backward
from plugrad.tensor.walk import grad

__all__ = ["Function", "Variable", "backward", "detect_anomaly", "enable_grad", "functional",
           "grad", "gradcheck", "gradgradcheck", "inference_mode", "is_grad_enabled", "no_grad",
           "set_detect_anomaly", "set_grad_enabled"]
