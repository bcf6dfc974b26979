"""The `berth` command: what an admin types, its tables, its JSON and its exit codes; and starts that are refused."""

import subprocess

import pytest

from harness.berth import PASSWORD, Refused, binary
from harness.shapes import assert_shape, either

USAGE, REFUSED, NO_SERVER = 2, 1, 3


def run(*words, env=None, **options):
    return subprocess.run([binary(), *words], capture_output=True, text=True, timeout=30, env=env, **options)


def test_users(berth):
    name = berth.new_name("cli")
    added = berth.cli("user", "add", name, "--email", f"{name}@lab.test", "--password-stdin", stdin="secret1\n")
    assert_shape(added, {"status": 0, "uid": int})
    users = {user["name"]: user for user in berth.cli("user", "list")["users"]}
    assert_shape(
        users[name],
        {"uid": added["uid"], "name": name, "email": f"{name}@lab.test", "role": "user", "disabled": False, "created": str},
    )
    assert berth.log_in(name, "secret1")
    berth.cli("user", "disable", name)
    assert {user["name"]: user["disabled"] for user in berth.cli("user", "list")["users"]}[name] is True
    berth.cli("user", "enable", name)
    berth.cli("user", "passwd", name, "--password-stdin", stdin="secret2\n")
    assert berth.log_in(name, "secret2")


def test_passwords_are_never_printed(berth):
    name = berth.new_name("cli")
    done = berth.cli("user", "add", name, "--password-stdin", stdin="hidden-secret\n", json_output=False)
    assert done.returncode == 0
    everything = done.stdout + done.stderr + berth.log_path.read_text() + berth.cli("user", "list", json_output=False).stdout
    assert "hidden-secret" not in everything and PASSWORD not in everything


def test_tables_are_for_people(berth, user, container):
    done = berth.cli("container", "list", json_output=False)
    assert done.returncode == 0
    heading, *rows = done.stdout.splitlines()
    assert heading.split()[:3] == ["CID", "USER", "NAME"]
    row = next(row for row in rows if row.split()[0] == str(container["cid"]))
    assert user.name in row and "running" in row
    for words in (("user", "list"), ("device", "list"), ("image", "list"), ("matlab", "list"), ("device", "show", "1")):
        done = berth.cli(*words, json_output=False)
        assert done.returncode == 0 and done.stdout, words


def test_device(berth):
    (device,) = berth.cli("device", "list")["devices"]
    assert device == berth.cli("device", "show", 1)["device"]
    assert_shape(
        device,
        {
            "did": 1, "name": str, "endpoint": str, "reachable": True, "retired": False, "draining": False, "cpu": int,
            "used_cpu": int, "memory_mb": int, "used_memory_mb": int, "cpu_name": str, "ip": str, "data_dir": str,
            "pub_dir": str, "ports": f"{berth.port_first}-{berth.port_last}", "gpus": [dict],
        },
    )


def test_containers(berth, user, iid):
    cid = berth.create(user, iid)["cid"]
    shown = berth.cli("container", "show", cid)["container"]
    assert (shown["user"], shown["state"], shown["cpu"]) == (user.name, "running", 1)
    assert "passwd" not in str(shown).replace("password", "passwd")
    assert berth.cli("container", "stop", cid) == {"status": 0}
    assert user.get(f"/containers/status/{cid}").json["result"] == "stopped"
    assert berth.cli("container", "rm", cid) == {"status": 0}
    assert user.get("/containers").json["cid"] == []


def test_publish(berth, user, container):
    saved = user.post("/images", {"cid": container["cid"], "name": "for all"}).json["iid"]
    other = berth.new_user()
    assert saved not in other.get("/images/public").json["iid"]
    berth.cli("image", "publish", saved)
    assert saved in other.get("/images/public").json["iid"]
    berth.cli("image", "publish", saved, "--private")
    assert saved not in other.get("/images/public").json["iid"]
    assert user.delete(f"/images/{saved}").status == 200


