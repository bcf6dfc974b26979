"""One kept-alive connection to a face of Berth, so that what is timed is an answer and not a handshake."""

import http.client
import json
from urllib.parse import urlsplit


class KeepAlive:
    def __init__(self, url, cookies=None, source=None):
        address = urlsplit(url)
        self._connection = http.client.HTTPConnection(
            address.hostname, address.port, timeout=300, source_address=(source, 0) if source else None
        )
        self._headers = {"Content-Type": "application/json"}
        if cookies:
            self._headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())

    def become(self, username, token):
        """Somebody else on the same connection."""
        self._headers["Cookie"] = f"username={username}; user_token={token}"

    def __call__(self, method, path, body=None):
        """(status, bytes)"""
        text = None if body is None else json.dumps(body)
        self._connection.request(method, path, text, self._headers)
        answer = self._connection.getresponse()
        return answer.status, answer.read()

    def must(self, method, path, body=None):
        status, answer = self(method, path, body)
        if status >= 400:
            raise RuntimeError(f"{method} {path}: {status} {answer.decode(errors='replace')}")
        return json.loads(answer)

    def close(self):
        self._connection.close()
