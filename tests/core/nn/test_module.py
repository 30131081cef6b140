"""Module: members, walking, modes, conversion, printing; PyTorch's where it has the same."""

import copy
import pickle

import plugrad as pg
import pytest
import torch
from plugrad import nn

LIBS = pytest.mark.parametrize("lib", [pg, torch], ids=["plugrad", "torch"])


def block(lib):
    """A module with every role of member, a shared child and a shared parameter."""
    class Block(lib.nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = lib.nn.Parameter(lib.ones(2))
            self.first = lib.nn.Linear(2, 2)
            self.again = self.first
            self.list = lib.nn.ModuleList([lib.nn.ReLU(), lib.nn.Linear(2, 2, bias=False)])
            self.tied = self.scale
            self.register_buffer("seen", lib.zeros(1))
            self.register_buffer("scratch", lib.zeros(1), persistent=False)
            self.register_buffer("no_buffer", None)
            self.register_parameter("no_parameter", None)
            self.no_module = lib.nn.ReLU()
            self.no_module = None

        def forward(self, x):
            return self.list[1](self.first(x)) * self.scale

    return Block()


class Fc(nn.Module):
    """A small layer of our own: what a student writes."""

    def __init__(self, n):
        super().__init__()
        self.w = nn.Parameter(pg.zeros(n))

    def forward(self, x, scale=1):
        return (x + self.w) * scale


def names(pairs):
    return [name for name, _ in pairs]


QUESTIONS = {
    "parameters": lambda m: names(m.named_parameters()),
    "parameters, one level": lambda m: names(m.named_parameters(recurse=False)),
    "parameters, all": lambda m: names(m.named_parameters(prefix="p", remove_duplicate=False)),
    "buffers": lambda m: names(m.named_buffers()),
    "modules": lambda m: names(m.named_modules()),
    "modules, all": lambda m: names(m.named_modules(prefix="m", remove_duplicate=False)),
    "children": lambda m: names(m.named_children()),
    "counts": lambda m: [len(list(f())) for f in (m.parameters, m.buffers, m.modules, m.children)],
    "state": lambda m: list(m.state_dict()),
    "state, prefix": lambda m: list(m.state_dict(prefix="a.")),
    "dicts": lambda m: [list(d) for d in (m._parameters, m._buffers, m._modules)],
    "repr": repr,
    "submodule": lambda m: repr(m.get_submodule("list.1")) + repr(m.get_submodule("")),
    "parameter": lambda m: m.get_parameter("list.1.weight").shape == (2, 2),
    "modes": lambda m: [s.training for s in [*m.eval().modules(), *m.train().modules()]],
    "applied": lambda m: (seen := [], m.apply(lambda s: seen.append(type(s).__name__)))[0],
    "frozen": lambda m: [p.requires_grad for p in m.requires_grad_(False).parameters()],
    "double": lambda m: [str(t.dtype)[-7:] for t in m.double().state_dict().values()],
    "there and back": lambda m: [str(t.dtype)[-7:] for t in m.double().float().parameters()],
    "kept": lambda m: [type(t).__name__ for t in m.state_dict(keep_vars=True).values()],
    "plain": lambda m: [t.requires_grad for t in m.state_dict().values()],
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_module_answers_as_pytorchs(question):
    ask = QUESTIONS[question]

    assert ask(block(pg)) == ask(block(torch))


@LIBS
def test_assignment_decides_who_is_a_member(lib):
    m = lib.nn.Module()
    m.y = lib.nn.ReLU()
    m.x = lib.nn.Parameter(lib.zeros(1))
    m.y = lib.nn.Parameter(lib.ones(1))                 # from a module to a parameter: last now
    m.x = None                                          # keeps its place, holds nothing
    m.plain = lib.zeros(3)

    assert list(m._parameters) == ["x", "y"] and names(m.named_parameters()) == ["y"]
    assert not list(m.children()) and not list(m.buffers())
    del m.y
    assert names(m.named_parameters()) == [] and not hasattr(m, "y")


REFUSED = [
    (lambda lib, m: setattr(m, "w", lib.zeros(1)), TypeError),
    (lambda lib, m: setattr(m, "child", 3), TypeError),
    (lambda lib, m: setattr(m, "buffer", 3), TypeError),
    (lambda lib, m: m.register_parameter("x", lib.zeros(1)), TypeError),
    (lambda lib, m: m.register_parameter("a.b", None), KeyError),
    (lambda lib, m: m.register_parameter("", None), KeyError),
    (lambda lib, m: m.register_parameter("forward", None), KeyError),
    (lambda lib, m: m.register_parameter("child", None), KeyError),
    (lambda lib, m: m.register_parameter(3, None), TypeError),
    (lambda lib, m: m.register_buffer("w", None), KeyError),
    (lambda lib, m: m.register_buffer("b", [1]), TypeError),
    (lambda lib, m: m.add_module("w", None), KeyError),
    (lambda lib, m: m.register_module("c", 3), TypeError),
    (lambda lib, m: m.missing, AttributeError),
    (lambda lib, m: delattr(m, "missing"), AttributeError),
    (lambda lib, m: m.get_submodule("child.no"), AttributeError),
    (lambda lib, m: m.get_parameter("child.no"), AttributeError),
    (lambda lib, m: m.get_parameter("child"), AttributeError),
    (lambda lib, m: m(1), NotImplementedError),
    (lambda lib, m: m.train("yes"), ValueError),
    (lambda lib, m: m.to(lib.int64), TypeError),
    (lambda lib, m: m.load_state_dict([1]), TypeError),
]


@pytest.mark.parametrize("action, error", REFUSED, ids=range(len(REFUSED)))
@LIBS
def test_what_is_refused(lib, action, error):
    m = lib.nn.Module()
    m.w = lib.nn.Parameter(lib.zeros(1))
    m.child = lib.nn.ReLU()
    m.register_buffer("buffer", lib.zeros(1))

    with pytest.raises(error):
        action(lib, m)


@LIBS
@pytest.mark.parametrize("member", ["parameter", "module"])
def test_a_member_before_init_is_refused(lib, member):
    class Forgetful(lib.nn.Module):
        def __init__(self):
            self.plain = 3
            self.x = lib.nn.ReLU() if member == "module" else lib.nn.Parameter(lib.zeros(1))

    with pytest.raises(AttributeError, match=f"cannot assign {member}"):
        Forgetful()


@LIBS
def test_members_reached_through_pytorchs_dicts_are_members(lib):
    m = lib.nn.Sequential(lib.nn.ReLU())
    m._modules["0"] = lib.nn.Identity()
    m._modules["1"] = lib.nn.Tanh()
    m._parameters["w"] = lib.nn.Parameter(lib.zeros(1))
    m._buffers["b"] = lib.zeros(1)

    assert len(m) == 2 and list(m.state_dict()) == ["w", "b"] and m.w is m._parameters["w"]
    assert repr(getattr(m, "0")) == "Identity()" and "0" in m._modules
    del m._modules["0"]
    assert names(m.named_children()) == ["1"] and not hasattr(m, "0")


def test_dicts_of_another_role_do_not_hold_a_member():
    m = Fc(2)

    assert "w" not in m._buffers and repr(m._modules) == "{}"
    with pytest.raises(KeyError):
        del m._modules["w"]


def test_a_call_passes_arguments_on_in_every_form():
    m = Fc(1)
    x = pg.ones(1)

    assert m(x).item() == m(x=x).item() == 1
    assert m(x, 3).item() == m(x, scale=3).item() == m(scale=3, x=x).item() == 3
    with pytest.raises(TypeError, match="forward"):
        m()


def test_none_may_be_an_argument():
    class Echo(nn.Module):
        def forward(self, x):
            return x

    assert Echo()(None) is None


@LIBS
def test_hooks_watch_and_change(lib):
    class Add(lib.nn.Module):
        def forward(self, x, y=1):
            return x + y

    m, seen = Add(), []
    first = m.register_forward_pre_hook(lambda mod, args: seen.append(args))
    m.register_forward_pre_hook(lambda mod, args: args[0] * 10)
    m.register_forward_pre_hook(lambda mod, args, kw: (args, {"y": kw["y"] + 1}), with_kwargs=True)
    m.register_forward_hook(lambda mod, args, out: seen.append((args, out)))
    m.register_forward_hook(lambda mod, args, kw, out: out + kw["y"], with_kwargs=True)
    with m.register_forward_hook(lambda mod, args, out: out + 1000, prepend=True):
        assert m(5, y=2) == 1056                        # 5 * 10 + 3, + 1000, + 3
    first.remove()
    first.remove()

    assert m(5, y=2) == 56
    assert seen == [(5,), ((50,), 1053), ((50,), 53)]


def ten_more(module, args, output):
    return output + 10


@LIBS
@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy,
                                    lambda m: pickle.loads(pickle.dumps(m))])
