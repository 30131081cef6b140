"""What PyTorch refuses, plugrad refuses with the same type of error, and says where and why."""

import plugrad as pg
import pytest
import torch

CASES = [
    ("select", lambda lib: lib.zeros(3).select(0, 5)),
    ("select", lambda lib: lib.tensor(1.0).select(0, 0)),
    ("narrow", lambda lib: lib.zeros(3).narrow(0, 2, 5)),
    ("narrow", lambda lib: lib.zeros(3).narrow(0, 0, -1)),
    ("index_fill", lambda lib: lib.zeros(3).index_fill(0, lib.tensor([0.5]), 1)),
    ("index_fill", lambda lib: lib.zeros(3).index_fill(0, lib.tensor([1]), lib.ones(2))),
    ("index 5", lambda lib: lib.zeros(3).index_fill(0, lib.tensor([5]), 1)),
    ("index_copy", lambda lib: lib.zeros(3).index_copy(0, lib.tensor([1]), lib.ones(2))),
    ("index_copy", lambda lib: lib.zeros(3).index_copy(0, lib.tensor([-1]), lib.ones(1))),
    ("index_copy", lambda lib: lib.zeros(3).index_copy(0, lib.tensor([1]), lib.ones(1).double())),
    ("index_put", lambda lib: lib.zeros(3).index_put((lib.tensor([1]),), lib.ones(1).double())),
    ("index", lambda lib: lib.zeros(3).index_put((lib.tensor([4]),), lib.ones(1))),
    ("take", lambda lib: lib.zeros(3).take(lib.tensor([0.5]))),
    ("index 5", lambda lib: lib.zeros(3).take(lib.tensor([5]))),
    ("put", lambda lib: lib.zeros(3).put(lib.tensor([1, 2]), lib.ones(1))),
    ("masked_scatter", lambda lib: lib.zeros(3).masked_scatter(lib.ones(3).bool(), lib.ones(1))),
    ("masked_scatter", lambda lib: lib.zeros(3).masked_scatter(lib.ones(3), lib.ones(3))),
    ("scatter_reduce", lambda lib: lib.ones(3).scatter_reduce(
        0, lib.tensor([0]), lib.ones(1), "best")),
    ("fill_diagonal_", lambda lib: lib.zeros(3).fill_diagonal_(1)),
    ("fill_diagonal_", lambda lib: lib.zeros(2, 3, 3).fill_diagonal_(1)),
    ("diagonal", lambda lib: lib.zeros(2, 2).diagonal(0, 1, 1)),
    ("diag_embed", lambda lib: lib.zeros(2).diag_embed(0, 1, 1)),
    ("unfold", lambda lib: lib.zeros(3).unfold(0, 4, 1)),
    ("unfold", lambda lib: lib.zeros(3).unfold(0, 2, 0)),
    ("rot90", lambda lib: lib.zeros(2, 2).rot90(1, (0, 0))),
    ("fliplr", lambda lib: lib.zeros(2).fliplr()),
    ("tensor_split", lambda lib: lib.zeros(2).tensor_split(0)),
    ("tensor_split", lambda lib: lib.tensor(1).tensor_split(1)),
    ("hsplit", lambda lib: lib.zeros(3, 5).hsplit(2)),
    ("dsplit", lambda lib: lib.zeros(3, 4).dsplit(2)),
    ("block_diag", lambda lib: lib.block_diag(lib.zeros(1, 1, 1))),
    ("broadcast_shapes", lambda lib: lib.broadcast_shapes((2,), (3,))),
    ("broadcast_shapes", lambda lib: lib.broadcast_tensors(lib.zeros(2), lib.zeros(3))),
    ("kthvalue", lambda lib: lib.zeros(3).kthvalue(4)),
    ("median", lambda lib: lib.zeros(0, 2).median(0)),
    ("mode", lambda lib: lib.zeros(0, 2).mode(0)),
    ("quantile", lambda lib: lib.zeros(3).quantile(2.0)),
    ("quantile", lambda lib: lib.zeros(0).quantile(0.5)),
    ("quantile", lambda lib: lib.zeros(3).quantile(lib.tensor(0.5).double())),
    ("quantile", lambda lib: lib.zeros(3).long().quantile(0.5)),
    ("bucketize", lambda lib: lib.bucketize(lib.zeros(3), lib.zeros(2, 2))),
    ("searchsorted", lambda lib: lib.searchsorted(lib.zeros(2, 3), lib.zeros(3, 3))),
    ("searchsorted", lambda lib: lib.searchsorted(lib.zeros(3), lib.zeros(3), side="top")),
    ("searchsorted", lambda lib: lib.searchsorted(
        lib.zeros(3), lib.zeros(3), side="left", right=True)),
    ("nanmean", lambda lib: lib.nanmean(lib.tensor([1]))),
    ("cov", lambda lib: lib.cov(lib.zeros(2, 2, 2))),
    ("cov", lambda lib: lib.cov(lib.zeros(2, 2), aweights=lib.tensor([1.0, -1]))),
    ("histc", lambda lib: lib.tensor([1.0, float("nan")]).histc(3)),
    ("histc", lambda lib: lib.zeros(3).histc(3, 5, 2)),
    ("histc", lambda lib: lib.zeros(3).histc(0)),
    ("cdist", lambda lib: lib.cdist(lib.zeros(2, 3), lib.zeros(2, 4))),
    ("cdist", lambda lib: lib.cdist(lib.zeros(2, 3), lib.zeros(2, 3), -1)),
    ("diff", lambda lib: lib.diff(lib.tensor(1))),
    ("diff", lambda lib: lib.diff(lib.zeros(3), -1)),
    ("trapezoid", lambda lib: lib.trapezoid(lib.zeros(3), lib.zeros(3), dx=1)),
    ("cumprod", lambda lib: lib.zeros(3).cumprod(1)),
    ("tensordot", lambda lib: lib.tensordot(lib.zeros(2, 3), lib.zeros(4, 2), 1)),
    ("tensordot", lambda lib: lib.tensordot(lib.zeros(2), lib.zeros(2), -1)),
    ("cross", lambda lib: lib.cross(lib.ones(2, 2), lib.ones(2, 2), dim=0)),
    ("multi_dot", lambda lib: lib.linalg.multi_dot([lib.zeros(2, 3)])),
    ("multi_dot", lambda lib: lib.linalg.multi_dot([lib.zeros(2, 3), lib.zeros(2, 3)])),
    ("mv", lambda lib: lib.addmv(lib.zeros(2), lib.zeros(2), lib.zeros(2))),
    ("logcumsumexp", lambda lib: lib.tensor([1]).logcumsumexp(0)),
    ("vander", lambda lib: lib.vander(lib.zeros(2, 2))),
    ("combinations", lambda lib: lib.combinations(lib.zeros(2, 2))),
    ("combinations", lambda lib: lib.combinations(lib.zeros(2), -1)),
    ("cartesian_prod", lambda lib: lib.cartesian_prod(lib.zeros(2, 2))),
    ("tril_indices", lambda lib: lib.tril_indices(-1, 2)),
    ("hann_window", lambda lib: lib.hann_window(-1)),
    ("apply_", lambda lib: lib.zeros(3, requires_grad=True).apply_(abs)),
    ("random_", lambda lib: lib.zeros(3).random_(5, 2)),
    ("geometric_", lambda lib: lib.zeros(3).geometric_(0.0)),
    ("log_normal_", lambda lib: lib.zeros(3).log_normal_(0, -1)),
    ("cauchy_", lambda lib: lib.zeros(3).cauchy_(0, -1)),
    ("cauchy_", lambda lib: lib.zeros(3).long().cauchy_()),
    ("inv", lambda lib: lib.linalg.inv(lib.zeros(2, 3))),
    ("inv", lambda lib: lib.linalg.inv(lib.zeros(2))),
    ("inv", lambda lib: lib.linalg.inv(lib.ones(2, 2).long())),
    ("solve", lambda lib: lib.linalg.solve(lib.eye(2), lib.ones(3))),
    ("solve", lambda lib: lib.linalg.solve(lib.eye(2), lib.ones(2, 1).double())),
    ("solve", lambda lib: lib.linalg.solve(lib.ones(2, 3, 3), lib.ones(4, 3, 1))),
    ("det", lambda lib: lib.linalg.det(lib.zeros(2, 3))),
    ("lstsq", lambda lib: lib.linalg.lstsq(lib.zeros(3, 2), lib.zeros(2, 2))),
    ("lstsq", lambda lib: lib.linalg.lstsq(lib.ones(3, 2), lib.ones(3, 2), driver="fast")),
    ("matrix_power", lambda lib: lib.linalg.matrix_power(lib.zeros(2, 3), 2)),
    ("matrix_exp", lambda lib: lib.matrix_exp(lib.zeros(2, 3))),
    ("matrix_exp", lambda lib: lib.matrix_exp(lib.zeros(2, 2, dtype=lib.int64))),
    ("qr", lambda lib: lib.linalg.qr(lib.eye(2), "short")),
    ("eigh", lambda lib: lib.linalg.eigh(lib.zeros(2, 3))),
    ("eigh", lambda lib: lib.linalg.eigh(lib.eye(2), "X")),
    ("matrix_norm", lambda lib: lib.linalg.matrix_norm(lib.eye(2), "foo")),
    ("matrix_norm", lambda lib: lib.linalg.matrix_norm(lib.eye(2), 3)),
    ("matrix_norm", lambda lib: lib.linalg.matrix_norm(lib.eye(2), dim=(0, 0))),
    ("norm", lambda lib: lib.linalg.norm(lib.zeros(2, 2, 2), "nuc")),
    ("complete", lambda lib: lib.linalg.qr(
        lib.ones(3, 2, requires_grad=True), "complete")[0].sum().backward()),
]
KINDS = (IndexError, ValueError, TypeError, RuntimeError)


