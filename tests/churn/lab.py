"""A Berth over a real engine, and the look at what it has left when nobody wants anything any more."""

import dataclasses
import os
import re

from harness.berth import Berth
from harness.engine import Engine
from harness.poll import eventually
from harness.tiny_image import ensure_tiny_images

SETTLED_WITHIN_S = 60
POOL_CLOSES_WITHIN_S = 90  # Berth keeps connections to the engine for a minute


@dataclasses.dataclass
class Rest:
    memory_kb: int
    descriptors: int


class Lab:
    def __init__(self, folder):
        engine = Engine()
        assert engine.why_not() is None, engine.why_not()
        self.people = []  # the clients of those who live here
        self.berth = Berth(folder, engine=engine, images=ensure_tiny_images(engine), with_gate=True).start()
        self.iid = self.berth.public_image()
        self.berth.engine_containers()

    def close(self):
        self.berth.close()

    def start_again(self):
        self.berth.start()
        for person in self.people:
            person.base = self.berth.platform_url  # another port than before
        self.berth.await_agreement(SETTLED_WITHIN_S)

    def at_rest(self, no_more_descriptors_than=None):
        """Everybody gives everything back; fails unless rows, engine, images and ledger are empty then."""
        self._end_sessions()
        for container in self.berth.cli("container", "list")["containers"]:
            self.berth.cli("container", "rm", container["cid"])
        for person in self.people:
            for iid in person.get("/images").json["iid"]:
                answer = person.delete(f"/images/{iid}")
                assert answer.status == 200, answer
        eventually(self._is_empty, SETTLED_WITHIN_S, every=0.5, message="nothing is left over")
        most = no_more_descriptors_than
        if most is not None:
            eventually(lambda: self._descriptors() <= most, POOL_CLOSES_WITHIN_S, every=1, message="descriptors are closed")
        return Rest(self._memory_kb(), self._descriptors())

    def _end_sessions(self):
        for session in self.berth.matlab.get("/list").json["containers"]:
            answer = self.berth.matlab.post(f"/destroy/{session['container_id']}")
            assert answer.status in (200, 404), answer

    def _is_empty(self):
        self.berth.assert_in_agreement()
        assert self.berth.engine_containers() == []
        device = self.berth.device()
        assert (device["used_cpu"], device["used_memory_mb"]) == (0, 0), device
        for kind in ("saved", "rebuild"):
            left = self.berth.engine.image_tags(f"berth/{kind}-{self.berth.installation}:")
            assert left == [], left
        return True

    def _memory_kb(self):
        with open(f"/proc/{self.berth.process.pid}/status", encoding="ascii") as status:
            return int(re.search(r"^VmRSS:\s+(\d+) kB", status.read(), re.M)[1])

    def _descriptors(self):
        return len(os.listdir(f"/proc/{self.berth.process.pid}/fd"))
