"""A Docker Engine over its socket: what a test needs to look at it and to act behind Berth's back."""

import http.client
import json
import os
import socket
from urllib.parse import quote

DEFAULT_ENDPOINT = "unix:///var/run/docker.sock"


def configured_endpoint():
    return os.environ.get("BERTH_DOCKER_HOST") or os.environ.get("DOCKER_HOST") or DEFAULT_ENDPOINT


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class EngineError(Exception):
    def __init__(self, status, text):
        super().__init__(f"{status}: {text}")
        self.status = status


class Engine:
    def __init__(self, endpoint=None):
        self.endpoint = endpoint or configured_endpoint()
        if not self.endpoint.startswith("unix://"):
            raise ValueError(f"the tests need an engine on a unix socket, not {self.endpoint}")
        self.path = self.endpoint.removeprefix("unix://")

    def raw(self, method, target, body=None, content_type="application/json", timeout=60):
        connection = UnixConnection(self.path, timeout)
        try:
            connection.request(method, "/v1.41" + target, body=body, headers={"Content-Type": content_type})
            response = connection.getresponse()
            data = response.read()
        finally:
            connection.close()
        if response.status >= 400:
            raise EngineError(response.status, data.decode(errors="replace"))
        return data

    def call(self, method, target, json_body=None, **options):
        body = None if json_body is None else json.dumps(json_body)
        data = self.raw(method, target, body, **options)
        return json.loads(data) if data.strip() else None

    def why_not(self):
        """Why this engine cannot be used, or None."""
        try:
            self.raw("GET", "/_ping", timeout=5)
            return None
        except (OSError, EngineError) as error:
            return f"no Docker Engine answers at {self.endpoint}: {error}"

    def info(self):
        return self.call("GET", "/info")

    # Containers

    def containers(self, label):
        filters = quote(json.dumps({"label": [label]}))
        return self.call("GET", f"/containers/json?all=1&filters={filters}")

    def inspect(self, container):
        return self.call("GET", f"/containers/{container}/json")

    def exists(self, container):
        try:
            return bool(self.inspect(container))
        except EngineError as error:
            if error.status != 404:
                raise
            return False

    def state(self, container):
        return self.inspect(container)["State"]["Status"]

    def create(self, name, image, **config):
        answer = self.call("POST", f"/containers/create?name={name}", {"Image": image, **config})
        return answer["Id"]

    def start(self, container):
        self.raw("POST", f"/containers/{container}/start")

    def stop(self, container, grace=2):
        self.raw("POST", f"/containers/{container}/stop?t={grace}")

    def kill(self, container):
        self.raw("POST", f"/containers/{container}/kill")

    def pause(self, container):
        self.raw("POST", f"/containers/{container}/pause")

    def unpause(self, container):
        self.raw("POST", f"/containers/{container}/unpause")

    def remove(self, container):
        try:
            self.raw("DELETE", f"/containers/{container}?force=1&v=1")
        except EngineError as error:
            if error.status not in (404, 409):
                raise

    def run(self, container, *argv):
        """(exit code, output) of a command inside the container."""
        created = self.call(
            "POST",
            f"/containers/{container}/exec",
            {"Cmd": list(argv), "AttachStdout": True, "AttachStderr": True, "Tty": True},
        )
        output = self.raw("POST", f"/exec/{created['Id']}/start", json.dumps({"Detach": False, "Tty": True}))
        code = self.call("GET", f"/exec/{created['Id']}/json")["ExitCode"]
        return code, output.decode(errors="replace").replace("\r\n", "\n")

    def logs(self, container):
        return self.raw("GET", f"/containers/{container}/logs?stdout=1&stderr=1")

    def processes(self, container):
        return self.call("GET", f"/containers/{container}/top?ps_args=-eo%20pid,args")["Processes"]

    def events(self, since, until):
        return self.raw("GET", f"/events?since={since}&until={until}")

    # Images

    def has_image(self, reference):
        return self.inspect_image(reference) is not None

    def inspect_image(self, reference):
        try:
            return self.call("GET", f"/images/{reference}/json")
        except EngineError as error:
            if error.status != 404:
                raise
            return None

    def image_tags(self, prefix):
        images = self.call("GET", "/images/json")
        return [tag for image in images for tag in image["RepoTags"] or [] if tag.startswith(prefix)]

    def remove_image(self, reference):
        try:
            self.raw("DELETE", f"/images/{reference}?force=1")
        except EngineError as error:
            if error.status not in (404, 409):
                raise

    def import_image(self, tar, reference, changes):
        repository, _, tag = reference.rpartition(":")
        query = f"fromSrc=-&repo={quote(repository, safe='')}&tag={tag}"
        for change in changes:
            query += "&changes=" + quote(change)
        self.raw("POST", f"/images/create?{query}", tar, content_type="application/x-tar")
