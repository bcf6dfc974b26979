"""`docker run` with what Berth's container has, as far as the command can say it; here, or over ssh to this machine."""

import contextlib
import os
import pathlib
import shutil
import subprocess

from harness.poll import eventually

SSHD_PORT = 29992
SSHD_CONFIG = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
PidFile {folder}/pid
AuthorizedKeysFile {folder}/key.pub
StrictModes no
PasswordAuthentication no
UsePAM no
AcceptEnv none
"""


class DockerCli:
    def __init__(self, environment=None, *options):
        self._environment = {**os.environ, **(environment or {})}
        self._options = options

    def __call__(self, *words, stdin=b""):
        done = subprocess.run(["docker", *self._options, *words], env=self._environment, capture_output=True, input=stdin)
        if done.returncode != 0:
            raise RuntimeError(f"docker {' '.join(words)}: {done.stderr.decode(errors='replace')}")
        return done.stdout.decode().strip()

    def run(self, name, recipe):
        return self("run", "-d", "--name", name, *run_options(recipe), recipe.create["Image"])

    def create_copy_start(self, name, recipe):
        """With the uploads, which `run` cannot do."""
        self("create", "--name", name, *run_options(recipe), recipe.create["Image"])
        self("cp", "-", f"{name}:/", stdin=recipe.archive)
        return self("start", name)


def run_options(recipe):
    host = recipe.create["HostConfig"]
    words = ["--cpus", str(host["NanoCpus"] / 1e9), "--memory", str(host["Memory"]), "--memory-swap", str(host["MemorySwap"])]
    words += ["--shm-size", str(host["ShmSize"]), "--pids-limit", str(host["PidsLimit"])]
    if host.get("Init"):
        words.append("--init")
    for capability in host.get("CapDrop") or []:
        words += ["--cap-drop", capability]
    for capability in host.get("CapAdd") or []:
        words += ["--cap-add", capability]
    for option in host.get("SecurityOpt") or []:
        words += ["--security-opt", option]
    for mount in host.get("Mounts") or []:
        readonly = ",readonly" if mount["ReadOnly"] else ""
        words += ["--mount", f"type=bind,source={mount['Source']},target={mount['Target']}{readonly}"]
    for inside, places in (host.get("PortBindings") or {}).items():
        for place in places:
            words += ["-p", f"{place['HostIp']}:{place['HostPort']}:{inside}"]
    for variable in recipe.create.get("Env") or []:
        words += ["-e", variable]
    return words


@contextlib.contextmanager
def over_ssh(folder):
    """The command with DOCKER_HOST=ssh://, to an sshd of our own. The user's own files on the other side say nothing: a
    slow shell is not what is measured."""
    folder = pathlib.Path(folder)
    for key in ("host_key", "key"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / key], check=True)
    (folder / "sshd_config").write_text(SSHD_CONFIG.format(port=SSHD_PORT, folder=folder), encoding="utf-8")
    pathlib.Path("/run/sshd").mkdir(exist_ok=True)
    program = shutil.which("sshd", path="/usr/sbin:/usr/bin")
    sshd = subprocess.Popen([program, "-D", "-f", folder / "sshd_config"], stderr=subprocess.DEVNULL)
    # The docker command calls `ssh` from the PATH: one that knows this key and this host.
    wrapper = folder / "ssh"
    wrapper.write_text(
        f'#!/bin/sh\nexec /usr/bin/ssh -F /dev/null -i {folder}/key -o UserKnownHostsFile={folder}/known '
        f'-o StrictHostKeyChecking=no -o LogLevel=ERROR "$@"\n',
        encoding="utf-8",
    )
    wrapper.chmod(0o755)
    user = os.environ.get("USER") or "root"
    cli = DockerCli({"PATH": f"{folder}:{os.environ['PATH']}", "DOCKER_HOST": f"ssh://{user}@127.0.0.1:{SSHD_PORT}"})
    try:
        eventually(lambda: answers(cli), 15, every=0.2, message="docker over ssh answers")
        yield cli
    finally:
        sshd.terminate()
        sshd.wait(10)


def answers(cli):
    try:
        return bool(cli("version", "--format", "{{.Server.Version}}"))
    except RuntimeError as refused:
        raise AssertionError(str(refused)) from refused
