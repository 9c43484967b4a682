"""Requests as an SDK would send them, for any operation of any service, from the service's model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from botocore.serialize import create_serializer

from sandbox.exchange import Call

if TYPE_CHECKING:
    from botocore.model import OperationModel, ServiceModel

_DEPTH = 8
_SCALARS: dict[str, Any] = {
    "integer": 1,
    "long": 1,
    "float": 1.5,
    "double": 1.5,
    "boolean": True,
    "blob": b"xx",
    "timestamp": 1_700_000_000,
}


def call_of(service: ServiceModel, operation: OperationModel) -> Call:
    """Returns the signed request of an operation with its required parameters."""
    parameters = _value(operation.input_shape, 0) if operation.input_shape else {}
    serializer = create_serializer(service.resolved_protocol, include_validation=False)
    sent = serializer.serialize_to_request(parameters, operation)
    split = urlsplit(sent["url_path"])
    headers = {name.lower(): str(value) for name, value in sent["headers"].items()}
    scope = f"AKIAIOSFODNN7EXAMPLE/20260101/us-east-1/{service.signing_name}/aws4_request"
    body = sent["body"]
    if isinstance(body, dict):
        body, headers["content-type"] = urlencode(body), "application/x-www-form-urlencoded"
    return Call(
        method=sent["method"],
        path=unquote(split.path),
        raw_path=split.path,
        query=_query(split.query, sent["query_string"]),
        headers={**headers, "authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host"},
        raw_headers=(),
        body=body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else b"",
        client="127.0.0.1",
    )


def _query(of_path: str, more: Any) -> dict[str, list[str]]:  # noqa: ANN401 - botocore's own
    found = parse_qs(of_path, keep_blank_values=True)
    for name, value in more.items() if isinstance(more, dict) else more:
        found.setdefault(name, []).extend(value if isinstance(value, list) else [str(value)])
    return found


def _value(shape: Any, depth: int) -> Any:  # noqa: ANN401 - botocore's shapes differ by kind
    kind = shape.type_name
    if kind == "structure":
        members = shape.members if depth < _DEPTH else {}
        return {name: _value(of, depth + 1) for name, of in members.items() if name in shape.required_members}
    if kind == "list":
        return [_value(shape.member, depth + 1)] if depth < _DEPTH else []
    if kind == "map":
        return {_value(shape.key, depth + 1): _value(shape.value, depth + 1)} if depth < _DEPTH else {}
    return _SCALARS.get(kind) or (shape.enum[0] if getattr(shape, "enum", None) else "value1")
