"""Trees of an answer, XML or JSON, against their shapes. Each function yields (path, problem)."""

from . import scalars


def json(shape, value, path):
    kind = shape.type_name
    if getattr(shape, "is_document_type", False):
        return
    if kind == "structure":
        yield from _json_structure(shape, value, path)
    elif kind == "list":
        if not isinstance(value, list):
            yield path, f"{value!r} is no list"
            return
        yield from ((path, problem) for problem in scalars.length(shape, len(value), "items"))
        for item in value:
            yield from json(shape.member, item, f"{path}[]")
    elif kind == "map":
        if not isinstance(value, dict):
            yield path, f"{value!r} is no map"
            return
        for key, item in value.items():
            yield from json(shape.key, key, f"{path} key")
            yield from json(shape.value, item, f"{path}{{}}")
    else:
        yield from ((path, problem) for problem in scalars.of_json(shape, value))


def json_members(members, required, value, path):
    """A JSON object against some members of a structure: those that travel in the body."""
    wire = {shape.serialization.get("name", name): (name, shape) for name, shape in members.items()}
    for key, item in value.items():
        if key not in wire:
            yield f"{path}.{key}", "unknown member"
        elif item is not None:
            yield from json(wire[key][1], item, f"{path}.{key}")
    for key, (name, _) in wire.items():
        if name in required and value.get(key) is None:
            yield f"{path}.{key}", "required member is missing"


def _json_structure(shape, value, path):
    if not isinstance(value, dict):
        yield path, f"{value!r} is no object"
        return
    if getattr(shape, "is_tagged_union", False) and len(value) != 1:
        yield path, f"a union with {len(value)} members"
    yield from json_members(shape.members, shape.required_members, value, path)


def tag(element):
    """The name without its namespace."""
    return element.tag.rpartition("}")[2]


def xml(shape, element, path):
    kind = shape.type_name
    text = (element.text or "").strip()
    if kind == "structure":
        if text:
            yield path, f"text {text!r} in a structure"
        yield from xml_members(shape, list(element), path)
    elif kind == "list":
        if text:
            yield path, f"text {text!r} in a list"
        item = shape.member.serialization.get("name", "member")
        yield from ((path, problem) for problem in scalars.length(shape, len(element), "items"))
        for child in element:
            if tag(child) != item:
                yield f"{path}.{tag(child)}", f"an item is called {item}"
            else:
                yield from xml(shape.member, child, f"{path}.{item}")
    elif kind == "map":
        yield from _xml_map(shape, element, path)
    elif len(element):
        yield path, f"children where a {kind} is due"
    elif not text:
        # AWS leaves out what has no value.
        yield path, "empty"
    else:
        yield from ((path, problem) for problem in scalars.of_text(shape, text, "iso8601"))


def xml_members(shape, children, path):
    """The children of an element against the members of a structure."""
    wire = {}
    for name, member in shape.members.items():
        flat = member.serialization.get("flattened") and member.type_name == "list"
        inner = member.member.serialization.get("name") if flat else None
        wire[inner or member.serialization.get("name", name)] = (name, member, flat)
    seen = set()
    for child in children:
        key = tag(child)
        here = f"{path}.{key}"
        if key not in wire:
            yield here, "unknown member"
            continue
        _, member, flat = wire[key]
        if key in seen and not flat:
            yield here, "given twice"
        seen.add(key)
        yield from xml(member.member if flat else member, child, here)
    for key, (name, _, _) in wire.items():
        if name in shape.required_members and key not in seen:
            yield f"{path}.{key}", "required member is missing"


def _xml_map(shape, element, path):
    names = [shape.key.serialization.get("name", "key"), shape.value.serialization.get("name", "value")]
    for entry in element:
        if tag(entry) != "entry" or [tag(child) for child in entry] != names:
            yield path, f"an entry is <entry> with {' and '.join(names)}"
            continue
        yield from xml(shape.key, entry[0], f"{path} key")
        yield from xml(shape.value, entry[1], f"{path}{{}}")
