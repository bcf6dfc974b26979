"""Every row by its name, in the order in which they are measured: those that share servers lie side by side."""

from bench.rows import build, containers, figures, hub, reads, scale, server

_MODULES = [reads, figures, server, scale, containers, hub, build]

ALL = {name: row for module in _MODULES for name, row in module.ROWS.items()}
FAST = {name for module in _MODULES for name in module.FAST}
