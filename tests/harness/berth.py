"""A real `berth serve` as a child process: one call starts a whole server, with folders and ports of its own."""

import contextlib
import itertools
import json
import os
import pathlib
import queue
import re
import signal
import subprocess
import threading

from harness.engine import Engine
from harness.gate import Gate
from harness.http_client import Client
from harness.poll import eventually

ROOT = pathlib.Path(__file__).resolve().parents[2]
PASSWORD = "correct horse"
READY = re.compile(r"^(platform|matlab) (https?://\S+)$")
CODE = re.compile(r"^first admin code (\S+)$")

# Each server gets host ports of its own: below the kernel's ephemeral range and clear of MATLAB's 30001..31100.
_port_blocks = itertools.count(12000 + os.getpid() % 40 * 400, 40)


def binary():
    return pathlib.Path(os.environ.get("BERTH_BINARY") or ROOT / "build/release/src/berth")


class Refused(Exception):
    """The `berth` command said no."""

    def __init__(self, code, answer, stderr):
        super().__init__(f"exit {code}: {answer} {stderr}")
        self.code = code
        self.answer = answer


class Berth:
    """`images` takes the place of the workspace and the MATLAB image; without it, Berth's own are used."""

    def __init__(self, folder, engine=None, images=None, with_gate=False, settings=None):
        self.folder = pathlib.Path(folder)
        self.state_dir = self.folder / "state"
        self.matlab_data = self.folder / "matlab_data"
        self.pub_dir = self.folder / "pub_data"
        self.log_path = self.folder / "berth.log"
        self.engine = engine or Engine()
        self.gate = Gate(self.folder / "engine.sock", self.engine.path) if with_gate else None
        self.port_first = next(_port_blocks)
        self.port_last = self.port_first + 39
        self.settings = dict(settings or {})
        self.images = images
        self.process = None
        self.ending = threading.Lock()  # held until a process that was told to end has ended
        self.lines = []
        self.installation = None
        self._people = itertools.count(1)
        self.pub_dir.mkdir(parents=True)

    # Life of the process

    def environment(self):
        own = {
            "BERTH_STATE_DIR": str(self.state_dir),
            "BERTH_PLATFORM_LISTEN": "127.0.0.1:0",
            "BERTH_MATLAB_LISTEN": "127.0.0.1:0",
            "BERTH_DOCKER_HOST": self.gate.endpoint if self.gate else self.engine.endpoint,
            "BERTH_MATLAB_DATA_ROOT": str(self.matlab_data),
            "BERTH_DEVICE_PUB_DIR": str(self.pub_dir),
            "BERTH_DEVICE_PORT_FIRST": str(self.port_first),
            "BERTH_DEVICE_PORT_LAST": str(self.port_last),
        }
        if self.images:
            workspace, matlab = self.images
            own |= {"BERTH_IMAGE_WORKSPACE": workspace, "BERTH_IMAGE_WORKSPACE_NAME": "tiny", "BERTH_MATLAB_IMAGE": matlab}
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("BERTH_", "DOCKER_"))}
        return {**inherited, **own, **self.settings}

    def start(self, connected=True):
        with self.ending:
            assert self.process is None, "is running"
        assert binary().exists(), f"{binary()} is not built: run script/test"
        ready = queue.Queue()
        self.lines = []
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [binary(), "serve"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                env=self.environment(),
                text=True,
            )
        threading.Thread(target=self._read_lines, args=(self.process.stdout, ready), daemon=True).start()
        found = {}
        while len(found) < 2:
            try:
                line = ready.get(timeout=15)
            except queue.Empty:
                line = None
            if line is None:
                self.kill()
                raise AssertionError(f"berth serve did not get ready; its log ends:\n{self.log_tail()}")
            if match := READY.match(line):
                found[match[1]] = match[2]
        self.platform_url, self.matlab_url = found["platform"], found["matlab"]
        self.matlab = Client(self.matlab_url, timeout=120)
        if connected:
            eventually(self.is_connected, 10, message="the device is connected")
        return self

    def _read_lines(self, stream, ready):
        for line in stream:
            self.lines.append(line.rstrip("\n"))
            ready.put(line.rstrip("\n"))
        ready.put(None)

    @property
    def first_admin_code(self):
        return eventually(
            lambda: next((m[1] for m in map(CODE.match, self.lines) if m), None), message="the first admin code"
        )

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def stop(self):
        """SIGTERM, as an admin would. Gives the exit code."""
        return self._end(signal.SIGTERM)

    def kill(self):
        return self._end(signal.SIGKILL)

    def _end(self, sign):
        with self.ending:
            process, self.process = self.process, None
            if process is None:
                return None
            process.send_signal(sign)
            try:
                return process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise AssertionError(f"berth did not end within 20 s of {sign!r}:\n{self.log_tail()}") from None

    def close(self):
        """Ends it and leaves nothing of it on the engine."""
        with contextlib.suppress(AssertionError):
            self.kill() if self.installation is None and not self.state_dir.exists() else self.stop()
        for container in self.engine_containers():
            self.engine.remove(container["Id"])
        for installation in self._installations():
            for kind in ("saved", "rebuild"):
                for tag in self.engine.image_tags(f"berth/{kind}-{installation}:"):
                    self.engine.remove_image(tag)
        if self.gate:
            self.gate.close()

    def log_tail(self, lines=40):
        text = self.log_path.read_text(errors="replace") if self.log_path.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    # What it has on the engine

    def engine_containers(self):
        """All of this server's containers, by the host folders they mount."""
        ours = []
        for container in self.engine.containers("berth.installation"):
            if any(mount.get("Source", "").startswith(f"{self.folder}/") for mount in container["Mounts"]):
                ours.append(container)
                self.installation = container["Labels"]["berth.installation"]
        return ours

    def _installations(self):
        return [self.installation] if self.installation else []

    def container_of(self, cid):
        """The engine's container of `cid`, or None."""
        for container in self.engine_containers():
            if container["Labels"]["berth.cid"] == str(cid):
                return container
        return None

    def engine_state(self, cid):
        container = self.container_of(cid)
        return container["State"] if container else None

    def engine_name(self, cid):
        container = self.container_of(cid)
        assert container, f"the engine has no container of cid {cid}"
        return container["Names"][0].removeprefix("/")

    # The berth command

    def cli(self, *words, stdin=None, json_output=True):
        command = [binary(), "--state-dir", str(self.state_dir), *map(str, words)]
        if json_output:
            command.append("--json")
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=60)
        if not json_output:
            return done
        answer = json.loads(done.stdout) if done.stdout.strip() else None
        if done.returncode != 0:
            raise Refused(done.returncode, answer, done.stderr)
        return answer

    def is_connected(self):
        try:
            return self.cli("device", "show", 1)["device"]["reachable"]
        except Refused:
            return False

    def device(self):
        return self.cli("device", "show", 1)["device"]

    def rows(self):
        """{cid: row} as the admin sees them."""
        return {row["cid"]: row for row in self.cli("container", "list")["containers"]}

    def add_image(self, reference, name):
        return self.cli("image", "add", reference, "--name", name)["iid"]

    def public_image(self):
        """The iid of the workspace image, once it has been introduced."""
        return eventually(lambda: self.cli("image", "list")["images"], 15, message="the first image")[0]["iid"]

    # People

    def new_name(self, stem="user"):
        return f"{stem}{next(self._people)}"

    def new_user(self, name=None):
        """Somebody who has registered and is logged in."""
        name = name or self.new_name()
        client = Client(self.platform_url, name)
        answer = client.post("/api/register", {"username": name, "password": PASSWORD, "email": f"{name}@lab.test"})
        assert answer.status == 200, answer
        return client

    def new_admin(self):
        name = self.new_name("admin")
        self.cli(
            "user", "add", name, "--role", "admin", "--email", f"{name}@lab.test", "--password-stdin",
            stdin=PASSWORD + "\n",
        )
        return self.log_in(name)

    def log_in(self, name, password=PASSWORD):
        client = Client(self.platform_url, name)
        answer = client.post("/api/login", {"username": name, "password": password})
        assert answer.status == 200, answer
        return client

    @property
    def anyone(self):
        """A client without any cookie."""
        return Client(self.platform_url)

    def again(self, client):
        """The same person on a server that has been started anew (its port differs)."""
        return Client(self.platform_url, client.name, dict(client.cookies), client.timeout)

    # Containers

    def create(self, user, iid, cpu=1, mem=64, name="c", **more):
        answer = user.post("/containers", {"iid": iid, "name": name, "cpu": cpu, "mem": mem, **more})
        assert answer.status == 200, answer
        return answer.json

    @contextlib.contextmanager
    def container(self, user, iid, **wanted):
        """A container that is gone at the end, whatever happened to it."""
        created = self.create(user, iid, **wanted)
        try:
            yield created
        finally:
            self.remove(user, created["cid"])

    def remove(self, user, cid):
        if self.is_running():
            answer = self.again(user).delete(f"/containers/{cid}")
            assert answer.status in (200, 401, 404), answer

    def assert_in_agreement(self):
        """Rows, engine and ledger say the same: nothing is left over and nothing is missing."""
        rows = self.rows()
        on_engine = {}
        for container in self.engine_containers():
            if container["Labels"]["berth.kind"] == "workspace":
                cid = int(container["Labels"]["berth.cid"])
                assert cid not in on_engine, f"cid {cid} is there twice"
                on_engine[cid] = container["State"]
        assert set(rows) == set(on_engine), f"rows {sorted(rows)}, engine {on_engine}"
        for cid, row in rows.items():
            runs = row["state"] == "running"
            assert runs == (on_engine[cid] == "running"), f"cid {cid}: {row['state']}, engine {on_engine[cid]}"
        running = [row for row in rows.values() if row["state"] in ("running", "paused")]
        device = self.device()
        assert device["used_cpu"] == sum(row["cpu"] for row in running), (device, running)
        assert device["used_memory_mb"] == sum(row["memory_mb"] for row in running), (device, running)
        held = {gpu["gid"] for gpu in device["gpus"] if gpu["used"]}
        assert held == {gid for row in running for gid in row["gpus"]}, (device, running)
        return True

    def await_agreement(self, within=15):
        return eventually(self.assert_in_agreement, within, every=0.2, message="rows, engine and ledger agree")
