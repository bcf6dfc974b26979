"""Images and devices: spec/platform-api.md, prefixes /images and /devices; the bare lists of older clients."""

import contextlib
import os

import pytest

from contract.spec_tables import (
    DEVICE_PROPERTY, DONE, IMAGE_IN_USE, IMAGE_PROPERTY, IMAGE_SAVED, IMAGES_ON, NO_CONTAINER, NO_DEVICE, NO_IMAGE,
    NOT_REMOVABLE,
)
from harness.shapes import assert_shape


@contextlib.contextmanager
def saved(user, cid, name="mine", path="/images", **more):
    answer = user.post(path, {"cid": cid, "name": name, **more})
    assert answer.status == 200, answer
    assert_shape(answer.json, IMAGE_SAVED)
    try:
        yield answer.json["iid"]
    finally:
        user.delete(f"/images/{answer.json['iid']}")


def test_devices(berth, user):
    assert user.get("/devices").json == {"status": 0, "did": [1]}
    answer = user.get("/devices/property/1")
    assert answer.status == 200
    assert_shape(answer.json, DEVICE_PROPERTY)
    assert answer.json["total_cpu"] == os.cpu_count()
    total_kib = next(
        int(line.split()[1]) for line in open("/proc/meminfo", encoding="ascii") if line.startswith("MemTotal")
    )
    assert 0.5 * total_kib < answer.json["total_memory"] * 1024 <= total_kib
    assert answer.json["ip"] == "127.0.0.1"


def test_device_property_follows_what_runs(berth, user, iid):
    with berth.container(user, iid, cpu=1, mem=128) as created:
        device = user.get("/devices/property/1").json
        assert (device["used_cpu"], device["used_memory"]) == (1, 128)
        user.put(f"/containers/{created['cid']}", {"cmd": "stop"})
        device = user.get("/devices/property/1").json
        assert (device["used_cpu"], device["used_memory"]) == (0, 0)


@pytest.mark.parametrize("did", ["2", "0", "-1", "01", "1e0", "１", "x", "1%00", "9223372036854775808"])
@pytest.mark.parametrize("path", ["/devices/property/", "/images/on/"])
def test_no_such_device(user, path, did):
    answer = user.get(path + encoded(did))
    assert answer.status in (400, 404), answer
    if answer.status == 404:
        assert answer.json == NO_DEVICE


def encoded(text):
    return "".join(c if c.isascii() else "".join(f"%{b:02X}" for b in c.encode()) for c in text)


def test_the_public_image(berth, user, iid, tiny, engine):
    public = user.get("/images/public")
    assert public.status == 200 and iid in public.json["iid"]
    assert public.json["iid"] == sorted(public.json["iid"])
    assert user.get("/images").json == {"status": 0, "iid": []}, "other people's public ones are not one's own"
    answer = user.get(f"/images/property/{iid}")
    assert_shape(answer.json, IMAGE_PROPERTY)
    size = engine.inspect_image(tiny)["Size"]
    assert answer.json == {"status": 0, "did": 1, "name": "tiny", "public": True, "user": "public", "size": size}
    on = user.get("/images/on/1").json
    assert_shape(on, IMAGES_ON)
    assert {"iid": iid, "name": "tiny", "User": "public", "public": True} in on["images"]


@pytest.mark.parametrize("path", ["/images", "/images/create"])
def test_save_a_private_image(berth, user, container, path):
    with saved(user, container["cid"], "我的 image", path) as saved_iid:
        assert user.get("/images").json == {"status": 0, "iid": [saved_iid]}
        assert saved_iid not in user.get("/images/public").json["iid"]
        answer = user.get(f"/images/property/{saved_iid}").json
        assert_shape(answer, IMAGE_PROPERTY)
        assert (answer["name"], answer["user"], answer["public"]) == ("我的 image", user.name, False)
        entry = {"iid": saved_iid, "name": "我的 image", "User": user.name, "public": False}
        assert entry in user.get("/images/on/1").json["images"]
        assert berth.engine_state(container["cid"]) == "running", "saving does not stop it"


def test_private_images_do_not_exist_for_others(berth, user, container):
    other = berth.new_user()
    with saved(user, container["cid"]) as saved_iid:
        assert other.get("/images").json == {"status": 0, "iid": []}
        assert saved_iid not in [image["iid"] for image in other.get("/images/on/1").json["images"]]
        for answer, refusal in (
            (other.get(f"/images/property/{saved_iid}"), NO_IMAGE),
            (other.post("/containers", {"iid": saved_iid, "name": "n", "cpu": 1, "mem": 64}), NO_IMAGE),
            (other.delete(f"/images/{saved_iid}"), NOT_REMOVABLE),
            (other.post(f"/images/delete/{saved_iid}"), NOT_REMOVABLE),
        ):
            assert (answer.status, answer.json) == (404, refusal)


def test_a_public_image_of_ones_own(berth, user, container):
    other = berth.new_user()
    with saved(user, container["cid"], public=True) as saved_iid:
        assert user.get("/images").json["iid"] == [saved_iid]
        assert saved_iid in other.get("/images/public").json["iid"]
        assert other.get(f"/images/property/{saved_iid}").json["user"] == user.name
        with berth.container(other, saved_iid):
            answer = other.delete(f"/images/{saved_iid}")
            assert (answer.status, answer.json) == (404, NOT_REMOVABLE)


@pytest.mark.parametrize("method, path", [("DELETE", "/images/{}"), ("POST", "/images/delete/{}")])
def test_delete_an_image(berth, user, container, engine, method, path):
    iid = user.post("/images", {"cid": container["cid"], "name": "brief"}).json["iid"]
    reference = next(i["reference"] for i in berth.cli("image", "list")["images"] if i["iid"] == iid)
    assert engine.has_image(reference)
    answer = user(method, path.format(iid))
    assert (answer.status, answer.json) == (200, DONE)
    assert not engine.has_image(reference), "nothing is left on the engine"
    again = user(method, path.format(iid))
    assert (again.status, again.json) == (404, NOT_REMOVABLE)
    assert user.get(f"/images/property/{iid}").json == NO_IMAGE


def test_an_image_with_containers_stays(berth, user, container):
    with saved(user, container["cid"]) as saved_iid:
        with berth.container(user, saved_iid) as standing_on_it:
            for _ in range(2):
                answer = user.delete(f"/images/{saved_iid}")
                assert (answer.status, answer.json) == (409, IMAGE_IN_USE)
                user.put(f"/containers/{standing_on_it['cid']}", {"cmd": "stop"})
            assert user.get(f"/images/property/{saved_iid}").status == 200
        assert user.delete(f"/images/{saved_iid}").json == DONE


def test_save_from_what_is_not_ones_own(berth, user, container):
    other = berth.new_user()
    for cid in (container["cid"], 999999):
        answer = other.post("/images", {"cid": cid, "name": "n"})
        assert (answer.status, answer.json) == (404, NO_CONTAINER)


def test_nobody_removes_the_public_image(user, iid):
    answer = user.delete(f"/images/{iid}")
    assert (answer.status, answer.json) == (404, NOT_REMOVABLE)


def test_bare_lists_for_older_clients(start_berth):
    server = start_berth(settings={"BERTH_PLATFORM_LEGACY_LISTS": "true"})
    iid = server.public_image()
    person = server.new_user()
    assert person.get("/devices").json == [1]
    assert person.get("/images").json == []
    assert iid in person.get("/images/public").json
    assert_shape(person.get("/images/on/1").json, [{"iid": int, "name": str, "User": str, "public": bool}])
    assert person.get("/containers").json == {"status": 0, "cid": []}, "everything else stays as documented"
