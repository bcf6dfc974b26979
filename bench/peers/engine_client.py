"""The Engine API over one kept-alive unix socket: what whoever writes to it directly pays."""

import json
import socket

ENGINE = "/var/run/docker.sock"


class EngineClient:
    """Not http.client: reading an answer by hand costs a tenth of it, and the peer must not be slower than need be."""

    def __init__(self, path=ENGINE):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(120)
        self._socket.connect(path)
        self._received = b""

    def close(self):
        self._socket.close()

    def __call__(self, method, target, body=b"", content_type="application/json"):
        """(status, body)"""
        head = f"{method} /v1.41{target} HTTP/1.1\r\nHost: docker\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
        self._socket.sendall(head.encode() + body)
        return self._answer()

    def must(self, method, target, body=b"", **options):
        status, answer = self(method, target, body, **options)
        if status >= 400:
            raise RuntimeError(f"{method} {target}: {status} {answer.decode(errors='replace')}")
        return json.loads(answer) if answer.strip() else None

    def _more(self):
        piece = self._socket.recv(65536)
        if not piece:
            raise RuntimeError("the engine closed the connection")
        self._received += piece

    def _take(self, size):
        while len(self._received) < size:
            self._more()
        taken, self._received = self._received[:size], self._received[size:]
        return taken

    def _line(self):
        while b"\r\n" not in self._received:
            self._more()
        line, _, self._received = self._received.partition(b"\r\n")
        return line

    def _answer(self):
        status = int(self._line().split()[1])
        fields = {}
        while line := self._line():
            name, _, value = line.partition(b":")
            fields[name.lower()] = value.strip()
        if fields.get(b"transfer-encoding") == b"chunked":
            body = b""
            while size := int(self._line(), 16):
                body += self._take(size)
                self._take(2)
            self._take(2)
            return status, body
        return status, self._take(int(fields.get(b"content-length", 0)))

    def lines(self, target):
        """Opens a stream that has no end and gives its lines as they come; the client is good for nothing else then."""
        self._socket.sendall(f"GET /v1.41{target} HTTP/1.1\r\nHost: docker\r\n\r\n".encode())
        while self._line():
            pass
        while size := int(self._line(), 16):
            yield self._take(size)
            self._take(2)


def open_stream(target, path=ENGINE):
    """A connection on which the engine streams, for whoever only wants it to."""
    one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    one.connect(path)
    one.sendall(f"GET /v1.41{target} HTTP/1.1\r\nHost: docker\r\n\r\n".encode())
    return one
