"""Waiting with a deadline: tests poll, they never just sleep."""

import time


def wait_until(condition, timeout_s=60, every_s=0.05):
    """Polls until the condition gives something true, and returns that. Whatever it raises meanwhile means "not yet"."""
    end = time.monotonic() + timeout_s
    last_failure = None
    while True:
        try:
            result = condition()
            if result:
                return result
        except Exception as failure:  # noqa: BLE001
            last_failure = failure
        if time.monotonic() > end:
            raise AssertionError(f"not within {timeout_s} s: {condition.__name__}") from last_failure
        time.sleep(every_s)
