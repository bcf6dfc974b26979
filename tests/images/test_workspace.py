"""What a person does in a workspace, under the hardening that every workspace has."""

import time

from support.clock import wait_until
from support.docker import docker
from support.http import get
from support.ssh import Ssh, banner

PASSWORD = "rightPassword01"


def test_ssh_takes_the_right_password_only(workspace):
    assert banner(workspace.port(22)).startswith(b"SSH-2.0")
    assert workspace.ssh.run("id -u").strip() == "0"
    assert Ssh(workspace.port(22), "wrongPassword").is_refused()


def test_ssh_sees_the_containers_environment(workspace):
    seen = workspace.ssh.run("echo $CUDA_VISIBLE_DEVICES; command -v python pip")
    assert seen.split() == ["3", "/opt/jupyter/bin/python", "/opt/jupyter/bin/pip"]


def test_a_person_logs_in_where_the_files_are(workspace):
    seen = workspace.ssh.run(None, terminal=True, input=b"pwd; command -v jupyter; exit\n")
    assert "\n/workspace\r" in seen and "/opt/jupyter/bin/jupyter" in seen
    assert "not part of a saved image" in seen  # the message of the day


def test_scp_and_sftp_carry_files(workspace, tmp_path):
    here = tmp_path / "here.bin"
    here.write_bytes(bytes(range(256)) * 1000)
    workspace.ssh.copy_to(here, "/workspace/there.bin")
    back = tmp_path / "back.bin"
    workspace.ssh.sftp(f"get /workspace/there.bin {back}\n")
    assert back.read_bytes() == here.read_bytes()


def test_public_data_can_be_read_and_not_written(workspace):
    assert workspace.run("cat /pub_data/set.txt") == "shared"
    assert "Read-only file system" in workspace.run("touch /pub_data/x 2>&1", check=False)


def test_git_commits(workspace):
    script = "git init -q r && cd r && git -c user.name=a -c user.email=a@b commit -q --allow-empty -m one && git log --oneline"
    assert "one" in workspace.run(f"cd $(mktemp -d) && {script}")


def test_gdb_attaches_to_a_running_process(workspace):
    script = "sleep 300 & gdb --batch -p $! -ex 'info proc' 2>&1; kill $!"
    assert "exe = '/usr/bin/sleep'" in workspace.run(script)


def test_sudo_works_for_an_ordinary_user(workspace):
    workspace.run("useradd -m -s /bin/bash ann && echo 'ann ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/ann")
    assert workspace.run("sudo -n id -u", user="ann") == "0"


def test_ping_needs_no_raw_sockets(workspace):
    workspace.run("id -u bob || useradd bob")
    assert "1 received" in workspace.run("ping -c 1 -W 2 127.0.0.1")
    assert "1 received" in workspace.run("ping -c 1 -W 2 127.0.0.1", user="bob")
    assert workspace.run("python3 -c 'import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW)' 2>&1 | tail -1",
                         check=False).startswith("PermissionError")


def test_apt_installs_a_package(workspace):
    workspace.run("apt-get update -qq && apt-get install -y -qq --no-install-recommends tree", timeout=120)
    assert workspace.run("tree --version").startswith("tree")


def test_pip_installs_where_jupyter_and_the_shell_find_it(workspace, extra_ca):
    if extra_ca:
        docker("cp", extra_ca, f"{workspace.name}:/tmp/ca.crt")
    workspace.run(f"{'PIP_CERT=/tmp/ca.crt ' if extra_ca else ''}bash -lc 'pip install -q toolz'", timeout=120)
    assert workspace.ssh.run("python -c 'import toolz; print(toolz.__name__)'").strip() == "toolz"


def test_jupyter_refuses_strangers_and_wrong_passwords(workspace):
    workspace.await_jupyter()
    assert get(workspace.port(8888), "/api/contents")[0] == 403
    assert workspace.jupyter.log_in("wrongPassword") == 401


