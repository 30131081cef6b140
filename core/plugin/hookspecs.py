"""The plugin API: one hook per kind.

A hook gets `register(component, *, name=None, functional=None, override=False)`, which knows
which plugin is calling.  `functional` is a function offered in plugrad.nn.functional as well, or a
tuple of them; `override=True` lets the component shadow one of the same name.  Several components
of the same options may go into one call.

Of an op, register also takes
    method     whether it is a method of Tensor, too: True unless said otherwise
    in_place   whether there are forms that write over the first tensor, pg.name_ and x.name_: True
               for an Op class of one input unless said otherwise
    aliases    further names, a tuple
    places     where the function is found: a tuple of "plugrad" (the default), "linalg", "special"
               and "functional"
"""

import os
import sys

import pluggy

PROJECT = "plugrad"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


def trace_if_asked(manager):
    """With PLUGRAD_TRACE=1, print each hook call of a pluggy manager to stderr, and to whom."""
    if os.environ.get("PLUGRAD_TRACE") == "1":
        manager.add_hookcall_monitoring(_before, _after)


def _before(hook, implementations, arguments):
    for implementation in implementations:
        print(f"plugrad: {hook} -> {implementation.plugin_name}", file=sys.stderr)


def _after(outcome, hook, implementations, arguments):
    if outcome.exception is not None:
        print(f"plugrad: {hook} raised {outcome.exception!r}", file=sys.stderr)


@hookspec
def register_layers(register):
    """Register nn.Module classes with parameters or a rearrangement, found in plugrad.nn, or
    plain functions, found in plugrad.nn.functional."""


@hookspec
def register_activations(register):
    """Register nn.Module classes or plain functions that act element by element or along a dim."""


@hookspec
def register_normalizations(register):
    """Register nn.Module classes or plain functions that shift and scale what passes."""


@hookspec
def register_losses(register):
    """Register nn.Module classes that turn predictions and targets into a number to lower."""


@hookspec
def register_models(register):
    """Register nn.Module classes that are whole networks, found in plugrad.models."""


@hookspec
def register_optimizers(register):
    """Register optim.Optimizer classes, which move parameters against their gradients."""


@hookspec
def register_schedulers(register):
    """Register optim.lr_scheduler.LRScheduler classes, which change learning rates over time."""


@hookspec
def register_initializers(register):
    """Register functions that fill a tensor in place and return it, found in plugrad.nn.init."""


@hookspec
def register_datasets(register):
    """Register data.Dataset classes, found in plugrad.data."""


@hookspec
def register_transforms(register):
    """Register functions, or classes whose objects are callable, that change one sample."""


@hookspec
def register_callbacks(register):
    """Register Callback classes, which observe training, found in plugrad.callbacks."""


@hookspec
def register_ops(register):
    """Register Op classes or functions of ops, found in plugrad and as methods of Tensor."""
