"""MATLAB's ports and container names are fixed for a whole machine: one run of the tests or of the bench at a time may have them."""

import contextlib
import fcntl

from harness.poll import eventually

LOCK = "/tmp/berth-tests-matlab-ports.lock"
PATIENCE_S = 600


@contextlib.contextmanager
def matlab_ports():
    with open(LOCK, "w", encoding="utf-8") as lock:

        def take():
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            except BlockingIOError:
                return False

        eventually(take, PATIENCE_S, every=0.5, message=f"another run lets go of {LOCK}")
        yield
