"""Ctrl-C waits for the end of a step, and only there."""

import signal
import threading

import pytest
from plugrad.training.interrupt import Interrupt

pytestmark = pytest.mark.usefixtures("ctrl_c")


def press():
    signal.raise_signal(signal.SIGINT)


def test_it_is_raised_at_the_end_of_the_block():
    done = []
    with Interrupt().caught() as interrupt, pytest.raises(KeyboardInterrupt):
        with interrupt:
            press()
            done.append("all of it")
        done.append("never")
    assert done == ["all of it"]


def test_a_second_one_is_obeyed_at_once():
    done = []
    with Interrupt().caught() as interrupt, pytest.raises(KeyboardInterrupt), interrupt:
        press()
        done.append("once")
        press()
        done.append("never")
    assert done == ["once"]


def test_outside_the_block_it_is_obeyed_at_once():
    with Interrupt().caught() as interrupt:
        with interrupt:
            pass
        with pytest.raises(KeyboardInterrupt):
            press()


def test_the_handler_is_put_back():
    before = signal.getsignal(signal.SIGINT)
    with Interrupt().caught():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def test_a_programs_own_handler_is_left_alone():
    before = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Interrupt().caught() as interrupt, interrupt:
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_it_works_in_another_thread():
    done = []

    def run():
        with Interrupt().caught() as interrupt, interrupt:
            done.append(True)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert done == [True]
