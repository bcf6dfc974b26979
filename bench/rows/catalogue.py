"""Every row by its name, in the order in which they are measured: those that share servers lie side by side."""

from bench.rows import containers, figures, reads, server

_MODULES = [reads, figures, server, containers]

ALL = {name: row for module in _MODULES for name, row in module.ROWS.items()}
FAST = {name for module in _MODULES for name in module.FAST}
