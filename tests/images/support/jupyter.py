"""A browser's road through Jupyter: log-in page, password, REST, terminal and kernel."""

import http.cookies
import json
import time
import urllib.parse

from .http import WebSocket, get


class Jupyter:
    def __init__(self, port):
        self.port, self.cookies = port, {}

    def request(self, method, path, body=None, **headers):
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if "_xsrf" in self.cookies:
            headers["X-XSRFToken"] = self.cookies["_xsrf"]
        status, answer, content = get(self.port, path, headers, timeout=30, method=method, body=body)
        for line in answer.get_all("Set-Cookie") or []:
            for name, morsel in http.cookies.SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return status, content

    def answers(self):
        return self.request("GET", "/login")[0] == 200

    def log_in(self, password):
        """The status of the log-in: 302 for the right password."""
        self.request("GET", "/login")
        form = urllib.parse.urlencode({"password": password, "_xsrf": self.cookies["_xsrf"]})
        content_type = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.request("POST", "/login", form, **content_type)[0]

    def _open(self, path):
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return WebSocket(self.port, path, {"Cookie": cookie, "Origin": f"http://127.0.0.1:{self.port}"}, timeout=30)

    def in_terminal(self, command, wanted, timeout_s=20):
        """Types a command into a new terminal until `wanted` shows; the text so far."""
        terminal = json.loads(self.request("POST", "/api/terminals", "")[1])
        seen, end = "", time.monotonic() + timeout_s
        with self._open(f"/terminals/websocket/{terminal['name']}") as socket:
            socket.send_json(["stdin", command + "\r"])
            while wanted not in seen and time.monotonic() < end:
                kind, *rest = socket.receive_json()
                if kind == "stdout":
                    seen += rest[0]
        return seen

    def in_kernel(self, code):
        """What the code prints in a new Python kernel."""
        kernel = json.loads(self.request("POST", "/api/kernels", '{"name":"python3"}')[1])
        header = {"msg_id": "1", "msg_type": "execute_request", "username": "", "session": "s", "version": "5.3", "date": ""}
        content = {"code": code, "silent": False, "store_history": False, "user_expressions": {}, "allow_stdin": False}
        message = {"header": header, "parent_header": {}, "metadata": {}, "channel": "shell", "content": content}
        with self._open(f"/api/kernels/{kernel['id']}/channels") as socket:
            socket.send_json(message)
            while True:
                answer = socket.receive_json()
                if answer["msg_type"] == "stream":
                    return answer["content"]["text"]
                if answer["msg_type"] == "error":
                    return answer["content"]["evalue"]
