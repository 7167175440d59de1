"""One scalar, list or map of an answer against what its shape says of it."""

import base64
import binascii
import re

ISO8601 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z")
RFC822 = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT")
INTEGER = re.compile(r"-?\d+")
# What the real service answers although its own model forbids it: shape and value. AWS's documentation shows it.
REALITY = {("ResourceType", "Storage Gateway")}
FLOAT = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")


def of_text(shape, text, timestamps):
    """Problems of a scalar written as text, as in XML and headers; `timestamps` is the format where the shape names
    none."""
    kind = shape.type_name
    if kind == "string":
        yield from _string(shape, text)
    elif kind == "boolean" and text not in ("true", "false"):
        yield f"{text!r} is no boolean"
    elif kind in ("integer", "long"):
        if INTEGER.fullmatch(text):
            yield from _range(shape, int(text))
        else:
            yield f"{text!r} is no {kind}"
    elif kind in ("float", "double") and not FLOAT.fullmatch(text):
        yield f"{text!r} is no {kind}"
    elif kind == "timestamp":
        yield from _timestamp(shape, text, timestamps)
    elif kind == "blob":
        yield from _blob(text)


def of_json(shape, value):
    """Problems of a scalar in JSON."""
    kind = shape.type_name
    types = {
        "string": str,
        "boolean": bool,
        "integer": int,
        "long": int,
        "float": (int, float),
        "double": (int, float),
        "blob": str,
    }
    if kind == "timestamp":
        yield from _timestamp(shape, value, "unixTimestamp")
    elif not isinstance(value, types[kind]) or (isinstance(value, bool) and kind != "boolean"):
        yield f"{value!r} is no {kind}"
    elif kind == "string":
        yield from _string(shape, value)
    elif kind in ("integer", "long"):
        yield from _range(shape, value)
    elif kind == "blob":
        yield from _blob(value)


def length(shape, count, what):
    """Problems of the number of items in a list or map, or of characters in a string."""
    if count < shape.metadata.get("min", 0):
        yield f"{count} {what}, the least is {shape.metadata['min']}"
    if count > shape.metadata.get("max", count):
        yield f"{count} {what}, the most is {shape.metadata['max']}"


def _string(shape, text):
    enum = shape.metadata.get("enum")
    if enum and text not in enum:
        yield f"{text!r} is none of {', '.join(enum)}"
    yield from length(shape, len(text), "characters")
    pattern = _pattern(shape)
    if pattern and not pattern.search(text) and (shape.name, text) not in REALITY:
        yield f"{text!r} does not match {pattern.pattern}"


def _pattern(shape):
    """A pattern is Java's: one that Python cannot read is left out."""
    try:
        return re.compile(shape.metadata["pattern"])
    except (KeyError, re.error):
        return None


def _range(shape, number):
    if number < shape.metadata.get("min", number):
        yield f"{number} is less than {shape.metadata['min']}"
    if number > shape.metadata.get("max", number):
        yield f"{number} is more than {shape.metadata['max']}"


def _timestamp(shape, value, default):
    form = shape.serialization.get("timestampFormat", default).lower()
    if form == "unixtimestamp":
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not number:
            yield f"{value!r} is no timestamp in seconds"
        elif round(value, 3) != value:
            yield f"{value!r} is finer than milliseconds"
        return
    pattern = {"iso8601": ISO8601, "rfc822": RFC822}[form]
    if not isinstance(value, str) or not pattern.fullmatch(value):
        yield f"{value!r} is no timestamp in {form}"


def _blob(text):
    try:
        base64.b64decode(text, validate=True)
    except binascii.Error:
        yield f"{text[:20]!r} is no base64"
