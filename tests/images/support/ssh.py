"""Password log-ins with OpenSSH's own client, through sshpass."""

import socket
import subprocess

OPTIONS = [
    "-oStrictHostKeyChecking=no",
    "-oUserKnownHostsFile=/dev/null",
    "-oPubkeyAuthentication=no",
    "-oNumberOfPasswordPrompts=1",
    "-oConnectTimeout=10",
    "-oLogLevel=ERROR",
]


class Ssh:
    def __init__(self, port, password, user="root"):
        self.port, self.password, self.target = port, password, f"{user}@127.0.0.1"

    def _call(self, program, port_option, *arguments, timeout=30, input=b""):
        return subprocess.run(
            ["sshpass", "-e", program, *OPTIONS, port_option, str(self.port), *arguments],
            input=input, capture_output=True, timeout=timeout, env={"SSHPASS": self.password, "PATH": "/usr/bin:/bin"},
        )

    def run(self, command, timeout=30, input=b"", terminal=False):
        """The command's output; raises where the log-in or the command fails."""
        options = ["-tt"] if terminal else []
        done = self._call("ssh", "-p", *options, self.target, *([command] if command else []), timeout=timeout, input=input)
        if done.returncode != 0:
            raise RuntimeError(f"ssh gave {done.returncode}: {(done.stdout + done.stderr).decode()[-800:]}")
        return done.stdout.decode(errors="replace")

    def is_refused(self):
        """True where the server asked for the password and said no to it."""
        done = self._call("ssh", "-p", self.target, "true")
        return done.returncode != 0 and b"Permission denied" in done.stderr

    def copy_to(self, here, there):
        done = self._call("scp", "-P", str(here), f"{self.target}:{there}")
        assert done.returncode == 0, done.stderr

    def sftp(self, commands):
        done = self._call("sftp", "-P", self.target, input=commands.encode())
        assert done.returncode == 0, done.stderr
        return done.stdout.decode()


def banner(port):
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        return connection.recv(64)


def host_key(port):
    done = subprocess.run(
        ["ssh-keyscan", "-p", str(port), "-t", "ed25519", "127.0.0.1"], capture_output=True, timeout=20
    )
    return done.stdout.split()[-1] if done.stdout.split() else None
