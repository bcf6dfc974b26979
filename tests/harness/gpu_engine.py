"""A dockerd of the tests' own that believes in NVIDIA GPUs: where there is no card, two stubs stand in for the driver.

dockerd looks for `nvidia-container-runtime-hook` in its PATH when it starts and then accepts GPU requests by UUID; Berth asks
`nvidia-smi` which cards there are. Everything else is real. It keeps its hands off iptables, which belong to the main
engine; its published ports work through docker-proxy.
"""

import os
import pathlib
import shutil
import subprocess
import tempfile

from harness.engine import Engine
from harness.poll import eventually

GPUS = [
    {"index": "0", "uuid": "GPU-11111111-aaaa-bbbb-cccc-000000000001", "name": "NVIDIA RTX 4060 Ti", "memory.total": "16380",
     "memory.used": "10240", "utilization.gpu": "87"},
    {"index": "1", "uuid": "GPU-22222222-aaaa-bbbb-cccc-000000000002", "name": "NVIDIA A100", "memory.total": "40960",
     "memory.used": "1"},  # in MIG mode it does not tell how busy it is
]
HOOK = """#!/bin/sh
# Called as `... prestart` with the container's state on standard input.
cat > /dev/null
"""
# Prints what --query-gpu asks for, as nvidia-smi does with --format=csv,noheader,nounits.
SMI = """#!/usr/bin/python3
import sys
GPUS = {gpus!r}
query = next((a.split("=", 1)[1] for a in sys.argv if a.startswith("--query-gpu=")), None)
if "-L" in sys.argv or query is None:
    for gpu in GPUS:
        print(f"GPU {{gpu['index']}}: {{gpu['name']}} (UUID: {{gpu['uuid']}})")
    sys.exit()
formats = next((a.split("=", 1)[1] for a in sys.argv if a.startswith("--format=")), "csv").split(",")
fields = [field.strip() for field in query.split(",")]
fields = [{{"gpu_uuid": "uuid", "gpu_name": "name"}}.get(field, field) for field in fields]
if "noheader" not in formats:
    print(", ".join(fields))
for gpu in GPUS:
    unit = "" if "nounits" in formats else " MiB"
    print(", ".join(gpu.get(field, "[N/A]") + (unit if field.startswith("memory.") else "") for field in fields))
"""


def write_stub(path, text):
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


def write_nvidia_smi(folder):
    write_stub(folder / "nvidia-smi", SMI.format(gpus=GPUS))


class GpuEngine:
    arguments = ()  # of dockerd, beside what every one of these has
    first_network = 200
    letter = "t"

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="berth-gpu-engine-"))
        self.stubs = self.folder / "bin"
        self.bridge = f"br{self.letter}{os.getpid() % 100000}"
        self.process = None
        self._log = None

    @staticmethod
    def why_not():
        if os.geteuid() != 0:
            return "a dockerd of the tests' own (for the GPU path) needs root"
        for program in ("dockerd", "ip"):
            if not shutil.which(program):
                return f"the GPU path needs {program}"
        return None

    @property
    def path_with_stubs(self):
        return f"{self.stubs}:{os.environ['PATH']}"

    def start(self):
        self._write_stubs()
        network = f"172.31.{self.first_network + os.getpid() % 50}.1/24"
        subprocess.run(["ip", "link", "add", self.bridge, "type", "bridge"], check=True)
        subprocess.run(["ip", "address", "add", network, "dev", self.bridge], check=True)
        subprocess.run(["ip", "link", "set", self.bridge, "up"], check=True)
        socket = self.folder / "docker.sock"
        self._log = open(self.folder / "dockerd.log", "wb")
        self.process = subprocess.Popen(
            [
                "dockerd", "--data-root", self.folder / "data", "--exec-root", self.folder / "exec",
                "--pidfile", self.folder / "pid", "-H", f"unix://{socket}", "--bridge", self.bridge,
                "--iptables=false", "--ip-masq=false", "--containerd-namespace", self.bridge,
                "--containerd-plugins-namespace", f"{self.bridge}-plugins", *self.arguments,
            ],
            stdout=self._log, stderr=self._log, env={**os.environ, "PATH": self.path_with_stubs},
            start_new_session=True,
        )
        self.engine = Engine(f"unix://{socket}")
        eventually(lambda: self.engine.why_not() is None, 60, every=0.1, message="the tests' own dockerd answers")
        return self

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(30)
            self._log.close()
        subprocess.run(["ip", "link", "delete", self.bridge], check=False)
        with open("/proc/mounts", encoding="utf-8") as mounts:
            below = [line.split()[1] for line in mounts if line.split()[1].startswith(str(self.folder))]
        for mount in reversed(below):
            subprocess.run(["umount", "-l", mount], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _write_stubs(self):
        write_stub(self.stubs / "nvidia-container-runtime-hook", HOOK)
        write_nvidia_smi(self.stubs)
