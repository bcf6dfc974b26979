"""Another machine of a lab: a second dockerd that is reached over TLS with certificates, as over a network, and believes in GPUs.

What tells it from a real one: its address is 127.0.0.1, and its disk is this machine's, so that tests can look at both.
"""

import json
import pathlib
import socket
import subprocess

from harness.gpu_engine import GPUS, GpuEngine
from harness.tiny_image import CHANGES, tiny_tarball

SMI = "#!/bin/sh\n" + "".join(
    f"echo '{gpu['index']}, {gpu['uuid']}, {gpu['name']}, {gpu['memory.total']}'\n" for gpu in GPUS
)


def openssl(*words, **options):
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True, **options)


class Authority:
    """What docs/operate.md tells an admin to do, with openssl."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", 2,
                "-subj", "/CN=lab", "-keyout", self.folder / "ca-key.pem", "-out", self.folder / "ca.pem")

    def issue(self, name, alternative=None):
        """A folder with ca.pem, cert.pem and key.pem."""
        made = self.folder / name
        made.mkdir()
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
                "-keyout", made / "key.pem", "-out", made / "request.pem")
        extensions = made / "extensions"
        usage = "serverAuth" if alternative else "clientAuth"
        extensions.write_text(f"extendedKeyUsage = {usage}\n" + (f"subjectAltName = {alternative}\n" if alternative else ""))
        openssl("x509", "-req", "-days", 2, "-in", made / "request.pem", "-CA", self.folder / "ca.pem",
                "-CAkey", self.folder / "ca-key.pem", "-CAcreateserial", "-extfile", extensions, "-out", made / "cert.pem")
        (made / "ca.pem").write_bytes((self.folder / "ca.pem").read_bytes())
        (made / "key.pem").chmod(0o600)
        return made


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class OtherMachine(GpuEngine):
    first_network = 140
    letter = "o"

    def __init__(self):
        super().__init__()
        self.authority = Authority(self.folder / "authority")
        self.client = self.authority.issue("client")
        server = self.authority.issue("server", "IP:127.0.0.1")
        self.port = free_port()
        self.docker_host = f"tcp://127.0.0.1:{self.port}"
        self.arguments = (
            "-H", self.docker_host, "--tlsverify", "--tlscacert", server / "ca.pem", "--tlscert", server / "cert.pem",
            "--tlskey", server / "key.pem", "--add-runtime", "nvidia=runc",
        )
        # Debian's 20.10 takes its id from a file that all engines of one machine share; newer ones keep it with their data.
        if " 20.10" in subprocess.run(["dockerd", "--version"], capture_output=True, text=True).stdout:
            (self.folder / "daemon.json").write_text(json.dumps({"deprecated-key-path": str(self.folder / "key.json")}))
            self.arguments += ("--config-file", self.folder / "daemon.json")
        self.data_dir = self.folder / "lab" / "data"

    def import_workspace(self, reference):
        """An image for workspaces, which finds the driver's nvidia-smi, as in one that the NVIDIA runtime has prepared."""
        self.engine.import_image(tiny_tarball([("nvidia-smi", SMI)]), reference, CHANGES)
