"""F.normalize: vectors of length 1, whatever the norm."""

import plugrad as pg


def normalize(input, p=2.0, dim=1, eps=1e-12):
    """y = x / max(‖x‖, eps), ‖x‖ the p-norm along dim (one dimension or several)"""
    return input / input.norm(p, dim, True).clamp(min=eps)


@pg.hookimpl
def register_normalizations(register):
    register(normalize)
