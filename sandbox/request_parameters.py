"""The parameters of a request, read by its protocol, and written as CloudTrail records them."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree as ET

from botocore.parsers import RpcV2CBORParser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.exchange import Call
    from sandbox.service_models import Operation

HIDDEN: Final = "HIDDEN_DUE_TO_SECURITY_REASONS"
# Members that CloudTrail hides or leaves out although no model marks them sensitive.
_HIDDEN_NAMES: Final = frozenset(
    {"password", "masteruserpassword", "secretstring", "secretbinary", "authtoken", "messagebody", "smsmessage"}
)
_LEFT_OUT: Final[Mapping[tuple[str, str], frozenset[str]]] = {
    ("dynamodb", "PutItem"): frozenset({"Item"}),
    ("kms", "Encrypt"): frozenset({"Plaintext"}),
    ("lambda", "Invoke"): frozenset({"Payload"}),
    ("sns", "Publish"): frozenset({"Message"}),
    ("ssm", "PutParameter"): frozenset({"Value"}),
}
_DEPTH: Final = 12


def parameters_of(call: Call, operation: Operation | None) -> dict[str, Any]:
    """Returns the request's parameters by their names in the service's model; empty where nothing can be read."""
    if operation is None or operation.input_shape is None:
        return {}
    shapes: Mapping[str, Any] = operation.service.model["shapes"]
    if call.headers.get("x-amz-target"):
        return _json(call.body)
    if "cbor" in call.headers.get("content-type", ""):
        return _cbor(call.body)
    if call.form.get("Action"):
        flat = {name: values[0] for name, values in call.form.items() if values}
        ec2 = operation.service.protocol == "ec2"
        return _Form(flat, shapes, ec2=ec2).structure(operation.input_shape, "")
    return _rest(call, operation, shapes)


def recorded(parameters: Mapping[str, Any], operation: Operation | None) -> dict[str, Any] | None:
    """Returns the parameters as CloudTrail writes them, secrets hidden; None where there are none."""
    if operation is None or not parameters:
        return None
    dropped = _LEFT_OUT.get((operation.service.name, operation.name), frozenset())
    shapes: Mapping[str, Any] = operation.service.model["shapes"]
    kept = {name: HIDDEN if name in dropped else value for name, value in parameters.items()}
    if operation.service.name == "dynamodb":
        kept = {name: value for name, value in kept.items() if name not in dropped}
    writer = _Ec2Writer(shapes) if operation.service.protocol == "ec2" else _Writer(shapes)
    written: dict[str, Any] = writer.value(kept, operation.input_shape, 0)
    if operation.service.name == "s3":
        written = {{"bucket": "bucketName"}.get(name, name): value for name, value in written.items()}
    return written


def _json(body: bytes) -> dict[str, Any]:
    try:
        read = json.loads(body or b"{}")
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def _cbor(body: bytes) -> dict[str, Any]:
    if not body:
        return {}
    try:
        read = RpcV2CBORParser().parse_data_item(io.BufferedReader(io.BytesIO(body)))
    except (ValueError, KeyError, IndexError):
        return {}
    return read if isinstance(read, dict) else {}


def _rest(call: Call, operation: Operation, shapes: Mapping[str, Any]) -> dict[str, Any]:
    shape = shapes[operation.input_shape or ""]
    found: dict[str, Any] = {}
    for name, member in shape.get("members", {}).items():
        found.update((name, value) for value in _located(call, operation, member) if value)
    return {**found, **_payload(call, operation, shape, shapes)}


def _located(call: Call, operation: Operation, member: Mapping[str, Any]) -> Iterator[Any]:
    wire = member.get("locationName", "")
    match member.get("location"):
        case "uri":
            yield operation.labels.get(re.sub(r"\W", "_", wire))
        case "querystring":
            yield next(iter(call.query.get(wire, ())), None)
        case "header":
            yield call.headers.get(wire.lower())


def _payload(call: Call, operation: Operation, shape: Mapping[str, Any], shapes: Mapping[str, Any]) -> dict[str, Any]:
    payload = shape.get("payload")
    if payload and shapes[shape["members"][payload]["shape"]]["type"] != "structure":
        return {}  # an object's bytes
    body = _json(call.body) if operation.service.protocol == "rest-json" else _xml(call.body)
    if payload:
        return {payload: body} if body else {}
    by_wire = {m.get("locationName", name): name for name, m in shape.get("members", {}).items()}
    return {by_wire.get(name, name): value for name, value in body.items()}


def _xml(body: bytes) -> dict[str, Any]:
    if not body.lstrip().startswith(b"<") or b"<!" in body:  # no entities, so nothing that could grow
        return {}
    try:
        read = _element(ET.fromstring(body), 0)  # noqa: S314 - declarations are refused above
    except ET.ParseError:
        return {}
    return read if isinstance(read, dict) else {}


def _element(element: Any, depth: int) -> Any:  # noqa: ANN401 - an XML element of any kind
    if not len(element) or depth > _DEPTH:
        return element.text or ""
    found: dict[str, Any] = {}
    for child in element:
        name, value = child.tag.rpartition("}")[2], _element(child, depth + 1)
        found[name] = [*_listed(found[name]), value] if name in found else value
    return found


def _listed(value: Any) -> list[Any]:  # noqa: ANN401
    return value if isinstance(value, list) else [value]


class _Form:
    """A form-encoded request of the query protocol, unflattened along its shapes."""

    def __init__(self, flat: Mapping[str, str], shapes: Mapping[str, Any], *, ec2: bool) -> None:
        self._flat = flat
        self._shapes = shapes
        self._ec2 = ec2

    def structure(self, shape: str, prefix: str, depth: int = 0) -> dict[str, Any]:
        """Returns the members of a structure whose parameters start with the prefix."""
        found = {}
        for name, member in self._shapes[shape].get("members", {}).items():
            value = self._value(member, f"{prefix}{self._wire(name, member)}", depth + 1)
            if value not in (None, [], {}):
                found[name] = value
        return found

    def _wire(self, name: str, member: Mapping[str, Any]) -> str:
        if self._ec2:
            wire = member.get("queryName") or member.get("locationName", name)
            return str(wire[:1].upper() + wire[1:])
        return str(member.get("locationName", name))

    def _value(self, member: Mapping[str, Any], name: str, depth: int) -> Any:  # noqa: ANN401
        shape = self._shapes[member["shape"]]
        if depth > _DEPTH or not any(key == name or key.startswith(f"{name}.") for key in self._flat):
            return None
        match shape["type"]:
            case "structure":
                return self.structure(member["shape"], f"{name}.", depth)
            case "list":
                return self._list(shape, name, depth)
            case "map":
                return self._map(shape, name, depth)
            case _:
                return self._flat.get(name)

    def _list(self, shape: Mapping[str, Any], name: str, depth: int) -> list[Any]:
        flattened = self._ec2 or shape.get("flattened")
        base = name if flattened else f"{name}.{shape['member'].get('locationName', 'member')}"
        numbers = {key[len(base) + 1 :].split(".")[0] for key in self._flat if key.startswith(f"{base}.")}
        ordered = sorted((number for number in numbers if number.isdigit()), key=int)
        return [self._value(shape["member"], f"{base}.{number}", depth + 1) for number in ordered]

    def _map(self, shape: Mapping[str, Any], name: str, depth: int) -> dict[str, Any]:
        base = name if shape.get("flattened") else f"{name}.entry"
        key_name, value_name = shape["key"].get("locationName", "key"), shape["value"].get("locationName", "value")
        found, number = {}, 1
        while (key := self._flat.get(f"{base}.{number}.{key_name}")) is not None:
            found[key] = self._value(shape["value"], f"{base}.{number}.{value_name}", depth + 1)
            number += 1
        return found


class _Writer:
    """Parameters as CloudTrail spells them: member names begin in lower case, secrets are hidden."""

    def __init__(self, shapes: Mapping[str, Any]) -> None:
        self._shapes = shapes

    def value(self, value: Any, shape_name: str | None, depth: int) -> Any:  # noqa: ANN401
        """Returns one value of a shape; what the model does not know is written as it came."""
        shape = self._shapes.get(shape_name or "", {})
        if shape.get("sensitive"):
            return HIDDEN
        if isinstance(value, Mapping) and shape.get("type") == "structure":
            return self._structure(value, shape, depth)
        if isinstance(value, Mapping) and shape.get("type") == "map":
            return {key: self.value(item, shape["value"]["shape"], depth + 1) for key, item in value.items()}
        if isinstance(value, list) and shape.get("type") == "list":
            return [self.value(item, shape["member"]["shape"], depth + 1) for item in value]
        return value if isinstance(value, (str, int, float, bool, dict, list, type(None))) else str(value)

    def _structure(self, value: Mapping[str, Any], shape: Mapping[str, Any], depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, item in value.items():
            member = shape.get("members", {}).get(name, {})
            if self._shapes.get(member.get("shape", ""), {}).get("type") == "blob" and depth == 0:
                continue  # CloudTrail keeps no content
            hidden = name.lower() in _HIDDEN_NAMES
            written = HIDDEN if hidden else self.value(item, member.get("shape"), depth + 1)
            found.update([self.member(name, written, member)])
        return found

    def member(self, name: str, value: Any, member: Mapping[str, Any]) -> tuple[str, Any]:  # noqa: ANN401
        """Returns one member's recorded name and value."""
        del member
        return name[:1].lower() + name[1:], value


class _Ec2Writer(_Writer):
    """EC2's lists are recorded as sets of items: ``instancesSet: {items: [{instanceId: …}]}``."""

    def member(self, name: str, value: Any, member: Mapping[str, Any]) -> tuple[str, Any]:  # noqa: ANN401
        """Returns one member's recorded name and value, a list as a set."""
        lower = name[:1].lower() + name[1:]
        if not isinstance(value, list):
            return lower, value
        singular = str(self._shapes.get(member.get("shape", ""), {}).get("member", {}).get("locationName", "item"))
        plural = f"{lower[:-3]}s" if lower.endswith("Ids") else lower.removesuffix("s")
        inner = f"{lower[:-3]}Id" if lower.endswith("Ids") else singular[:1].lower() + singular[1:]
        items = [item if isinstance(item, dict) else {inner: item} for item in value]
        return f"{plural}Set", {"items": items}
