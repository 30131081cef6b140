"""How near two results must lie to be called equal: one table, one entry per dtype."""

import numpy as np

# Two correct programs differ by rounding alone: a few units in the last place, times the length
# of the sums.  Each gradient adds a layer of sums, and gets ten times the room.
VALUE = {
    "float32": {"rtol": 2e-5, "atol": 2e-6},
    "float64": {"rtol": 1e-11, "atol": 1e-13},
}
GRADIENT = {
    "float32": {"rtol": 2e-4, "atol": 2e-5},
    "float64": {"rtol": 1e-10, "atol": 1e-12},
}
SECOND_GRADIENT = {
    "float32": {"rtol": 2e-3, "atol": 2e-4},
    "float64": {"rtol": 1e-9, "atol": 1e-11},
}


def assert_close(got, expected, table=VALUE, what="value"):
    """Shapes and dtypes equal, floats equal within the table, everything else exactly."""
    got, expected = np.asarray(got), np.asarray(expected)
    assert got.shape == expected.shape, f"{what}: shape {got.shape}, expected {expected.shape}"
    assert got.dtype == expected.dtype, f"{what}: dtype {got.dtype}, expected {expected.dtype}"
    tolerance = table.get(expected.dtype.name, {"rtol": 0, "atol": 0})
    np.testing.assert_allclose(got, expected, **tolerance, err_msg=what)
