"""Many running sessions at once. MATLAB's, because a device promises no more cores to workspaces than it has."""

import concurrent.futures


class Crowd:
    def __init__(self, berth, size):
        self.berth = berth
        self.size = size

    def __enter__(self):
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            for answer in pool.map(self.create, range(1, self.size + 1)):
                if answer.status not in (200, 201):
                    raise RuntimeError(f"a session could not be made: {answer}")
        return self

    def __exit__(self, *_):
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(self.destroy, range(1, self.size + 1)))

    def create(self, user):
        return self.berth.matlab.post("/create", {"user_id": user})

    def destroy(self, user):
        return self.berth.matlab.post(f"/destroy/matlab-user-{user}")
