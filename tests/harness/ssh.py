"""Logging in to a container as its owner does."""

import subprocess


def ssh(ip, port, password, *command, user="root"):
    """(exit code, stdout, stderr) of a command over ssh with a password."""
    done = subprocess.run(
        [
            "sshpass", "-e", "ssh", "-p", str(port),
            "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR",
            "-o", "PubkeyAuthentication=no", "-o", "PreferredAuthentications=password",
            "-o", "NumberOfPasswordPrompts=1", "-o", "ConnectTimeout=5",
            f"{user}@{ip}", *command,
        ],
        env={"SSHPASS": password, "PATH": "/usr/bin:/bin", "HOME": "/nonexistent"},
        capture_output=True,
        text=True,
        timeout=30,
        stdin=subprocess.DEVNULL,
    )
    return done.returncode, done.stdout, done.stderr
