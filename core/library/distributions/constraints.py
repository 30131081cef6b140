"""What parameters and values of distributions may be."""


class Constraint:
    """A condition, with the text that errors quote.   check(x): where x keeps it, a bool Tensor.

    event_dim: how many of the last dimensions are judged together.
    """

    def __init__(self, text, check, event_dim=0):
        self.text, self.check, self.event_dim = text, check, event_dim

    def __repr__(self):
        return self.text


def greater_than(low):
    """low < x"""
    return Constraint(f"GreaterThan(lower_bound={low})", lambda x: x > low)


def less_than(high):
    """x < high"""
    return Constraint(f"LessThan(upper_bound={high})", lambda x: x < high)


def greater_than_eq(low):
    """low <= x"""
    return Constraint(f"GreaterThanEq(lower_bound={low})", lambda x: x >= low)


def interval(low, high):
    """low <= x <= high"""
    return Constraint(f"Interval(lower_bound={low}, upper_bound={high})",
                      lambda x: (x >= low) & (x <= high))


def integer_interval(low, high):
    """Whole numbers from low to high."""
    return Constraint(f"IntegerInterval(lower_bound={low}, upper_bound={high})",
                      lambda x: (x % 1 == 0) & (x >= low) & (x <= high))


def independent(base, n):
    """`base` in all of the last n dimensions."""
    def check(x):
        kept = base.check(x)
        return kept.reshape(*kept.shape[:kept.ndim - n], -1).all(-1)

    return Constraint(f"IndependentConstraint({base}, {n})", check, base.event_dim + n)


real = Constraint("Real()", lambda x: x == x)                         # NaN is not equal to itself
real_vector = independent(real, 1)
positive = greater_than(0.0)
nonnegative = greater_than_eq(0.0)
unit_interval = interval(0.0, 1.0)
boolean = Constraint("Boolean()", lambda x: (x == 0) | (x == 1))
simplex = Constraint("Simplex()", lambda x: (x >= 0).all(-1) & ((x.sum(-1) - 1).abs() < 1e-6), 1)
