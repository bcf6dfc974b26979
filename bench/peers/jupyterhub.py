"""JupyterHub 6 with DockerSpawner and its proxy, as PyPI and npm have them, over the JupyterLab of our own workspace image.

script/bench puts both under build/bench. The image has no jupyterhub of its own: its packages are mounted into it.
"""

import contextlib
import json
import os
import pathlib
import subprocess
import sys

from harness.http_client import Client
from harness.poll import eventually

TOKEN = "bench-token-of-nobody-else"
PUBLIC, API, PROXY_API = 29993, 29994, 29995
CONFIG = """
c.JupyterHub.bind_url = "http://127.0.0.1:{public}"
c.JupyterHub.hub_bind_url = "http://0.0.0.0:{api}"
c.JupyterHub.hub_connect_ip = "{gateway}"
c.ConfigurableHTTPProxy.command = ["{proxy}"]
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy_api}"
c.JupyterHub.db_url = "sqlite:///{folder}/hub.sqlite"
c.JupyterHub.cookie_secret_file = "{folder}/cookie_secret"
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.log_level = 30
c.JupyterHub.services = [{{"name": "bench", "api_token": "{token}"}}]
c.JupyterHub.load_roles = [{{"name": "bench", "services": ["bench"], "scopes": ["admin:users", "admin:servers", "list:users"]}}]
c.JupyterHub.spawner_class = "dockerspawner.DockerSpawner"
c.DockerSpawner.image = "{image}"
c.DockerSpawner.pull_policy = "never"
c.DockerSpawner.remove = True
c.DockerSpawner.prefix = "berth-bench-hub"
c.DockerSpawner.mem_limit = "1G"
c.DockerSpawner.cpu_limit = 1
c.DockerSpawner.read_only_volumes = {{"{packages}": "/hub"}}
c.DockerSpawner.environment = {{"PYTHONPATH": "/hub"}}
c.DockerSpawner.extra_create_kwargs = {{"entrypoint": ["/opt/jupyter/bin/python", "-m", "jupyterhub.singleuser"]}}
c.DockerSpawner.cmd = ["--allow-root"]
c.DockerSpawner.http_timeout = 60
"""


class JupyterHub:
    def __init__(self, folder, installed, image, gateway):
        self.folder, installed = pathlib.Path(folder), pathlib.Path(installed)
        self._program = installed / "jupyterhub" / "bin" / "jupyterhub"
        if not self._program.exists():
            raise RuntimeError(f"{self._program} is missing: script/bench all installs it")
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        config = CONFIG.format(
            public=PUBLIC, api=API, proxy_api=PROXY_API, gateway=gateway, folder=self.folder, token=TOKEN, image=image,
            proxy=installed / "node_modules" / ".bin" / "configurable-http-proxy",
            packages=installed / "jupyterhub" / "lib" / version / "site-packages",
        )
        (self.folder / "config.py").write_text(config, encoding="utf-8")
        self.api_url = f"http://127.0.0.1:{API}"
        self.headers = {"Authorization": f"token {TOKEN}"}
        self._client = Client(self.api_url, timeout=120)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        with open(self.folder / "log", "ab") as log:
            self._process = subprocess.Popen(
                [self._program, "-f", self.folder / "config.py"], cwd=self.folder, stdout=log, stderr=log,
                env={**os.environ, "PATH": f"{self._program.parent}:{os.environ['PATH']}"},
            )
        eventually(self._answers, 60, every=0.005, message=f"JupyterHub answers; its log is {self.folder / 'log'}")
        return self

    def stop(self):
        self._process.terminate()
        self._process.wait(60)

    @property
    def pid(self):
        return self._process.pid

    def _answers(self):
        """Through its proxy, as people reach it."""
        with contextlib.suppress(OSError):
            return Client(f"http://127.0.0.1:{PUBLIC}").get("/hub/api").status == 200
        return False

    def call(self, method, path):
        answer = self._client(method, f"/hub/api{path}", headers=self.headers)
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer}; {(self.folder / 'log').read_text()[-2000:]}")
        return answer

    def add_user(self, name):
        self.call("POST", f"/users/{name}")

    def spawn(self, name):
        """Until the hub itself says that the person's Jupyter is ready: its own stream of progress, not polling."""
        self.call("POST", f"/users/{name}/server")
        told = self.call("GET", f"/users/{name}/server/progress").body.decode()
        last = json.loads([line for line in told.splitlines() if line.startswith("data:")][-1].removeprefix("data:"))
        if not last.get("ready"):
            raise RuntimeError(f"{last}; {(self.folder / 'log').read_text()[-2000:]}")

    def end(self, name):
        self.call("DELETE", f"/users/{name}/server")
        eventually(lambda: not json.loads(self.call("GET", f"/users/{name}").body)["servers"], 30, every=0.1)
