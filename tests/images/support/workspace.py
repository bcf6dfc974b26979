"""A workspace as the control plane makes it: hardened, with a password, on loopback ports."""

from .clock import wait_until
from .docker import HARDENING, RUN_ID, Container, loopback_ports
from .http import get
from .jupyter import Jupyter
from .ssh import Ssh


class Workspace(Container):
    def __init__(self, password, instance=RUN_ID, image="berth/workspace:latest", options=()):
        super().__init__(
            image, *HARDENING, f"--env=BERTH_INSTANCE={instance}", *loopback_ports(22, 8888, 6006), *options
        )
        self.password = password
        if password:
            self.give_password(password)

    @property
    def ssh(self):
        return Ssh(self.port(22), self.password)

    @property
    def jupyter(self):
        return Jupyter(self.port(8888))

    def await_ssh(self):
        wait_until(lambda: self.run("ss -Hltn sport = :22"))
        return self

    def await_jupyter(self):
        wait_until(lambda: self.jupyter.answers())
        return self

    def await_tensorboard(self):
        wait_until(lambda: get(self.port(6006))[0] == 200)
        return self
