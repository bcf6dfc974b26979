"""docs/openapi.json and the server say the same; and the page around it."""

import json

import pytest

from harness import openapi

# Promised and not served yet. Must become empty.
MISSING = {
    ("GET", "/api/v1/tokens"),
    ("POST", "/api/v1/tokens"),
    ("DELETE", "/api/v1/tokens/{tid}"),
}


def test_every_route_is_described_and_every_description_is_served(berth):
    served = {(r["method"], r["pattern"]) for r in berth.cli("routes")["routes"] if r["face"] == "v1"}
    assert served == set(openapi.operations()) - MISSING


def test_the_document_is_served_as_it_is(berth):
    answer = berth.anyone.get("/openapi.json")
    assert (answer.status, answer.header("content-type")) == (200, "application/json")
    assert answer.json == openapi.DOCUMENT


class TestPage:
    @pytest.mark.parametrize("path", ["/", "/docs", "/ui/login", "/ui/containers/7/log", "/ui/admin"])
    def test_its_addresses_show_it(self, berth, path):
        answer = berth.anyone.get(path)
        assert answer.status == 200 and b"<html" in answer.body
        assert answer.header("cache-control") == "no-cache"
        policy = answer.header("content-security-policy")
        assert "script-src 'self'" in policy and "unsafe" not in policy

    @pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/nothing", "/containers", "/devices/7", "/assets/nothing.js", "/x"])
    def test_nothing_else_does(self, berth, path):
        answer = berth.anyone.get(path)
        assert answer.status in (401, 404)
        json.loads(answer.body)

    def test_it_comes_packed_and_only_once(self, berth):
        packed = berth.anyone.get("/", headers={"Accept-Encoding": "gzip"})
        assert packed.header("content-encoding") == "gzip" and packed.header("vary") == "Accept-Encoding"
        again = berth.anyone.get("/", headers={"Accept-Encoding": "gzip", "If-None-Match": packed.header("etag")})
        assert (again.status, again.body) == (304, b"")

    def test_head(self, berth):
        answer = berth.anyone("HEAD", "/")
        assert answer.status == 200 and answer.body == b"" and int(answer.header("content-length")) > 0
