"""The contract of optimizers: one method says how one parameter moves."""

from collections import OrderedDict, defaultdict
from functools import wraps
from itertools import chain
from numbers import Real
from types import MappingProxyType

from plugrad.autograd import enable_grad, no_grad
from plugrad.nn.hooks import RemovableHandle
from plugrad.tensor.tensor import Tensor
from plugrad.tensor.words import SetByInit, did_you_mean

AT_LEAST_ZERO = ("lr", "momentum", "weight_decay", "eps")     # in every optimizer that has them
# PyTorch's ways of running a step.  foreach and fused change no number, and are taken without
# effect, so that its scripts run and its states load; these would.
NOT_HERE = ("capturable", "differentiable")
NOT_IN_DEFAULTS = ("params", "name", "initial_lr", "swa_lr")  # what a group may hold besides


class Required:
    """What older optimizers give as the default of an option that has none."""

    def __repr__(self):
        return "<required parameter>"


required = Required()


def hooked(step):
    """A class's `step` with the hooks of its objects around it; not around super().step()."""
    @wraps(step)
    def call(self, *args, **kwargs):
        if not (self._before_step or self._after_step) or type(self).step is not call:
            return step(self, *args, **kwargs)
        given = (self, *args), kwargs
        for hook in list(self._before_step.values()):
            given = hook(self, *given) or given
        result = step(*given[0], **given[1])
        for hook in list(self._after_step.values()):
            hook(self, *given)
        return result
    return call


