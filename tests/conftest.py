"""What holds for all tests."""

import gc


def pytest_collection_finish():
    """Thousands of tests lie in memory from here to the end: the collector, which some tests
    call, need not go through them each time."""
    gc.collect()
    gc.freeze()
