"""A little HTTP and WebSocket, enough for the tests, from the standard library alone."""

import base64
import http.client
import json
import os
import socket
import struct


def get(port, path="/", headers=None, timeout=10, method="GET", body=None):
    """One request on a connection of its own: (status, headers, body)."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request(method, path, body=body, headers=headers or {})
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


class HandshakeRefused(Exception):
    def __init__(self, status):
        super().__init__(f"the server answered {status}")
        self.status = status


class Closed(Exception):
    """The other side closed; `code` is what it said with it, if it said anything."""

    def __init__(self, code=None):
        super().__init__(f"closed with {code}")
        self.code = code


class WebSocket:
    """A WebSocket client for short text messages."""

    def __init__(self, port, path="/", headers=None, timeout=20):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb")
        self._shake_hands(port, path, headers or {})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()

    def _shake_hands(self, port, path, headers):
        lines = {
            "Host": f"127.0.0.1:{port}",
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
            "Sec-WebSocket-Version": "13",
            **headers,
        }
        request = f"GET {path} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in lines.items()) + "\r\n"
        self.socket.sendall(request.encode())
        status_line = self.file.readline().split()
        if len(status_line) < 2:
            raise Closed()
        while self.file.readline() not in (b"\r\n", b""):
            pass
        if status_line[1] != b"101":
            self.__exit__()
            raise HandshakeRefused(int(status_line[1]))

    def send_frame(self, opcode, payload):
        mask = os.urandom(4)
        if len(payload) < 126:
            length = struct.pack("!B", 0x80 | len(payload))
        elif len(payload) < 1 << 16:
            length = struct.pack("!BH", 0x80 | 126, len(payload))
        else:
            length = struct.pack("!BQ", 0x80 | 127, len(payload))
        self.socket.sendall(bytes([0x80 | opcode]) + length + mask + _mask(payload, mask))

    def send(self, text):
        self.send_frame(1, text.encode() if isinstance(text, str) else text)

    def send_json(self, message):
        self.send(json.dumps(message))

    def _read_exactly(self, count):
        data = self.file.read(count)
        if len(data) < count:
            raise Closed()
        return data

    def _read_frame(self):
        first, second = self._read_exactly(2)
        length = second & 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", self._read_exactly(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", self._read_exactly(8))
        return first & 0x80, first & 0x0F, self._read_exactly(length)

    def receive(self):
        """The next text message, whole; pings are answered on the way."""
        message = b""
        while True:
            final, opcode, payload = self._read_frame()
            if opcode == 8:
                raise Closed(struct.unpack("!H", payload[:2])[0] if len(payload) >= 2 else None)
            if opcode == 9:
                self.send_frame(10, payload)
                continue
            if opcode == 10:
                continue
            message += payload
            if final:
                return message.decode()

    def receive_json(self):
        return json.loads(self.receive())


def _mask(payload, mask):
    key = int.from_bytes((mask * (len(payload) // 4 + 1))[: len(payload)], "big")
    return (int.from_bytes(payload, "big") ^ key).to_bytes(len(payload), "big")
