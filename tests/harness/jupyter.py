"""Jupyter as a person with a browser uses it: log-in form, a terminal, a kernel. Works with JupyterLab and Notebook 6."""

import asyncio
import json
import uuid
from urllib.parse import quote, urlencode

import websockets

from harness.http_client import Client

PATIENCE_S = 20


class Jupyter:
    def __init__(self, ip, port):
        self.client = Client(f"http://{ip}:{port}")

    def is_up(self):
        try:
            return self.client.get("/login").status == 200
        except OSError:
            return False

    def log_in(self, password):
        """The HTTP status: 302 on success, 401 for a wrong password."""
        self.client.get("/login")
        form = urlencode({"password": password, "_xsrf": self.client.cookies["_xsrf"]})
        answer = self.client(
            "POST", "/login", body=form.encode(), headers={"Content-Type": "application/x-www-form-urlencoded"}
        )
        return answer.status

    def api(self, method, path, json_body=None):
        return self.client(
            method, path, json=json_body, body=None if json_body is not None else b"" if method == "POST" else None,
            headers={"X-XSRFToken": self.client.cookies.get("_xsrf", "")},
        )

    def run_in_terminal(self, command, until):
        """What the terminal printed, once it has printed `until`."""
        name = self.api("POST", "/api/terminals").json["name"]
        return asyncio.run(self._terminal(f"/terminals/websocket/{quote(name)}", command, until))

    def run_in_kernel(self, code):
        """What the code printed, in a new Python kernel."""
        kernel = self.api("POST", "/api/kernels", {"name": "python3"}).json["id"]
        return asyncio.run(self._kernel(f"/api/kernels/{kernel}/channels", code))

    def _connect(self, path):
        cookies = "; ".join(f"{name}={value}" for name, value in self.client.cookies.items())
        return websockets.connect(
            self.client.base.replace("http", "ws", 1) + path, extra_headers={"Cookie": cookies}, max_size=None
        )

    async def _terminal(self, path, command, until):
        seen = ""
        async with self._connect(path) as socket:
            await socket.send(json.dumps(["stdin", command + "\r"]))
            while until not in seen:
                message = json.loads(await asyncio.wait_for(socket.recv(), PATIENCE_S))
                if message[0] == "stdout":
                    seen += message[1]
        return seen

    async def _kernel(self, path, code):
        request = {
            "header": {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "username": "", "session": "s",
                       "version": "5.3", "date": ""},
            "parent_header": {}, "metadata": {}, "channel": "shell",
            "content": {"code": code, "silent": False, "store_history": False, "user_expressions": {},
                        "allow_stdin": False},
        }
        async with self._connect(path) as socket:
            await socket.send(json.dumps(request))
            while True:
                message = json.loads(await asyncio.wait_for(socket.recv(), PATIENCE_S))
                if message["msg_type"] == "stream":
                    return message["content"]["text"]
                assert message["msg_type"] != "error", message["content"]