def kind(error):
    return next(kind for kind in KINDS if isinstance(error, kind))


@pytest.mark.parametrize("word, call", CASES, ids=[f"{w}-{i}" for i, (w, _) in enumerate(CASES)])
def test_the_same_type_and_a_sentence(word, call):
    with pytest.raises(KINDS) as theirs:
        call(torch)
    with pytest.raises(KINDS) as ours:
        call(pg)
    assert kind(ours.value) is kind(theirs.value), ours.value
    assert word in str(ours.value) and len(str(ours.value)) > 25


NAN = float("nan")


@pytest.mark.parametrize("call", [
    lambda lib: lib.linalg.inv(lib.zeros(2, 2)),
    lambda lib: lib.linalg.inv(lib.stack([lib.eye(2), lib.ones(2, 2)])),
    lambda lib: lib.linalg.solve(lib.ones(2, 2), lib.ones(2)),
    lambda lib: lib.linalg.cholesky(-lib.eye(2)),
    lambda lib: lib.linalg.svd(lib.full((2, 2), NAN)),
    lambda lib: lib.linalg.pinv(lib.full((2, 3), NAN)),
    lambda lib: lib.ones(2, 2).inverse(),
    lambda lib: lib.ones(2, 2).matrix_power(-1),
])
def test_a_matrix_that_has_no_answer(call):
    with pytest.raises(torch.linalg.LinAlgError):
        call(torch)
    with pytest.raises(pg.linalg.LinAlgError, match=r"linalg\.\w+: .*shape \("):
        call(pg)


def test_its_error_is_a_runtime_error_of_linalg():
    assert issubclass(pg.linalg.LinAlgError, RuntimeError)
    assert f"{pg.linalg.LinAlgError.__module__}.LinAlgError" == "plugrad.linalg.LinAlgError"


def test_an_error_leaves_the_tensor_as_it_was():
    x = pg.arange(3.0)
    for write in (lambda: x.index_copy_(0, pg.tensor([3]), pg.ones(1)),
                  lambda: x.index_put_((pg.tensor([9]),), pg.ones(1), accumulate=True),
                  lambda: x.put_(pg.tensor([0, 1]), pg.ones(1))):
        with pytest.raises(IndexError):
            write()
        assert x.tolist() == [0, 1, 2]
