"""Checks for whoever writes a component: of its numbers, its gradients, and of all that a kind
promises."""

from plugrad.autograd.gradcheck import GradcheckError, gradcheck, gradgradcheck
from plugrad.testing.closeness import assert_close
from plugrad.testing.component import check_component
from plugrad.testing.errors import ComponentError

__all__ = ["ComponentError", "GradcheckError", "assert_close", "check_component", "gradcheck",
           "gradgradcheck"]
