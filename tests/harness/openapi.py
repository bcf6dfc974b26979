"""docs/openapi.json, held against real answers: which operation a path is, and what is wrong with a body."""

import json
import pathlib
import re

DOCUMENT = json.loads((pathlib.Path(__file__).resolve().parents[2] / "docs/openapi.json").read_text(encoding="utf-8"))
_NAMES = {
    "object": dict, "array": list, "string": str, "boolean": bool, "null": type(None),
}


def operations():
    """{(METHOD, pattern): operation}"""
    return {
        (method.upper(), pattern): operation
        for pattern, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
        if method != "parameters"
    }


def find(method, path):
    """The operation that a path without its query belongs to; a literal is preferred to a {name}."""
    best = None
    for (known, pattern), operation in operations().items():
        regex = re.sub(r"\\{[a-z_]+\\}", "[^/]+", re.escape(pattern))
        if known == method and re.fullmatch(regex, path) and (best is None or pattern.count("{") < best[0]):
            best = (pattern.count("{"), operation)
    return best[1] if best else None


def _resolve(node):
    while "$ref" in node:
        target = DOCUMENT
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def _is(value, name):
    if name == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if name == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, _NAMES[name])


def problems(value, schema, where="$"):
    schema = _resolve(schema)
    if "anyOf" in schema:
        found = [problems(value, one, where) for one in schema["anyOf"]]
        return [] if any(not one for one in found) else min(found, key=len)
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    if types and not any(_is(value, name) for name in types):
        return [f"{where}: {value!r} is not {' or '.join(types)}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{where}: {value!r} is none of {schema['enum']}"]
    if value is None:
        return []
    found = []
    if isinstance(value, str):
        if "pattern" in schema and not re.search(schema["pattern"], value):
            found.append(f"{where}: {value!r} does not match {schema['pattern']}")
        if schema.get("format") == "date-time" and not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", value):
            found.append(f"{where}: {value!r} is no time")
        if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
            found.append(f"{where}: {value!r} is too long or too short")
    if _is(value, "number") and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        found.append(f"{where}: {value!r} is out of range")
    if isinstance(value, list):
        if len(value) > schema.get("maxItems", len(value)):
            found.append(f"{where}: {len(value)} items")
        for i, item in enumerate(value):
            found += problems(item, schema.get("items", {}), f"{where}[{i}]")
    if isinstance(value, dict):
        known = schema.get("properties", {})
        found += [f"{where}.{name}: missing" for name in schema.get("required", []) if name not in value]
        if schema.get("additionalProperties") is False:
            found += [f"{where}.{name}: unexpected" for name in value if name not in known]
        for name in known.keys() & value.keys():
            found += problems(value[name], known[name], f"{where}.{name}")
    return found


def check(method, path, answer):
    """Raises unless the answer is one that the document promises."""
    operation = find(method, path.split("?")[0])
    assert operation, f"{method} {path} is not in docs/openapi.json"
    promised = _resolve(operation["responses"].get(str(answer.status), operation["responses"]["default"]))
    contents = promised.get("content", {})
    if not contents:
        assert answer.body == b"", answer
        return
    content_type = (answer.header("content-type") or "").split(";")[0]
    assert content_type in contents, f"{method} {path}: {content_type} is none of {list(contents)}: {answer}"
    if content_type.endswith("json"):
        found = problems(answer.json, contents[content_type]["schema"])
        assert not found, f"{method} {path} {answer.status}: " + "; ".join(found)
    if content_type == "application/problem+json":
        assert answer.json["status"] == answer.status
        assert answer.json["title"] and answer.json["title_zh"]
