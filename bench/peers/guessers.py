"""64 clients that guess passwords for all they are worth, each from an address of its own: one address is soon refused.

In a process of their own: in one Python with whoever measures, they would make that one wait for its interpreter.
"""

import subprocess
import sys
import threading

from bench.peers.keep_alive import KeepAlive

CLIENTS = 64
PATIENCE_S = 30


class Guessers:
    """`checked` afterwards: how many guesses the server has looked at."""

    def __init__(self, url):
        self._command = [sys.executable, "-m", "bench.peers.guessers", url]
        self.checked = 0

    def __enter__(self):
        self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._process.stdout.readline()  # the first guess has been answered
        return self

    def __exit__(self, *_):
        told, _ = self._process.communicate("stop\n", timeout=PATIENCE_S)
        self.checked = int(told)


def guess(url, number, over, begun, checked):
    client = KeepAlive(url, source=f"127.0.1.{number + 1}")
    turn = 0
    while not over.is_set():
        status, _ = client("POST", "/api/login", {"username": f"nobody{number}-{turn}", "password": "guess"})
        turn += 1
        if status == 401:
            checked[number] += 1
            begun.set()
        elif status == 429:
            over.wait(0.1)
    client.close()


def main(url):
    over, begun, checked = threading.Event(), threading.Event(), [0] * CLIENTS
    threads = [threading.Thread(target=guess, args=(url, i, over, begun, checked)) for i in range(CLIENTS)]
    for thread in threads:
        thread.start()
    begun.wait(PATIENCE_S)
    print("begun", flush=True)
    sys.stdin.readline()
    over.set()
    for thread in threads:
        thread.join()
    print(sum(checked))


if __name__ == "__main__":
    main(sys.argv[1])
