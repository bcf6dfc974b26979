"""`berth demo`: what a visitor finds and may do."""

import asyncio

import pytest

from harness.poll import eventually
from harness.terminal import terminal


def named(items, name):
    return next(item for item in items if item["name"] == name)


def image_on(person, device, name):
    return next(i["iid"] for i in person.items("/images") if (i["device"], i["name"]) == (device, name))


class TestWhatIsThere:
    def test_it_says_that_it_is_a_demo_and_who_may_log_in(self, demo):
        assert demo.lines[0].startswith("demo: a simulated lab in memory")
        server = demo.anyone.get("/api/v1/session").json["server"]
        assert server["demo"] is True
        shown = {a["username"]: (a["password"], a["role"] == "admin") for a in server["demo_accounts"]}
        assert shown == demo.accounts and len(shown) == 3

    def test_everybody_shown_can_log_in(self, demo):
        for name, (password, is_admin) in demo.accounts.items():
            user = demo.log_in(name).get("/session").json["user"]
            assert (user["name"], user["role"]) == (name, "admin" if is_admin else "user")
            old = demo.anyone.post("/api/login", {"username": name, "password": password})
            assert old.status == 200, old

    def test_four_machines_and_sixteen_gpus(self, member):
        devices = member.items("/devices")
        assert [device["name"] for device in devices] == ["atlas", "boreas", "calypso", "delos"]
        gpus = [gpu for device in devices for gpu in device["gpus"]]
        assert len(gpus) == 16
        assert {gpu["state"] for gpu in gpus} >= {"free", "mine", "used"}
        assert all(gpu["since"] and gpu["holder"] for gpu in gpus if gpu["state"] in ("mine", "used"))

    def test_containers_in_every_state_with_reasons(self, member, admin):
        mine = member.items("/containers")
        assert {c["name"]: c["state"] for c in mine if c["name"] in ("diffusion", "ablation-7", "notes-and-plots")} == {
            "diffusion": "running", "ablation-7": "stopped", "notes-and-plots": "running",
        }
        assert named(mine, "ablation-7")["reason"]["code"] == "out_of_memory"
        everybodys = admin.items("/admin/containers")
        assert {"zhao.min", "chen.yu", "guo.hao", "k.sato"} <= {c["owner"] for c in everybodys}

    def test_images_private_and_public(self, member, demo):
        images = {i["name"]: i for i in member.items("/images")}
        assert not images["diffusion-env"]["public"] and images["diffusion-env"]["mine"]
        assert images["遥感分割"]["public"] and images["遥感分割"]["owner"] == "zhao.min"
        others = [i["name"] for i in demo.log_in("zhao.min").items("/images")]
        assert "diffusion-env" not in others and "slam-ros" in others

    def test_an_hour_of_curves_that_go_on(self, member):
        cid = named(member.items("/containers"), "diffusion")["cid"]
        usage = member.get(f"/containers/{cid}/usage").json
        assert len(usage["samples"]) > 300
        assert len({sample["cpu_percent"] for sample in usage["samples"]}) > 100
        last = usage["samples"][-1]["at"]
        eventually(
            lambda: member.get(f"/containers/{cid}/usage").json["samples"][-1]["at"] > last, 25, message="the curve goes on"
        )

    def test_every_machine_and_every_gpu_has_a_load(self, member):
        devices = member.items("/devices")
        assert all(0 < device["load"]["cpu_percent"] < 100 for device in devices if device["load"]), devices
        assert sum(device["load"] is not None for device in devices) >= 3, "one of them may be away"
        idle = [gpu for device in devices for gpu in device["gpus"] if gpu["state"] == "free"]
        assert idle and all(gpu["load"] is None or gpu["load"]["busy_percent"] == 0 for gpu in idle)
        assert any(gpu["load"] and gpu["load"]["busy_percent"] > 50 for device in devices for gpu in device["gpus"])

    def test_an_hour_of_its_gpus(self, member):
        container = named(member.items("/containers"), "diffusion")
        (gpu,) = member.get(f"/containers/{container['cid']}/usage").json["gpus"]
        assert gpu["gid"] == container["gpus"][0]["gid"] and len(gpu["samples"]) > 300
        busy = [sample["busy_percent"] for sample in gpu["samples"]]
        assert min(busy) < 20 and max(busy) > 80, "work, and pauses for checkpoints"

    def test_a_log_that_looks_like_a_training_run(self, member):
        cid = named(member.items("/containers"), "diffusion")["cid"]
        lines = member.get(f"/containers/{cid}/logs").json["items"]
        assert any("| loss " in line["text"] for line in lines)
        assert any("val acc" in line["text"] for line in lines)
        dead = named(member.items("/containers"), "ablation-7")["cid"]
        assert member.get(f"/containers/{dead}/logs").json["items"][-1]["text"] == "Killed"

    def test_events_and_audit_of_a_week(self, member, admin):
        cid = named(member.items("/containers"), "ablation-7")["cid"]
        events = member.get(f"/containers/{cid}/events").json["items"]
        assert [e["action"] for e in events] == ["container.ended", "container.create"]
        audit = admin.get("/admin/audit?limit=1000").json["items"]
        actions = [e["action"] for e in audit]
        assert actions.count("user.login") > 30
        assert {"user.add", "image.add", "image.save", "container.create", "matlab.create"} <= set(actions)
        assert audit == sorted(audit, key=lambda e: e["at"], reverse=True)

    def test_a_board_of_matlab_sessions(self, demo, admin):
        sessions = {s["user_id"]: s for s in admin.items("/matlab")}
        assert set(sessions) == set(range(1, 13))
        assert sessions[9]["state"] == "stopped"
        healthy = eventually(lambda: admin.items("/matlab")[2]["web"] is True, 20, message="session 3 is probed")
        assert healthy
        listed = demo.matlab.get("/list").json["containers"]
        assert len(listed) == 12

    @pytest.mark.parametrize(
        "path", ["/session", "/devices", "/containers", "/images", "/operations"]
    )
    def test_what_the_page_reads_answers(self, member, path):
        assert member.get(path).status == 200

    @pytest.mark.parametrize(
        "path", ["/admin/users", "/admin/containers", "/admin/images", "/admin/audit", "/admin/settings", "/matlab"]
    )
    def test_what_an_admin_reads_answers(self, admin, path):
        assert admin.get(path).status == 200