def test_copies_keep_their_hooks(lib, copied):
    m = lib.nn.Identity()
    m.register_forward_hook(ten_more)

    assert copied(m)(5) == 15


@LIBS
def test_a_pre_hook_with_kwargs_must_return_a_pair(lib):
    m = lib.nn.Identity()
    m.register_forward_pre_hook(lambda mod, args, kwargs: 3, with_kwargs=True)

    with pytest.raises(RuntimeError):
        m(1)


@LIBS
def test_copies_are_independent_and_keep_what_is_shared(lib):
    m = block(lib)
    twin = copy.deepcopy(m)

    assert twin.tied is twin.scale and twin.again is twin.first
    assert twin.scale is not m.scale and list(twin.state_dict()) == list(m.state_dict())
    with lib.no_grad():
        twin.scale.fill_(7)
    assert m.scale.tolist() == [1, 1]


def test_a_shallow_copy_shares_tensors_but_not_the_list_of_members():
    m = Fc(2)
    twin = copy.copy(m)
    twin.extra = nn.ReLU()

    assert twin.w is m.w and names(m.named_children()) == [] and not hasattr(m, "extra")


def test_a_pickled_module_comes_back():
    m = nn.Sequential(Fc(2), nn.BatchNorm1d(2), nn.Linear(2, 3)).eval()
    m[1].running_mean.fill_(4)
    back = pickle.loads(pickle.dumps(m))

    assert repr(back) == repr(m) and not back.training
    for name, tensor in m.state_dict().items():
        assert back.state_dict()[name].tolist() == tensor.tolist()
    assert all(isinstance(p, nn.Parameter) and p.requires_grad for p in back.parameters())


