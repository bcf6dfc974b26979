"""Sixty-four clients who all ask at once, each on a connection of its own that stays open."""

import json
import socket
from urllib.parse import urlsplit


def request(method, path, body, person=None, more=()):
    """The bytes of a request; `person` is a client whose cookies it carries, `more` are further header lines."""
    data = json.dumps(body).encode() if body is not None else b""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(data)}", *more]
    if data:
        lines.append("Content-Type: application/json")
    if person:
        lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in person.cookies.items()))
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + data


class Crowd:
    SIZE = 64
    PATIENCE_S = 60

    def __init__(self, url):
        address = urlsplit(url)
        self._sockets = [
            socket.create_connection((address.hostname, address.port), self.PATIENCE_S) for _ in range(self.SIZE)
        ]
        self._answers = [one.makefile("rb") for one in self._sockets]

    def ask(self, requests):
        """[(status, JSON)] in the order of the requests; all are sent before any answer is read."""
        self.send(requests)
        return self.hear(len(requests))

    def send(self, requests):
        assert len(requests) <= self.SIZE
        for one, data in zip(self._sockets, requests):
            one.sendall(data)

    def hear(self, count):
        return [self._read(answers) for answers in self._answers[:count]]

    @staticmethod
    def _read(answers):
        status = int(answers.readline().split()[1])
        length = 0
        while (line := answers.readline()) != b"\r\n":
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return status, json.loads(answers.read(length))

    def close(self):
        for one in self._sockets:
            one.close()