class Optimizer:
    """Moves parameters against their gradients.

    A subclass hands its options to `super().__init__(params, defaults)` and writes `update`.
    params: Tensors, or dicts with "params" and options of their own (a parameter group).
    param_groups: one dict a group, every option filled in.   state: parameter -> its dict.
    Raises TypeError or ValueError for what cannot be optimized and for senseless options.
    """

    ndims = ()                             # how many dimensions a parameter may have; (): any
    defaults = SetByInit("super().__init__(params, defaults)")
    param_groups = SetByInit("super().__init__(params, defaults)")
    _before_step = _after_step = MappingProxyType({})      # number -> hook, once there is one

    def __init_subclass__(cls):
        if "step" in vars(cls):
            cls.step = hooked(cls.step)

    def __init__(self, params, defaults):
        if not isinstance(defaults, dict):
            raise TypeError(f"{self.name}: defaults must be a dict of the options, such as "
                            f"{{'lr': lr}}, got {defaults!r}")
        self.defaults = defaults
        self.state = defaultdict(dict)
        self.param_groups = []
        self.step_count = 0                # lets a scheduler notice that it was stepped too early
        if isinstance(params, (Tensor, dict)):
            raise TypeError(f"{self.name}: params must be an iterable of Tensors or of dicts, got "
                            f"one {type(params).__name__}; put it in a list")
        if not hasattr(params, "__iter__") or hasattr(params, "parameters"):
            remedy = ("add ()" if callable(params) and not hasattr(params, "parameters") else
                      "pass model.parameters()")
            raise TypeError(f"{self.name}: params must be an iterable of Tensors or of dicts, got "
                            f"{type(params).__name__}; {remedy}")
        groups = list(params)
        if not groups:
            raise ValueError(f"{self.name}: params is empty; a model without parameters cannot "
                             "learn, and model.parameters() can be read only once: call it anew")
        if not isinstance(groups[0], dict):
            groups = [{"params": groups}]
        for group in groups:
            self.add_param_group(group)

    def update(self, w, g, state, group):
        """Move the parameter `w` in place by its gradient `g`, of the same shape.

        Runs without recording.  `state` is a dict that belongs to `w`, empty at the first step;
        `group` holds the options.
        """
        raise NotImplementedError(f"{self.name} must define update(self, w, g, state, group)")

    def check(self, group):
        """Raise ValueError for a senseless option; called for every new parameter group."""
        for option in AT_LEAST_ZERO:
            value = group.get(option, 0)
            if not isinstance(value, (Real, Tensor)):
                raise TypeError(f"{self.name}: {option} must be a number, at least 0, got "
                                f"{value!r}")
            if not value >= 0:                                          # "not >=" catches NaN too
                raise ValueError(f"{self.name}: {option} must be at least 0, got {value}")
        for option in NOT_HERE:
            if group.get(option):
                raise NotImplementedError(f"{self.name}: {option}=True is not supported, a step is "
                                          "not recorded; leave it out")
        if group.get("fused") and group.get("foreach"):
            raise RuntimeError(f"{self.name}: expected at most one of fused and foreach, got both; "
                               "leave them out: here they change nothing")

    def check_betas(self, group):
        """Raise TypeError or ValueError unless betas are two numbers in [0, 1); for `check`."""
        if not all(0 <= beta < 1 for beta in self.pair(group, "betas")):
            raise ValueError(f"{self.name}: both betas must be in [0, 1), got {group['betas']}")

    def pair(self, group, option):
        """The option as two numbers.  Raises TypeError for anything else; for `check`."""
        pair = group[option]
        if (not isinstance(pair, (tuple, list)) or len(pair) != 2
                or not all(isinstance(x, (Real, Tensor)) for x in pair)):
            raise TypeError(f"{self.name}: {option} must be a pair of numbers, got {pair!r}")
        return pair

    @property
    def name(self):
        return type(self).__name__

    @hooked
    def step(self, closure=None):
        """Update every parameter that has a gradient; returns what `closure` returned, if given.

        closure: clears the gradients, computes the loss, calls backward and returns the loss.
        """
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        with no_grad():
            for group in self.param_groups:
                uphill = group.get("maximize", False)
                for w in group["params"]:
                    g = w.grad
                    if g is not None:
                        self.update(w, -g if uphill else g, self.state[w], group)
        self.step_count += 1
        return loss

    def register_step_pre_hook(self, hook):
        """Before each step, run hook(optimizer, args, kwargs); a pair that it returns is what step
        is called with.  args begin with the optimizer.  Returns a handle with `.remove()`."""
        if not self._before_step:
            self._before_step = OrderedDict()
        return RemovableHandle(self._before_step, hook)

    def register_step_post_hook(self, hook):
        """After each step, run hook(optimizer, args, kwargs).  Returns a handle."""
        if not self._after_step:
            self._after_step = OrderedDict()
        return RemovableHandle(self._after_step, hook)

    def zero_grad(self, set_to_none=True):
        """Forget all gradients, or fill them with zeros."""
        for group in self.param_groups:
            for w in group["params"]:
                if set_to_none:
                    w.grad = None
                elif w.grad is not None:
                    w.grad.detach_().zero_()

    def add_param_group(self, param_group):
        """Optimize more parameters: a dict with "params", options that differ from defaults, and
        whatever else you keep there.  Raises TypeError for what is nearly the name of an option."""
        if not isinstance(param_group, dict) or "params" not in param_group:
            raise TypeError(f"{self.name}: a parameter group must be a dict with the key 'params', "
                            f"got {param_group!r}")
        for option in param_group:
            near = did_you_mean(str(option), self.defaults)
            if near and option not in self.defaults and option not in NOT_IN_DEFAULTS:
                raise TypeError(f"{self.name}: a parameter group has the unknown option {option!r}"
                                f"{near} its options are {', '.join(self.defaults)}")
        params = param_group["params"]
        params = [params] if isinstance(params, Tensor) else list(params)
        group = {**param_group, "params": params}
        for option, value in self.defaults.items():
            if group.setdefault(option, value) is required:
                raise ValueError(f"{self.name}: a parameter group didn't specify a value of "
                                 f"required optimization parameter {option}")
        known = {id(w) for old in self.param_groups for w in old["params"]}
        for i, w in enumerate(params):
            if not isinstance(w, Tensor):
                raise TypeError(f"{self.name}: parameter {i} must be a Tensor, got "
                                f"{type(w).__name__}; pass model.parameters()")
            if not w.is_leaf:
                raise ValueError(f"{self.name}: parameter {i} of shape {tuple(w.shape)} is the "
                                 f"result of {w.grad_fn}; only a leaf can be optimized: pass the "
                                 "tensor it was made from, or a detached copy")
            if self.ndims and w.ndim not in self.ndims:
                raise ValueError(f"{self.name}: expected parameters of "
                                 f"{' or '.join(map(str, self.ndims))} dimensions, got parameter "
                                 f"{i} of shape {tuple(w.shape)}; give it to another optimizer, "
                                 "such as AdamW")
            if id(w) in known:
                raise ValueError(f"{self.name}: parameter {i} of shape {tuple(w.shape)} is there "
                                 "already; each parameter may appear once, in one group")
            known.add(id(w))
        self.check(group)
        self.param_groups.append(group)

    def state_dict(self):
        """{"state": {index: ...}, "param_groups": [...]}, with indices in place of parameters."""
        index = {id(w): i for i, w in enumerate(self._all_params())}
        return {
            "state": {index[id(w)]: state for w, state in self.state.items() if state},
            "param_groups": [{**{key: group[key] for key in group if key != "params"},
                              "params": [index[id(w)] for w in group["params"]]}
                             for group in self.param_groups],
        }

    def load_state_dict(self, state_dict):
        """Go on from what `state_dict` returned: options and a copy of every state.

        Raises ValueError if the groups or their numbers of parameters differ.
        """
        saved = state_dict["param_groups"]
        ours = [len(group["params"]) for group in self.param_groups]
        theirs = [len(group["params"]) for group in saved]
        if ours != theirs:
            raise ValueError(f"{self.name}: state_dict has groups of {theirs} parameters, this "
                             f"optimizer has {ours}; build it for the same model first")
        param = dict(zip(chain.from_iterable(group["params"] for group in saved),
                         self._all_params(), strict=True))
        self.param_groups = [{**theirs, "params": ours["params"]}
                             for ours, theirs in zip(self.param_groups, saved, strict=True)]
        self.state = defaultdict(dict)
        for i, state in state_dict["state"].items():
            self.state[param[i]] = {key: _copied(value, param[i]) for key, value in state.items()}

    def _all_params(self):
        return chain.from_iterable(group["params"] for group in self.param_groups)

    def __repr__(self):
        groups = ["\n".join([f"Parameter Group {i}", *(f"    {key}: {group[key]}" for key in
                                                       sorted(group) if key != "params")])
                  for i, group in enumerate(self.param_groups)]
        return "\n".join([f"{self.name} (", "\n\n".join(groups), ")"])


def _copied(value, w):
    """A state's value for `w`; what is as large as w, or a vector, takes w's dtype as well."""
    if isinstance(value, (list, tuple)):
        return type(value)(_copied(part, w) for part in value)
    if not isinstance(value, Tensor):
        return value
    value = value.detach().clone()
    is_vector = value.ndim > 0 and value.is_floating_point()      # not a count, such as "step"
    return value.to(w.dtype) if value.shape == w.shape or is_vector else value
