"""nginx with one worker that serves given answers from files, header fields and all."""

import contextlib
import pathlib
import shutil
import subprocess

from harness.http_client import Client
from harness.poll import eventually

# As fast as nginx serves a file: no log, open files kept, connections never closed for their number of requests.
CONFIG = """
worker_processes 1;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  keepalive_requests 1000000000;
  open_file_cache max=100;
  sendfile on;
  server {{
    listen 127.0.0.1:{port};
{locations}
  }}
}}
"""
LOCATION = """    location = {path} {{
      root {folder};
      try_files {file} =404;
      default_type application/json;
{fields}
    }}
"""
# What every HTTP server says of itself.
OWN_FIELDS = {"server", "date", "content-length", "content-type", "connection"}
PORT = 29991


class Nginx:
    """`answers`: {path: harness Answer}."""

    def __init__(self, folder, answers):
        self.folder = pathlib.Path(folder)
        self.url = f"http://127.0.0.1:{PORT}"
        locations = ""
        for number, (path, answer) in enumerate(answers.items()):
            (self.folder / f"{number}.json").write_bytes(answer.body)
            fields = "\n".join(
                f'      add_header {name} "{value}";' for name, value in answer.headers if name.lower() not in OWN_FIELDS
            )
            locations += LOCATION.format(path=path, folder=self.folder, file=f"/{number}.json", fields=fields)
        config = CONFIG.format(folder=self.folder, port=PORT, locations=locations)
        (self.folder / "nginx.conf").write_text(config, encoding="utf-8")
        self.folder.chmod(0o755)

    def __enter__(self):
        program = shutil.which("nginx", path="/usr/sbin:/usr/bin")
        command = [program, "-p", self.folder, "-c", self.folder / "nginx.conf", "-g", "daemon off; user root;"]
        self._process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        eventually(self._is_up, 10, message="nginx answers")
        children = pathlib.Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        assert len(children) == 1, "nginx has one worker"
        self.pid = int(children[0])
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait(10)

    def _is_up(self):
        with contextlib.suppress(OSError):
            return Client(self.url).get("/").status in (200, 404)
        return False