def test_jupyter_has_a_terminal_and_a_kernel_that_begin_at_the_files(workspace):
    jupyter = workspace.await_jupyter().jupyter
    assert jupyter.log_in(PASSWORD) == 302
    assert "at-/workspace-42" in jupyter.in_terminal("echo at-$PWD-$((6*7))", "at-/workspace-42")
    assert jupyter.in_kernel("import os; print(6 * 7, os.getcwd())") == "42 /workspace\n"


def test_tensorboard_answers(workspace):
    workspace.await_tensorboard()
    status, _, page = get(workspace.port(6006))
    assert status == 200 and b"TensorBoard" in page


def test_a_killed_service_comes_back(workspace):
    workspace.await_jupyter()
    before = workspace.run("pgrep -o -f bin/jupyter-")
    workspace.run(f"kill -9 {before}")
    wait_until(lambda: workspace.run("pgrep -o -f bin/jupyter-", check=False) not in ("", before))
    workspace.await_jupyter()


def test_orphans_are_reaped(workspace):
    workspace.run("for i in 1 2 3; do (sh -c 'sleep 0.05 & exec sleep 0.01' &); done; sleep 0.3")
    wait_until(lambda: workspace.run("ps -eo stat= | grep -c ^Z || true") == "0", timeout_s=5)


def test_no_password_shows_from_outside(workspace):
    assert PASSWORD not in str(workspace.inspect())
    assert PASSWORD not in workspace.logs()
    assert workspace.run("ls /etc/berth/credentials 2>&1", check=False).endswith("No such file or directory")
    assert workspace.run("stat -c %a /etc/berth/jupyter.hash") == "600"


def test_stop_is_quick_and_start_keeps_everything(new_workspace):
    first = new_workspace(PASSWORD).start().await_ssh().await_jupyter()
    first.run("echo kept > /root/file")
    first.run("(trap 'echo saved > /root/job; exit' TERM; while :; do sleep 0.1; done) >/dev/null 2>&1 &")
    key = first.run("cat /etc/ssh/ssh_host_ed25519_key.pub")
    jupyter_hash = first.run("cat /etc/berth/jupyter.hash")
    began = time.monotonic()
    first.stop()
    assert time.monotonic() - began < 5
    assert first.state()["ExitCode"] == 0

    first.start().await_ssh()
    assert first.ssh.run("cat /root/file /root/job").split() == ["kept", "saved"]
    assert first.run("cat /etc/ssh/ssh_host_ed25519_key.pub") == key
    assert first.run("cat /etc/berth/jupyter.hash") == jupyter_hash


def test_a_running_workspace_takes_a_new_password(new_workspace):
    changed = new_workspace("oldPassword01").start().await_ssh().await_jupyter()
    logged_in = changed.jupyter
    assert logged_in.log_in("oldPassword01") == 302
    changed.give_password("newPassword02")
    changed.run("/opt/berth/apply-credentials")

    assert changed.ssh.is_refused()
    assert Ssh(changed.port(22), "newPassword02").run("echo in").strip() == "in"
    wait_until(lambda: changed.jupyter.log_in("newPassword02") == 302)
    assert changed.jupyter.log_in("oldPassword01") == 401
    assert logged_in.request("GET", "/api/contents")[0] == 403


def test_a_missing_tensorboard_is_said_and_replaced_once_it_is_there(new_workspace):
    bare = new_workspace(PASSWORD, options=["--env=PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]).start()
    bare.await_tensorboard()
    assert b"TensorBoard is not installed" in get(bare.port(6006))[2]
    bare.run("printf '#!/bin/sh\\ncd /tmp && echo real > index.html && exec python3 -m http.server 6006\\n'"
             " > /usr/local/bin/tensorboard; chmod +x /usr/local/bin/tensorboard")
    wait_until(lambda: get(bare.port(6006))[2] == b"real\n")


def test_the_extra_ca_of_the_build_is_not_in_the_image():
    found = docker("run", "--rm", "--network=none", "--entrypoint=find", "berth/workspace:latest",
                   "/build", "/tmp", "/ca", "/opt/berth", "-name", "*.crt", check=False)
    assert found == ""
