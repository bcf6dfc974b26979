"""Every row by its name, in the order in which they are measured. The last two keep a crowd of sessions running."""

from bench.rows import build, containers, figures, hub, reads, scale, server

_MODULES = [containers, server, scale, hub, build, reads, figures]

ALL = {name: row for module in _MODULES for name, row in module.ROWS.items()}
FAST = {name for module in _MODULES for name in module.FAST}
