"""/api/v1 as a person uses it. Every answer is held against docs/openapi.json."""

import contextlib
import http.client
import json
from urllib.parse import urlsplit

from harness import openapi
from harness.berth import PASSWORD
from harness.http_client import Client
from harness.poll import eventually


class V1:
    """One person's calls; `client` has the cookies."""

    def __init__(self, client):
        self.client = client
        self.name = client.name

    @classmethod
    def newcomer(cls, berth):
        return cls(berth.new_user())

    def __call__(self, method, path, json=None, **options):
        answer = self.client(method, f"/api/v1{path}", json=json, **options)
        openapi.check(method, f"/api/v1{path}", answer)
        return answer

    def get(self, path, **options):
        return self("GET", path, **options)

    def post(self, path, json=None, **options):
        return self("POST", path, json=json, **options)

    def put(self, path, json=None, **options):
        return self("PUT", path, json=json, **options)

    def delete(self, path, **options):
        return self("DELETE", path, **options)

    def items(self, path):
        answer = self.get(path)
        assert answer.status == 200, answer
        return answer.json["items"]

    def refused(self, method, path, code, json=None, **options):
        """The problem, which must have this code."""
        answer = self(method, path, json=json, **options)
        assert answer.status >= 400 and answer.json["code"] == code, answer
        return answer.json

    # API tokens

    def make_token(self, *scopes, days=1, name="script"):
        """What the server says of a new token of mine: {"token", "entry"}."""
        answer = self.post("/tokens", {"name": name, "scopes": list(scopes), "expires_days": days})
        assert answer.status == 201, answer
        return answer.json

    def script(self, *scopes, **options):
        """A client that has nothing but a new token of mine."""
        return V1(self.client.with_token(self.make_token(*scopes, **options)["token"]))

    # Operations

    def follow(self, answer, within=60):
        """The operation that a 202 began, once it has ended."""
        assert answer.status == 202, answer
        oid = answer.json["oid"]
        assert answer.header("location") == f"/api/v1/operations/{oid}"

        def ended():
            operation = self.get(f"/operations/{oid}").json
            return operation if operation["state"] != "running" else None

        return eventually(ended, within, message=f"operation {oid} ends")

    def done(self, answer):
        operation = self.follow(answer)
        assert operation["state"] == "done" and operation["problem"] is None, operation
        return operation

    def create(self, iid, **wanted):
        body = {"iid": iid, "name": "c", "cpu": 1, "memory_mb": 64, **wanted}
        return self.done(self.post("/containers", body))["cid"]

    @contextlib.contextmanager
    def container(self, iid, **wanted):
        """A container that is gone at the end, whatever happened to it."""
        cid = self.create(iid, **wanted)
        try:
            yield cid
        finally:
            answer = self.client.delete(f"/containers/{cid}")
            assert answer.status in (200, 404), answer

    def events(self):
        return EventStream(self.client)


class EventStream:
    """Server-sent events, read one by one."""

    def __init__(self, client, path="/api/v1/events", timeout=20):
        address = urlsplit(client.base)
        self.connection = http.client.HTTPConnection(address.hostname, address.port, timeout=timeout)
        cookies = "; ".join(f"{key}={value}" for key, value in client.cookies.items())
        headers = {**client.headers, **({"Cookie": cookies} if cookies else {})}
        self.connection.request("GET", path, headers=headers)
        self.response = self.connection.getresponse()
        self.status = self.response.status

    def next(self):
        """(name, data) of the next event; None at the end of the stream."""
        name, data = None, None
        for line in iter(self.response.readline, b""):
            text = line.decode().rstrip("\n")
            if text.startswith("event: "):
                name = text.removeprefix("event: ")
            elif text.startswith("data: "):
                data = json.loads(text.removeprefix("data: "))
            elif not text and name:
                return name, data
        return None

    def until(self, name, **data):
        """Reads on to the event that has at least this data; gives the names of all before it."""
        seen = []
        while event := self.next():
            if event[0] == name and data.items() <= event[1].items():
                return seen
            seen.append(event[0])
        raise AssertionError(f"the stream ended without {name} {data}; it had {seen}")

    def close(self):
        self.connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def log_in(berth, name, password=PASSWORD):
    client = Client(berth.platform_url, name)
    answer = V1(client).post("/session", {"username": name, "password": password})
    assert answer.status == 200, answer
    return V1(client)
