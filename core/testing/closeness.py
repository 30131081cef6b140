"""assert_close: are two results equal but for rounding?"""

from collections.abc import Mapping, Sequence

import numpy as np
from plugrad.ops.create import as_tensor
from plugrad.tensor.dtypes import float32, float64
from plugrad.tensor.tensor import Tensor

TOLERANCES = {float32: (1.3e-6, 1e-5), float64: (1e-7, 1e-7)}       # (rtol, atol); else (0, 0)


def assert_close(actual, expected, *, allow_subclasses=True, rtol=None, atol=None,
                 equal_nan=False, check_device=True, check_dtype=True, check_layout=True,
                 check_stride=False, msg=None):
    """Raise AssertionError unless |actual - expected| <= atol + rtol * |expected| everywhere.

    Numbers, Tensors, arrays, and sequences and mappings of them; shapes and, with check_dtype,
    dtypes must be equal.   rtol, atol: both or none; by default those of the wider dtype.
    msg: the text instead of ours, or a function of ours.   ValueError for one tolerance alone.
    """
    if (rtol is None) != (atol is None):
        raise ValueError("assert_close: rtol and atol must both be specified or both be "
                         f"unspecified, got rtol={rtol} and atol={atol}")
    options = {"rtol": rtol, "atol": atol, "equal_nan": equal_nan, "check_dtype": check_dtype,
               "check_stride": check_stride, "allow_subclasses": allow_subclasses}
    for place, ours, theirs in leaves(actual, expected, ""):
        text = misfit(ours, theirs, **options)
        if text:
            text = f"{text}\n\nThe failure occurred for item {place}" if place else text
            raise AssertionError(text if msg is None else msg(text) if callable(msg) else msg)


def leaves(actual, expected, place):
    """(place, actual, expected) of all that is no sequence or mapping."""
    if isinstance(actual, Mapping) and isinstance(expected, Mapping):
        if actual.keys() != expected.keys():
            raise AssertionError("The keys of the mappings do not match: "
                                 f"{sorted(actual)} and {sorted(expected)}")
        for key in actual:
            yield from leaves(actual[key], expected[key], f"{place}[{key!r}]")
    elif is_sequence(actual) and is_sequence(expected):
        if len(actual) != len(expected):
            raise AssertionError("The length of the sequences mismatch: "
                                 f"{len(actual)} != {len(expected)}")
        for i, pair in enumerate(zip(actual, expected)):
            yield from leaves(*pair, f"{place}[{i}]")
    else:
        yield place, actual, expected


def is_sequence(value):
    return isinstance(value, Sequence) and not isinstance(value, str)


def misfit(actual, expected, rtol, atol, equal_nan, check_dtype, check_stride, allow_subclasses):
    """What keeps the two from being close, or None."""
    if not allow_subclasses and type(actual) is not type(expected):
        return f"expected equal types, got {type(actual).__name__} and {type(expected).__name__}"
    scalars = not isinstance(actual, (Tensor, np.ndarray))
    a, b = (as_tensor(value).detach() for value in (actual, expected))
    for what, one, other in (("shape", tuple(a.shape), tuple(b.shape)),
                             *([("dtype", a.dtype, b.dtype)] if check_dtype else []),
                             *([("stride()", a.stride(), b.stride())] if check_stride else [])):
        if one != other:
            return f"The values for attribute '{what}' do not match: {one} != {other}."
    if rtol is None:
        rtol, atol = (max(both) for both in zip(*(TOLERANCES.get(x.dtype, (0.0, 0.0))
                                                  for x in (a, b))))
    a, b = a.double().numpy(), b.double().numpy()
    wrong = ~np.isclose(a, b, rtol=rtol, atol=atol, equal_nan=equal_nan)
    if not wrong.any():
        return None
    with np.errstate(all="ignore"):
        far = np.where(wrong, abs(a - b), 0.0)
        further = far / abs(b)
    if scalars:
        return (f"Scalars are not close!\n\nExpected {expected} but got {actual}.\nAbsolute "
                f"difference: {far} (up to {atol} allowed)\nRelative difference: {further} (up to "
                f"{rtol} allowed)")
    lines = [f"Mismatched elements: {wrong.sum()} / {wrong.size} ({wrong.mean():.1%})"]
    for what, difference, most in (("absolute", far, atol), ("relative", further, rtol)):
        at = tuple(int(i) for i in np.unravel_index(np.argmax(difference), difference.shape))
        lines.append(f"Greatest {what} difference: {difference[at]} at index {at} (up to {most} "
                     "allowed)")
    return "\n".join(["Tensor-likes are not close!\n", *lines])
