"""Waiting for something to become true: always with a deadline, never a bare sleep."""

import time


def eventually(check, within=5.0, every=0.03, message=""):
    """Calls `check` until it gives something truthy, and returns that. An AssertionError counts as not yet."""
    deadline = time.monotonic() + within
    while True:
        failure = None
        try:
            value = check()
            if value:
                return value
        except AssertionError as error:
            value, failure = None, error
        if time.monotonic() >= deadline:
            raise AssertionError(
                f"not within {within} s: {message or check!r}; last: {failure or value!r}"
            )
        time.sleep(every)


def seconds_until(check, within=5.0, every=0.01, message=""):
    """How long it took until `check` gave something truthy."""
    start = time.monotonic()
    eventually(check, within, every, message)
    return time.monotonic() - start
