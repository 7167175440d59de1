"""A raw HTTP answer against botocore's model of the operation. Yields (path, problem)."""

import json
import re
from xml.etree import ElementTree

from . import scalars, shapes

# Codes that AWS documents for every operation ("Common Errors"), with their HTTP statuses, and those that RDS, STS and
# EC2 use beyond their models. The models do not list them.
COMMON = {
    "query": {
        "AccessDenied": {403},
        "AccessDeniedException": {400, 403},
        "ExpiredToken": {403},
        "IncompleteSignature": {400},
        "InternalFailure": {500},
        "InvalidAction": {400},
        "InvalidClientTokenId": {403},
        "InvalidParameterCombination": {400},
        "InvalidParameterValue": {400},
        "MalformedQueryString": {404},
        "MissingAuthenticationToken": {403},
        "MissingParameter": {400},
        "OptInRequired": {403},
        "RequestExpired": {400},
        "ServiceUnavailable": {503},
        "SignatureDoesNotMatch": {403},
        "Throttling": {400},
        "ValidationError": {400},
    },
    "json": {
        "AccessDeniedException": {400, 403},
        "ExpiredTokenException": {400, 403},
        "IncompleteSignature": {400},
        "InternalFailure": {500},
        "InvalidSignatureException": {400, 403},
        "MissingAuthenticationTokenException": {400, 403},
        "SerializationException": {400},
        "ServiceUnavailable": {503},
        "ThrottlingException": {400, 429},
        "UnknownOperationException": {400, 404},
        "UnrecognizedClientException": {400, 403},
        "ValidationException": {400},
    },
}
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def check(operation, status, headers, body):
    """All problems of one answer. `headers` must look names up whatever their case."""
    protocol = operation.service_model.resolved_protocol
    success = 200 <= status < 300
    yield from _request_id(headers)
    if protocol in ("query", "ec2"):
        root = _parse_xml(body)
        if root is None:
            yield "", f"no well-formed XML: {body[:60]!r}"
            return
        if not headers.get("content-type", "").startswith("text/xml"):
            yield "content-type", f"{headers.get('content-type')!r}, XML answers are text/xml"
        yield from (
            _query(operation, status, headers, root) if success else _query_error(operation, status, root, protocol)
        )
    elif success:
        yield from _json(operation, status, headers, body)
    else:
        yield from _json_error(operation, status, headers, body)


def _request_id(headers):
    request_id = headers.get("x-amzn-requestid") or headers.get("x-amz-request-id")
    if not request_id:
        yield "x-amzn-RequestId", "header is missing"
    elif not UUID.fullmatch(request_id):
        yield "x-amzn-RequestId", f"{request_id!r} is no UUID"


def _parse_xml(body):
    try:
        return ElementTree.fromstring(body)
    except ElementTree.ParseError:
        return None


def _namespace(operation, root):
    due = operation.metadata.get("xmlNamespace")
    is_ = root.tag.rpartition("}")[0].lstrip("{")
    if due and is_.rstrip("/") != due.rstrip("/"):
        yield "xmlns", f"{is_!r}, the service's is {due!r}"


def _query(operation, status, headers, root):
    name = operation.name
    yield from _namespace(operation, root)
    if status != 200:
        yield "status", f"{status}, success is 200"
    if shapes.tag(root) != f"{name}Response":
        yield shapes.tag(root), f"the root is {name}Response"
    children = {shapes.tag(child): child for child in root}
    if operation.service_model.resolved_protocol == "ec2":
        rest = [child for child in root if shapes.tag(child) != "requestId"]
        if "requestId" not in children:
            yield "requestId", "required member is missing"
        if operation.output_shape:
            yield from shapes.xml_members(operation.output_shape, rest, name)
        return
    metadata = children.pop("ResponseMetadata", None)
    request_id = metadata is not None and metadata.findtext("{*}RequestId")
    if not request_id:
        yield "ResponseMetadata.RequestId", "required member is missing"
    wrapper = f"{name}Result"
    result = children.pop(wrapper, None)
    if operation.output_shape and result is None:
        yield wrapper, "required member is missing"
    elif operation.output_shape:
        yield from shapes.xml_members(operation.output_shape, list(result), name)
    yield from ((extra, "unknown member") for extra in children)


