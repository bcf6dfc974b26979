"""`berth demo` as a process: what it needs, what it leaves, what it refuses."""

import re
import socket
from datetime import datetime

import pytest


def test_it_writes_nothing_and_ends_clean(make_demo):
    lab = make_demo().start()
    person = lab.log_in("lin.wei")
    iid = person.items("/images")[0]["iid"]
    person.create(iid, name="mine", memory_mb=1024)
    assert lab.open_files() == []
    assert lab.stop() == (0, "")
    assert lab.left_on_disk() == []
    with pytest.raises(OSError):
        lab.anyone.get("/")


def lab_of(demo):
    """All that is the same for the same seed: everything but what chance picks (secrets, ports), with times as ages."""
    admin = demo.log_in("prof.liu")
    opened = min(c["created_at"] for c in admin.items("/admin/containers"))
    birth = datetime.fromisoformat(opened.replace("Z", "+00:00"))

    def age(value):
        if isinstance(value, dict):
            return {k: age(v) for k, v in value.items() if k not in ("load", "ports")}
        if isinstance(value, list):
            return [age(v) for v in value]
        if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\S+Z", value):
            return (datetime.fromisoformat(value.replace("Z", "+00:00")) - birth).total_seconds() // 60
        return value

    audit = [e for e in admin.get("/admin/audit?limit=1000").json["items"] if e["action"] != "user.login"]
    return age({
        "devices": admin.items("/devices"), "containers": admin.items("/admin/containers"),
        "images": admin.items("/admin/images"), "users": admin.items("/admin/users"), "audit": audit,
    })


def test_one_seed_is_one_lab(make_demo):
    words = ("--listen", "127.0.0.1:0", "--matlab-listen", "127.0.0.1:0", "--seed", "7")
    first, second = make_demo(*words).start(), make_demo(*words).start()
    assert lab_of(first) == lab_of(second)


def test_a_port_that_is_taken_is_left_alone(make_demo):
    """Without addresses it takes the first free ones; with one that is taken it says so."""
    lab = make_demo("--seed", "2").start()
    assert lab.platform_url.startswith("http://127.0.0.1:50") and lab.matlab_url.startswith("http://127.0.0.1:80")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = "127.0.0.1:%d" % taken.getsockname()[1]
        done = lab.run("--listen", address, "--matlab-listen", "127.0.0.1:0")
        assert done.returncode == 1 and address in done.stderr


@pytest.mark.parametrize("option", ["--listen", "--matlab-listen"])
def test_it_listens_on_this_machine_only(make_demo, option):
    done = make_demo().run(option, "0.0.0.0:0")
    assert done.returncode == 1 and "--open-to-others" in done.stderr


@pytest.mark.parametrize("words, env", [
    (["--state-dir", "/var/lib/berth"], {}),
    (["--config", "/dev/null"], {}),
    ([], {"BERTH_CONFIG": "/dev/null"}),
])
def test_it_takes_nothing_of_a_real_berth(make_demo, words, env):
    done = make_demo().run(*words, env=env)
    assert done.returncode != 0 and "--state-dir" in done.stderr
