"""A program that uses a MATLAB session over its WebSocket."""

from .http import WebSocket


class Session(WebSocket):
    def __init__(self, port, path="/", headers=None):
        super().__init__(port, path, headers)
        self.live = []
        self.last_id = 0

    def submit(self, code):
        self.last_id += 1
        self.send_json({"id": self.last_id, "code": code})
        return self.last_id

    def answer(self, number):
        """The answer to that command; live text on the way is kept in `live`."""
        while True:
            message = self.receive_json()
            if message.get("stream"):
                self.live.append(message)
            elif message.get("id") == number:
                return message

    def evaluate(self, code):
        return self.answer(self.submit(code))