def _query_error(operation, status, root, protocol):
    if protocol == "query":
        yield from _namespace(operation, root)
    name, error_path, request_id = {
        "query": ("ErrorResponse", "{*}Error", "RequestId"),
        "ec2": ("Response", "{*}Errors/{*}Error", "RequestID"),
    }[protocol]
    if shapes.tag(root) != name:
        yield shapes.tag(root), f"the root of an error is {name}"
    if not root.findtext(f"{{*}}{request_id}"):
        yield request_id, "required member is missing"
    error = root.find(error_path)
    if error is None:
        yield "Error", "required member is missing"
        return
    kind = "Sender" if status < 500 else "Receiver"
    if protocol == "query" and error.findtext("{*}Type") != kind:
        yield "Error.Type", f"{error.findtext('{*}Type')!r}, a {status} is the {kind}'s"
    if not error.findtext("{*}Message"):
        yield "Error.Message", "required member is missing"
    yield from _code(operation, status, error.findtext("{*}Code") or "", "query")


def _json(operation, status, headers, body):
    due = operation.http.get("responseCode", 200)
    if status != due:
        yield "status", f"{status}, success is {due}"
    shape = operation.output_shape
    content = headers.get("content-type", "")
    if shape is None or not shape.members:
        if body not in (b"", b"{}", b"null"):
            yield "body", f"{body[:60]!r} where none is due"
        return
    name = operation.name
    located = {member: s for member, s in shape.members.items() if s.serialization.get("location")}
    for member, member_shape in located.items():
        text = headers.get(member_shape.serialization.get("name", member))
        if member_shape.serialization["location"] == "header" and text is None and member in shape.required_members:
            yield f"{name}.{member}", "required header is missing"
        elif text is not None:
            yield from ((f"{name}.{member}", problem) for problem in scalars.of_text(member_shape, text, "rfc822"))
    if not content.startswith(("application/json", "application/x-amz-json-1.")):
        yield "content-type", f"{content!r}, JSON answers are application/json"
    value = _parse_json(body)
    if not isinstance(value, dict):
        yield "body", f"no JSON object: {body[:60]!r}"
        return
    payload = shape.serialization.get("payload")
    if payload:
        yield from shapes.json(shape.members[payload], value, f"{name}.{payload}")
        return
    members = {member: s for member, s in shape.members.items() if member not in located}
    yield from shapes.json_members(members, shape.required_members, value, name)


def _parse_json(body):
    try:
        return json.loads(body)
    except ValueError:
        return None


def _json_error(operation, status, headers, body):
    value = _parse_json(body)
    if not isinstance(value, dict):
        yield "body", f"no JSON object: {body[:60]!r}"
        return
    kind = headers.get("x-amzn-errortype")
    if operation.service_model.resolved_protocol == "rest-json" and not kind:
        yield "x-amzn-ErrorType", "header is missing"
    code = (kind or value.get("__type") or value.get("code") or "").partition(":")[0].rpartition("#")[2]
    yield from _code(operation, status, code, "json")
    if not (value.get("Message") or value.get("message")):
        yield "message", "required member is missing"
    shape = _modelled(operation).get(code)
    if shape is None:
        return
    known = {name.lower(): member for name, member in shape.members.items()}
    for key, item in value.items():
        if key.lower() in ("message", "__type"):
            continue
        if key.lower() not in known:
            yield f"{code}.{key}", "unknown member"
        elif item is not None:
            yield from shapes.json(known[key.lower()], item, f"{code}.{key}")


def _modelled(operation):
    """Code on the wire to shape, of the errors that the operation declares."""
    return {shape.metadata.get("error", {}).get("code", shape.name): shape for shape in operation.error_shapes}


def _code(operation, status, code, common):
    shape = _modelled(operation).get(code)
    if shape is not None:
        fault = 500 if shape._shape_model.get("fault") else 400
        due = {shape.metadata.get("error", {}).get("httpStatusCode", fault)}
    else:
        due = COMMON[common].get(code)
    if due is None:
        declared = ", ".join(sorted(_modelled(operation))) or "none"
        yield "error code", f"{code!r} is neither declared ({declared}) nor common"
    elif status not in due:
        yield "status", f"{status} for {code}, documented as {' or '.join(map(str, sorted(due)))}"