@LIBS
def test_conversion_keeps_parameters_gradients_and_integers(lib):
    m = lib.nn.BatchNorm1d(2)
    weight = m.weight
    m(lib.randn(4, 2)).sum().backward()
    m.double()

    assert m.weight is weight and weight.dtype == weight.grad.dtype == lib.float64
    assert m.running_mean.dtype == lib.float64 and m.num_batches_tracked.dtype == lib.int64
    assert m.to(lib.zeros(1)).weight.dtype == lib.float32
    assert m.to("cpu", lib.float64).weight.dtype == m.to(dtype=lib.float64).bias.dtype
    assert m.to("cpu") is m


def test_another_device_is_refused():
    with pytest.raises(RuntimeError, match="the CPU alone, got device 'cuda'"):
        nn.ReLU().to("cuda")
    with pytest.raises(ValueError, match="to: expected a dtype"):
        nn.ReLU().to(3)


@LIBS
def test_moving_where_there_is_one_place(lib):
    m = lib.nn.BatchNorm1d(2)
    weight = m.weight
    assert m.cpu() is m and m.share_memory() is m and m.to_empty(device="cpu") is m
    assert m.weight is weight and m.running_mean.is_shared() is False
    assert m.share_memory().weight.is_shared() and m.running_mean.is_shared()
    assert m.type(lib.float64).weight.dtype == m.running_mean.dtype == lib.float64
    outer = lib.nn.Sequential(lib.nn.Linear(2, 2))
    inner = outer[0].weight
    address = inner.data_ptr()
    outer.to_empty(device="cpu", recurse=False)
    assert inner.data_ptr() == address


