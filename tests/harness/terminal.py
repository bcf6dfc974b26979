"""A terminal of /api/v1 as the page uses it: one WebSocket, bytes both ways, the window's size as JSON."""

import asyncio
import contextlib
import json

import websockets

PATIENCE_S = 30


class Terminal:
    def __init__(self, socket):
        self._socket = socket
        self._seen = ""
        self.exit = None

    async def type(self, text):
        await self._socket.send(text.encode())

    async def resize(self, cols, rows):
        await self._socket.send(json.dumps({"resize": {"cols": cols, "rows": rows}}))

    async def say(self, message):
        await self._socket.send(message)

    async def until(self, text):
        """What it printed since the last time, up to `text` and with it."""
        while text not in self._seen:
            message = await asyncio.wait_for(self._socket.recv(), PATIENCE_S)
            assert isinstance(message, bytes), f"not output, but {message}; before it: {self._seen!r}"
            self._seen += message.decode()
        end = self._seen.index(text) + len(text)
        printed, self._seen = self._seen[:end], self._seen[end:]
        return printed

    async def run(self, command):
        """What a command printed, between two marks that are typed in two halves, so that no echo of them is one."""
        await self.type(f"echo be''gin; {command}; printf '\\ndo''ne\\n'\r")
        await self.until("begin\r\n")
        printed = await self.until("\r\ndone\r\n")
        return printed.removesuffix("\r\ndone\r\n").replace("\r\n", "\n").removesuffix("\n")

    async def closed(self):
        """The close code, once the server has closed it; what the shell's exit code was is in `exit` then."""
        with contextlib.suppress(websockets.ConnectionClosed):
            while True:
                message = await asyncio.wait_for(self._socket.recv(), PATIENCE_S)
                if isinstance(message, str):
                    self.exit = json.loads(message)["exit"]
        return self._socket.close_code


def connect(client, cid, query="", **headers):
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    return websockets.connect(
        f"{client.base.replace('http', 'ws', 1)}/api/v1/containers/{cid}/terminal{query}",
        extra_headers={**client.headers, **({"Cookie": cookies} if cookies else {}), **headers},
        open_timeout=PATIENCE_S,
        close_timeout=PATIENCE_S,
    )


@contextlib.asynccontextmanager
async def terminal(client, cid, query=""):
    async with connect(client, cid, query) as socket:
        yield Terminal(socket)


def refusal(client, cid, query="", **headers):
    """The status that a handshake is refused with."""

    async def ask():
        try:
            async with connect(client, cid, query, **headers):
                raise AssertionError("a terminal was opened")
        except websockets.InvalidStatusCode as refused:
            return refused.status_code

    return asyncio.run(ask())
