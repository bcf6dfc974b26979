"""Containers through the docker client, made the way the control plane makes them."""

import hashlib
import io
import json
import os
import pathlib
import secrets
import subprocess
import tarfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
RUN_ID = f"berth-test-{os.getpid()}-{secrets.token_hex(3)}"

CAPABILITIES = (
    "CHOWN DAC_OVERRIDE FOWNER FSETID SETUID SETGID SETPCAP SYS_CHROOT KILL NET_BIND_SERVICE AUDIT_WRITE SETFCAP"
).split()
HARDENING = [
    "--cap-drop=ALL",
    *(f"--cap-add={name}" for name in CAPABILITIES),
    "--sysctl=net.ipv4.ping_group_range=0 2147483647",
    "--pids-limit=1024",
    "--memory=2g",
    "--memory-swap=2g",
    "--shm-size=1g",
    "--ulimit=core=0",
]


def docker(*arguments, input=None, timeout=60, check=True):
    done = subprocess.run(["docker", *arguments], input=input, capture_output=True, timeout=timeout)
    if check and done.returncode != 0:
        raise RuntimeError(f"docker {arguments[0]}: {done.stderr.decode(errors='replace')[-800:]}")
    return done.stdout.decode(errors="replace").strip()


def credentials_tar(password):
    """The tar that the control plane uploads between create and start: hashes only."""
    crypt = subprocess.run(
        ["openssl", "passwd", "-6", "-stdin"], input=password.encode() + b"\n", capture_output=True, check=True
    ).stdout.decode().strip()
    salt = secrets.token_hex(6)
    digest = hashlib.sha256((password + salt).encode()).hexdigest()
    content = f"root={crypt}\njupyter=sha256:{salt}:{digest}\n".encode()
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        entry = tarfile.TarInfo("etc/berth/credentials")
        entry.size, entry.mode = len(content), 0o600
        archive.addfile(entry, io.BytesIO(content))
    return tar.getvalue()


class Container:
    """One container; leave the `with` block and it is gone."""

    def __init__(self, image, *options, command=()):
        self.name = f"{RUN_ID}-{secrets.token_hex(3)}"
        docker("create", "--name", self.name, f"--label=berth.test={RUN_ID}", *options, image, *command)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        docker("rm", "-f", "-v", self.name, check=False)

    def start(self):
        docker("start", self.name)
        return self

    def stop(self, timeout_s=10):
        docker("stop", "-t", str(timeout_s), self.name)

    def give_password(self, password):
        docker("cp", "-", f"{self.name}:/", input=credentials_tar(password))

    def run(self, command, user=None, timeout=60, check=True):
        as_user = ["--user", user] if user else []
        return docker("exec", *as_user, self.name, "bash", "-c", command, timeout=timeout, check=check)

    def port(self, inside):
        return int(docker("port", self.name, str(inside)).splitlines()[0].rsplit(":", 1)[1])

    def inspect(self):
        return json.loads(docker("inspect", self.name))[0]

    def state(self):
        return self.inspect()["State"]

    def logs(self):
        done = subprocess.run(["docker", "logs", self.name], capture_output=True, timeout=30)
        return (done.stdout + done.stderr).decode(errors="replace")


def loopback_ports(*inside):
    """Any free port of the loopback address for each of these."""
    return [f"--publish=127.0.0.1::{port}" for port in inside]