@LIBS
def test_a_buffer_is_registered_by_assignment(lib):
    m = lib.nn.Module()
    m.mean, m.scratch = lib.nn.Buffer(lib.ones(2)), lib.nn.Buffer(lib.ones(1), persistent=False)
    assert [name for name, _ in m.named_buffers()] == ["mean", "scratch"]
    assert list(m.state_dict()) == ["mean"] and not list(m.parameters())
    assert isinstance(m.mean, lib.nn.Buffer) and isinstance(m.mean, lib.Tensor)
    m.plain = 3
    with pytest.raises(KeyError):
        m.plain = lib.nn.Buffer(lib.zeros(1))
    m.mean = lib.nn.Buffer(lib.ones(2))
    assert list(m.double().state_dict()) == ["mean"]
    assert m.mean.dtype == m.scratch.dtype == lib.float64
    assert copy.deepcopy(m).mean.tolist() == [1, 1]


def test_a_buffer_is_made_of_a_tensor():
    with pytest.raises(TypeError, match="Buffer: expected a Tensor, got list"):
        nn.Buffer([1.0])


@LIBS
def test_buffers_and_submodules_by_their_dotted_name(lib):
    m = lib.nn.Sequential(lib.nn.Sequential(lib.nn.BatchNorm1d(2)))
    assert m.get_buffer("0.0.running_mean") is m[0][0].running_mean
    for wrong in ("0.0.weight", "0.1.running_mean", "0.0.nothing"):
        with pytest.raises(AttributeError):
            m.get_buffer(wrong)
    m.set_submodule("0.0", lib.nn.ReLU())
    assert repr(m[0][0]) == "ReLU()"
    with pytest.raises(AttributeError):
        m.set_submodule("1.0", lib.nn.ReLU())
    with pytest.raises(ValueError):
        m.set_submodule("0.0", 3)


@LIBS
def test_zero_grad_forgets_or_fills(lib):
    m = lib.nn.Linear(2, 1)
    m(lib.ones(1, 2)).sum().backward()
    m.zero_grad(set_to_none=False)
    assert m.weight.grad.tolist() == [[0, 0]]
    m.zero_grad()
    assert m.weight.grad is None


@LIBS
def test_printing_is_pytorchs(lib):
    class Net(lib.nn.Module):
        def __init__(self):
            super().__init__()
            self.body = lib.nn.Sequential(lib.nn.Linear(2, 3), lib.nn.ReLU())
            self.empty = lib.nn.Sequential()
            self.gone = lib.nn.ReLU()
            self.gone = None

        def extra_repr(self):
            return "one\ntwo"

    assert repr(Net()) == (
        "Net(\n  one\n  two\n  (body): Sequential(\n"
        "    (0): Linear(in_features=2, out_features=3, bias=True)\n    (1): ReLU()\n  )\n"
        "  (empty): Sequential()\n  (gone): None\n)")


def test_an_empty_module_prints_its_name():
    assert repr(nn.Module()) == "Module()"


def test_members_are_found_by_completion():
    assert {"w", "forward"} <= set(dir(Fc(2)))


def test_a_module_can_be_collected_without_the_garbage_collector():
    import gc
    import weakref

    gc.disable()
    try:
        m = nn.Sequential(Fc(2), nn.Linear(2, 2))
        gone = weakref.ref(m)
        del m
        assert gone() is None
    finally:
        gc.enable()


def test_no_metaclass():
    assert type(nn.Module) is type(nn.Sequential) is type(nn.ModuleDict) is type


def test_deep_nesting_is_walked():
    m = nn.Linear(1, 1)
    for _ in range(100):
        m = nn.Sequential(m)

    assert len(list(m.modules())) == 101 and len(list(m.parameters())) == 2


@LIBS
def test_a_module_prints_the_name_that_it_gives_itself(lib):
    class Named(lib.nn.Linear):
        def _get_name(self):
            return "Projection"

    assert lib.nn.ReLU()._get_name() == "ReLU"
    assert repr(Named(2, 1)) == "Projection(in_features=2, out_features=1, bias=True)"
