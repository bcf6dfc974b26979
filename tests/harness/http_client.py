"""A small HTTP client that hides nothing: raw status, headers as sent, several Set-Cookie, and any bytes as the body."""

import http.client
import json as json_module
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class Answer:
    status: int
    headers: list
    body: bytes

    def header(self, name):
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def json(self):
        return json_module.loads(self.body)

    @property
    def set_cookies(self):
        """{name: (value, {attribute in lower case: value or True})}"""
        found = {}
        for key, line in self.headers:
            if key.lower() != "set-cookie":
                continue
            pair, *attributes = [part.strip() for part in line.split(";")]
            name, _, value = pair.partition("=")
            assert name not in found, f"{name} is set twice"
            parsed = {}
            for attribute in attributes:
                attribute_name, equals, attribute_value = attribute.partition("=")
                parsed[attribute_name.lower()] = attribute_value if equals else True
            found[name] = (value, parsed)
        return found

    def __repr__(self):
        return f"<{self.status} {self.body[:300]!r}>"


@dataclass
class Client:
    """Talks to one address and keeps cookies as a browser does."""

    base: str
    name: str = ""
    cookies: dict = field(default_factory=dict)
    timeout: float = 60.0
    headers: dict = field(default_factory=dict)  # with every request
    source: str = ""  # the address to call from; any of 127.0.0.0/8 is this machine

    def __call__(self, method, path, json=None, body=None, headers=None):
        if json is not None:
            body = json_module.dumps(json).encode()
        sent = {}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{key}={value}" for key, value in self.cookies.items())
        if body is not None:
            sent["Content-Type"] = "application/json"
        sent.update({**self.headers, **(headers or {})})
        answer = self._exchange(method, path, body, sent)
        self._keep(answer.set_cookies)
        return answer

    def get(self, path, **options):
        return self("GET", path, **options)

    def post(self, path, json=None, **options):
        return self("POST", path, json=json, **options)

    def put(self, path, json=None, **options):
        return self("PUT", path, json=json, **options)

    def delete(self, path, **options):
        return self("DELETE", path, **options)

    def with_cookies(self, **cookies):
        """Another client of the same address with exactly these cookies."""
        return Client(self.base, self.name, dict(cookies), self.timeout)

    def with_token(self, token, source=""):
        """Another client of the same address that has no cookies but an API token."""
        return Client(self.base, self.name, {}, self.timeout, {"Authorization": f"Bearer {token}"}, source)

    def copy(self):
        return self.with_cookies(**self.cookies)

    def _exchange(self, method, path, body, headers):
        address = urlsplit(self.base)
        source = (self.source, 0) if self.source else None
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=self.timeout, source_address=source)
        try:
            connection.request(method, path, body=body, headers=headers)
            response = connection.getresponse()
            return Answer(response.status, response.getheaders(), response.read())
        finally:
            connection.close()

    def _keep(self, set_cookies):
        for name, (value, attributes) in set_cookies.items():
            if attributes.get("max-age") == "0":
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
