"""MATLAB's ports and container names are fixed for a whole machine: one run of the tests at a time may have them."""

import contextlib
import fcntl
import time

LOCK = "/tmp/berth-tests-matlab-ports.lock"
PATIENCE_S = 600


@contextlib.contextmanager
def matlab_ports():
    with open(LOCK, "w", encoding="ascii") as lock:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                assert time.monotonic() < deadline, f"another run holds {LOCK}"
                time.sleep(0.5)
        yield
