"""What a JSON answer must look like: exact keys, exact types (true is not 1), exact values where the contract has them.

A shape is a type, a plain value that must be equal, a compiled pattern, `[shape]` for a list of any length, a dict with
exactly these keys, or `either(...)`.
"""

import re


class either:
    def __init__(self, *shapes):
        self.shapes = shapes

    def __repr__(self):
        return " or ".join(repr(shape) for shape in self.shapes)


def problems(value, shape, where="$"):
    if isinstance(shape, either):
        if any(not problems(value, one, where) for one in shape.shapes):
            return []
        return [f"{where}: {value!r} is not {shape!r}"]
    if isinstance(shape, type):
        good = isinstance(value, shape) and not (shape is int and isinstance(value, bool))
        return [] if good else [f"{where}: {value!r} is not {shape.__name__}"]
    if isinstance(shape, re.Pattern):
        good = isinstance(value, str) and shape.fullmatch(value)
        return [] if good else [f"{where}: {value!r} does not match {shape.pattern}"]
    if isinstance(shape, dict):
        return _object_problems(value, shape, where)
    if isinstance(shape, list):
        return _list_problems(value, shape, where)
    good = value == shape and isinstance(value, bool) == isinstance(shape, bool)
    return [] if good else [f"{where}: {value!r} is not {shape!r}"]


def _object_problems(value, shape, where):
    if not isinstance(value, dict):
        return [f"{where}: {value!r} is not an object"]
    found = [f"{where}.{key}: missing" for key in shape if key not in value]
    found += [f"{where}.{key}: unexpected" for key in value if key not in shape]
    for key in shape.keys() & value.keys():
        found += problems(value[key], shape[key], f"{where}.{key}")
    return found


def _list_problems(value, shape, where):
    if not isinstance(value, list):
        return [f"{where}: {value!r} is not a list"]
    return [p for i, item in enumerate(value) for p in problems(item, shape[0], f"{where}[{i}]")]


def assert_shape(value, shape):
    found = problems(value, shape)
    assert not found, "; ".join(found) + f"\nin {value!r}"
