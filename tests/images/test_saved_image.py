"""A container made from somebody's saved image: the author's passwords and keys open nothing."""

import pytest

from support.clock import wait_until
from support.docker import RUN_ID, docker
from support.ssh import Ssh, host_key
from support.workspace import Workspace

AUTHOR, HEIR = "authorPassword1", "heirPassword22"


@pytest.fixture(scope="module")
def saved():
    tag = f"berth/test-saved:{RUN_ID}"
    with Workspace(AUTHOR, instance=f"{RUN_ID}-author") as author:
        author.start().await_ssh()
        author.run(
            "mkdir -p ~/.ssh && echo ssh-ed25519 AAAA author > ~/.ssh/authorized_keys"
            f" && useradd -m -s /bin/bash carl && echo 'carl:{AUTHOR}' | chpasswd && echo mine > /root/file"
            " && echo secret-command > /root/.bash_history && passwd -n 0 root"  # passwd leaves /etc/shadow-
        )
        key = host_key(author.port(22))
        docker("commit", author.name, tag)
        yield tag, key
    docker("rmi", "-f", tag, check=False)


@pytest.fixture(scope="module")
def heir(saved):
    with Workspace(HEIR, instance=f"{RUN_ID}-heir", image=saved[0]) as made:
        yield made.start().await_ssh()


def test_the_commit_holds_no_password(saved):
    assert AUTHOR not in docker("image", "inspect", saved[0])


def test_the_new_owner_gets_in_and_finds_the_authors_files(heir):
    assert heir.ssh.run("cat /root/file").strip() == "mine"
    assert heir.await_jupyter().jupyter.log_in(HEIR) == 302


def test_the_author_stays_out(heir):
    assert Ssh(heir.port(22), AUTHOR).is_refused()
    assert Ssh(heir.port(22), AUTHOR, user="carl").is_refused()
    assert heir.await_jupyter().jupyter.log_in(AUTHOR) == 401
    assert heir.run("ls /root/.ssh") == "authorized_keys.from-image"


def test_the_host_proves_itself_with_keys_of_its_own(saved, heir):
    assert host_key(heir.port(22)) not in (None, saved[1])


def test_the_authors_traces_are_gone(heir):
    assert heir.run("ls /etc/shadow- /etc/passwd- /root/.bash_history 2>/dev/null", check=False) == ""


def test_without_credentials_every_password_is_refused(saved):
    with Workspace(None, instance=f"{RUN_ID}-nobody", image=saved[0]) as nobody:
        nobody.start().await_ssh()
        assert nobody.run("awk -F: '$2 !~ /^[!*]/' /etc/shadow") == ""
        assert Ssh(nobody.port(22), AUTHOR).is_refused()
        wait_until(lambda: "no password has been set" in nobody.logs())
