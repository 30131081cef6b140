"""The peak is measured: a compiler that sees through the loop would make it a million GFLOP/s."""

from plugrad.kernels.matmul import peak


def test_it_is_a_number_that_processors_reach():
    assert 0.1 < peak.gflops(rounds=5) < 1000