class TestWhatOneMayDo:
    def test_create_stop_start_save_delete(self, member):
        iid = image_on(member, "atlas", "workspace")
        cid = member.create(iid, name="mine", cpu=2, memory_mb=4096)
        container = member.get(f"/containers/{cid}").json
        assert container["state"] == "running" and container["ports"]["ssh"] > 0
        assert len(member.get(f"/containers/{cid}/password").json["password"]) >= 12
        eventually(lambda: member.get(f"/containers/{cid}").json["load"], 10, message="it has figures")
        member.done(member.post(f"/containers/{cid}/stop"))
        free = next(g["gid"] for d in member.items("/devices") if d["name"] == "atlas" for g in d["gpus"] if g["state"] == "free")
        member.done(member.post(f"/containers/{cid}/start", {"gpus": [free]}))
        assert [g["gid"] for g in member.get(f"/containers/{cid}").json["gpus"]] == [free]
        saved = member.done(member.post(f"/containers/{cid}/image", {"name": "mine-saved", "public": False}))
        image = next(i for i in member.items("/images") if i["name"] == "mine-saved")
        assert image["iid"] == saved["iid"] and image["size_bytes"] > 2**30
        member.done(member.delete(f"/containers/{cid}"))
        assert member.delete(f"/images/{image['iid']}").status == 204
        assert cid not in [c["cid"] for c in member.items("/containers")]

    def test_a_terminal_with_a_friendly_shell(self, member):
        cid = named(member.items("/containers"), "diffusion")["cid"]

        async def work():
            async with terminal(member.client, cid, "?cols=100&rows=30") as shell:
                await shell.type("echo hello\r")
                await shell.until("hello\r\nhello\r\n")
                await shell.type("nvidia-smi\r")
                await shell.until("RTX A6000")
                await shell.type("stty size\r")
                await shell.until("30 100\r\n")
                await shell.type("make coffee\r")
                await shell.until("try help")
                await shell.type("exit 3\r")
                assert (await shell.closed(), shell.exit) == (1000, 3)

        asyncio.run(work())

    def test_what_does_not_start_says_why_and_leaves_nothing(self, member):
        iid = image_on(member, "boreas", "pytorch-nightly")
        boreas = next(d for d in member.items("/devices") if d["name"] == "boreas")
        free = next(g["gid"] for g in boreas["gpus"] if g["state"] == "free")
        answer = member.post("/containers", {"iid": iid, "name": "new-cuda", "cpu": 1, "memory_mb": 8192, "gpus": [free]})
        operation = member.follow(answer)
        assert operation["state"] == "failed" and operation["problem"]["code"] == "engine_refused"
        assert "cuda>=13.0" in operation["problem"]["detail"]
        assert "new-cuda" not in [c["name"] for c in member.items("/containers")]

    def test_a_gpu_that_somebody_has_is_refused(self, member):
        taken = next(g for d in member.items("/devices") if d["name"] == "atlas" for g in d["gpus"] if g["state"] == "used")
        iid = image_on(member, "atlas", "workspace")
        member.refused(
            "POST", "/containers", "gpu_not_available",
            {"iid": iid, "name": "no", "cpu": 1, "memory_mb": 1024, "gpus": [taken["gid"]]},
        )

    def test_the_contracts_of_both_ports(self, demo):
        person = demo.anyone
        assert person.post("/api/login", {"username": "zhao.min", "password": "berth-demo"}).status == 200
        iid = person.get("/images/public").json["iid"][0]
        created = person.post("/containers", {"iid": iid, "name": "old-way", "cpu": 1, "mem": 1024}).json
        assert created["status"] == 0 and created["portssh"]
        assert person.delete(f"/containers/{created['cid']}").status == 200
        made = demo.matlab.post("/create", {"user_id": 40})
        assert made.status == 201, made
        assert demo.matlab.post("/destroy/matlab-user-40").status == 200