def test_matlab_list(berth, matlab):
    matlab.post("/create", {"user_id": 41, "session_id": "s"})
    (session,) = berth.cli("matlab", "list")["sessions"]
    assert (session["user_id"], session["state"], session["http_port"]) == (41, "running", 30041)


@pytest.mark.parametrize(
    "words, text",
    [
        (("container", "show", 999999), "no container"), (("image", "add", "no-such-image:1"), "no image"),
        (("container", "rm", 999999), "no container"), (("device", "show", 77), "no device"),
        (("user", "disable", "nobody-of-that-name"), "nobody-of-that-name|no such user|no user"),
        (("image", "publish", 999999), "no image"),
    ],
)
def test_refusals(berth, words, text):
    with pytest.raises(Refused) as refused:
        berth.cli(*words)
    assert refused.value.code == REFUSED
    assert_shape(refused.value.answer, either({"status": -1, "error": str}, {"status": -1, "error": str, "details": str}))
    assert any(part in refused.value.answer["error"] for part in text.split("|"))


def test_without_a_server(tmp_path):
    done = run("--state-dir", str(tmp_path), "user", "list")
    assert done.returncode == NO_SERVER
    assert "berth serve" in done.stderr


@pytest.mark.parametrize("words", [(), ("nonsense",), ("user",), ("user", "add"), ("user", "add", "x", "--role", "god")])
def test_wrong_words(words):
    done = run(*words)
    assert done.returncode not in (0, REFUSED, NO_SERVER)
    assert done.stderr or done.stdout


def test_doctor(berth):
    done = berth.cli("doctor", json_output=False)
    assert "engine" in done.stdout


class TestStart:
    def start(self, tmp_path, **settings):
        env = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "BERTH_STATE_DIR": str(tmp_path / "state"), **settings}
        env.setdefault("BERTH_PLATFORM_LISTEN", "127.0.0.1:0")
        env.setdefault("BERTH_MATLAB_LISTEN", "127.0.0.1:0")
        return run("serve", env=env)

    @pytest.mark.parametrize(
        "variable, value",
        [
            ("BERTH_PLATFORM_LISTEN", "nowhere"), ("BERTH_PLATFORM_LISTEN", "127.0.0.1:99999"),
            ("BERTH_PLATFORM_PASSWORD_MIN", "five"), ("BERTH_DEVICE_PORT_FIRST", "70000"),
            ("BERTH_PLATFORM_LISTNE", "127.0.0.1:0"), ("BERTH_PLATFORM_LEGACY_LISTS", "maybe"),
        ],
    )
    def test_a_wrong_setting_is_refused_with_its_name(self, tmp_path, variable, value):
        done = self.start(tmp_path, **{variable: value})
        assert done.returncode == USAGE
        assert variable in done.stderr

    def test_matlab_for_the_whole_network_needs_a_word(self, tmp_path):
        done = self.start(tmp_path, BERTH_MATLAB_LISTEN="0.0.0.0:0")
        assert done.returncode == USAGE
        assert "matlab.tokens" in done.stderr

    def test_an_address_in_use(self, berth, tmp_path):
        done = self.start(tmp_path, BERTH_PLATFORM_LISTEN=berth.platform_url.removeprefix("http://"))
        assert done.returncode == 1
        assert "in use" in done.stderr

    def test_a_second_server_on_the_same_state(self, berth, tmp_path):
        done = self.start(tmp_path, BERTH_STATE_DIR=str(berth.state_dir))
        assert done.returncode == 1
        assert berth.anyone.get("/devices").status == 401, "the first one goes on"

    def test_a_database_that_is_none(self, tmp_path):
        (tmp_path / "state").mkdir(mode=0o700)
        (tmp_path / "state/berth.db").write_bytes(b"this is no database" * 100)
        done = self.start(tmp_path)
        assert done.returncode == 1
        assert "berth.db" in done.stderr
        assert (tmp_path / "state/berth.db").read_bytes().startswith(b"this is no database"), "and it is left as it was"

    def test_secrets_are_ones_own(self, berth):
        for name in ("seal.key", "berth.db"):
            assert (berth.state_dir / name).stat().st_mode & 0o077 == 0, name
