"""People who never rest: each does, again and again, whatever chance says."""

import collections
import http.client
import random
import threading
import time

NEVER_SAID = (500, 501)  # whatever is asked for; 502 to 504 are honest while an engine is slow or Berth has just started
FIRST_MATLAB_USER = 95


class Stopped(Exception):
    """Berth is gone, or the time is over."""


class Person:
    def __init__(self, crew, number, seed):
        self._crew = crew
        self._chance = random.Random(seed)
        self._matlab = f"matlab-user-{FIRST_MATLAB_USER + number}"
        self._user_id = FIRST_MATLAB_USER + number
        self.client = crew.berth.new_user()
        self.statuses = collections.Counter()

    def live(self, is_over):
        deeds = [self.create] * 4 + [self.delete] * 3 + [self.stop, self.start, self.start, self.save, self.remove_image,
                                                         self.session, self.end_session, self.look]
        try:
            while not is_over():
                self._chance.choice(deeds)()
        except Stopped:
            pass

    def _ask(self, client, method, path, json=None):
        try:
            answer = client(method, path, json=json)
        except (OSError, http.client.HTTPException):
            if self._crew.berth.is_running():
                raise
            raise Stopped from None
        self.statuses[answer.status] += 1
        if answer.status in NEVER_SAID:
            self._crew.complaints.append(f"{method} {path}: {answer}")
        return answer

    def _call(self, method, path, json=None):
        return self._ask(self.client, method, path, json)

    def _one_of(self, path, key):
        ids = self._call("GET", path).json.get(key)
        return self._chance.choice(ids) if ids else None

    def create(self):
        self._call("POST", "/containers", {"iid": self._crew.iid, "name": "churn", "cpu": 1, "mem": 64})

    def _change(self, body):
        if cid := self._one_of("/containers", "cid"):
            self._call("PUT", f"/containers/{cid}", body)

    def stop(self):
        self._change({"cmd": "stop"})

    def start(self):
        self._change({"cmd": "start"})

    def delete(self):
        if cid := self._one_of("/containers", "cid"):
            self._call("DELETE", f"/containers/{cid}")

    def save(self):
        if cid := self._one_of("/containers", "cid"):
            self._call("POST", "/images", {"cid": cid, "name": "churn"})

    def remove_image(self):
        if iid := self._one_of("/images", "iid"):
            self._call("DELETE", f"/images/{iid}")

    def session(self):
        self._ask(self._crew.berth.matlab, "POST", "/create", {"user_id": self._user_id})

    def end_session(self):
        self._ask(self._crew.berth.matlab, "POST", f"/destroy/{self._matlab}")

    def look(self):
        for path in ("/devices/property/1", "/images/on/1", "/api/v1/containers", "/api/v1/operations"):
            self._call("GET", path)
        self._ask(self._crew.berth.matlab, "GET", f"/health/{self._matlab}")


class Crew:
    def __init__(self, lab, size, seed):
        self.berth, self.iid = lab.berth, lab.iid
        self.complaints = []
        self._people = [Person(self, number, f"{seed}-{number}") for number in range(size)]
        lab.people = [person.client for person in self._people]

    def work_for(self, seconds):
        end = time.monotonic() + seconds
        self._work(lambda: time.monotonic() >= end)

    def work_until_killed(self, calls, when):
        """Berth is killed at the `calls`-th of its calls that change something on the engine."""
        self.berth.gate.on("^(POST|PUT|DELETE)", when, self.berth.kill, calls)
        self._work(lambda: not self.berth.is_running())

    def _work(self, is_over):
        threads = [threading.Thread(target=person.live, args=(is_over,)) for person in self._people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not self.complaints, self.complaints

    def print_figures(self):
        total = sum((person.statuses for person in self._people), collections.Counter())
        print(f"{sum(total.values())} answers: " + ", ".join(f"{count} x {status}" for status, count in sorted(total.items())))
