"""Which operation of which service a request is, read from the service models that the AWS CLI ships.

Nothing here is a table of known services: the signature names the service, the service's
model names its operations, and the protocol says where in the request the name stands.
"""

from __future__ import annotations

import functools
import gzip
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

import botocore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.exchange import Call

_DATA: Final = Path(botocore.__file__).parent / "data"
_HEAD: Final = 8192
"""A model's metadata stands within its first bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One service model.

    Attributes:
        name: The SDK's name (``stepfunctions``).
        endpoint: Its endpoint prefix (``states``); CloudTrail's event source mostly starts with it.
        signing: The name that signatures carry.
        target: What ``X-Amz-Target`` starts with, or empty.
        version: The API version, which query requests carry.

    """

    name: str
    endpoint: str
    signing: str
    target: str
    version: str
    protocol: str
    path: Path

    @property
    def model(self) -> Mapping[str, Any]:
        """Returns the whole model, read once."""
        return _model(self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation of a service, as its model describes it."""

    service: Service
    name: str
    labels: Mapping[str, str]
    """Values of the URI's labels, decoded."""

    @property
    def definition(self) -> Mapping[str, Any]:
        """Returns the operation's part of the model; empty for one the model does not know."""
        found: Mapping[str, Any] = self.service.model["operations"].get(self.name, {})
        return found

    @property
    def input_shape(self) -> str | None:
        """Returns the name of the input's shape, or None."""
        shape: str | None = self.definition.get("input", {}).get("shape")
        return shape


def operation_of(call: Call) -> Operation | None:
    """Returns the operation that the call asks for, or None if no model knows it."""
    candidates = _candidates(call)
    return _by_target(call, candidates) or _by_action(call, candidates) or _by_route(call, candidates)


def services() -> tuple[Service, ...]:
    """Returns every service model there is, its metadata only."""
    return _services()


@functools.cache
def _services() -> tuple[Service, ...]:
    found = (_service(folder) for folder in sorted(_DATA.iterdir()) if folder.is_dir())
    return tuple(service for service in found if service is not None)


def _service(folder: Path) -> Service | None:
    models = sorted(folder.glob("*/service-2.json*"))
    if not models:
        return None
    meta = _metadata(models[-1])
    endpoint = str(meta.get("endpointPrefix", folder.name))
    return Service(
        name=folder.name,
        endpoint=endpoint,
        signing=str(meta.get("signingName", endpoint)),
        target=str(meta.get("targetPrefix", "")),
        version=str(meta.get("apiVersion", "")),
        protocol=str(meta.get("protocol", "")),
        path=models[-1],
    )


def _metadata(path: Path) -> Mapping[str, Any]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rb") as file:
        head = file.read(_HEAD).decode("utf-8", "replace")
    start = re.search(r'"metadata"\s*:\s*', head)
    if start is None:
        found: Mapping[str, Any] = _model(path).get("metadata", {})
        return found
    meta, _ = json.JSONDecoder().raw_decode(head, start.end())
    return dict(meta)


@functools.lru_cache(maxsize=64)
def _model(path: Path) -> Mapping[str, Any]:
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    model: Mapping[str, Any] = json.loads(raw)
    return model


def _candidates(call: Call) -> tuple[Service, ...]:
    credential = call.credential
    signed = credential.service if credential else "s3"  # unsigned requests are S3's
    found = [service for service in services() if signed in {service.signing, service.endpoint}]
    return tuple(sorted(found, key=lambda service: service.name != signed))  # ``rds`` before ``docdb``


def _by_target(call: Call, candidates: tuple[Service, ...]) -> Operation | None:
    target, dot, name = call.headers.get("x-amz-target", "").rpartition(".")
    cbor = re.fullmatch(r"/service/([^/]+)/operation/([^/]+)", call.path)
    if cbor:
        target, dot, name = cbor[1], ".", cbor[2]
    if not dot:
        return None
    for service in (*candidates, *services()):
        if service.target and service.target == target:
            return Operation(service=service, name=name, labels={})
    return Operation(service=candidates[0], name=name, labels={}) if candidates else None


def _by_action(call: Call, candidates: tuple[Service, ...]) -> Operation | None:
    form = call.form
    name, version = (form.get(key, [""])[0] for key in ("Action", "Version"))
    if not name:
        return None
    ranked = sorted(candidates, key=lambda service: service.version != version)
    return next((Operation(service=service, name=name, labels={}) for service in ranked), None)


def _by_route(call: Call, candidates: tuple[Service, ...]) -> Operation | None:
    found = [
        (score, Operation(service=service, name=route.name, labels=labels))
        for service in candidates
        for route in _routes(service)
        for score, labels in route.match(call)
    ]
    return max(found, key=lambda pair: pair[0], default=(0, None))[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Route:
    name: str
    method: str
    path: re.Pattern[str]
    query: Mapping[str, str]
    headers: frozenset[str]
    literals: int
    deprecated: bool

    def match(self, call: Call) -> Iterator[tuple[tuple[int, bool], Mapping[str, str]]]:
        """Yields how well the call fits, and its labels, if it does."""
        fits = call.method == self.method and self.path.fullmatch(call.raw_path)
        if fits and self.headers <= call.headers.keys() and all(map(call.query.__contains__, self.query)):
            wanted = all(not value or value in call.query[name] for name, value in self.query.items())
            if wanted:
                score = self.literals + len(self.query) + len(self.headers)
                yield (score, not self.deprecated), {key: unquote(value) for key, value in fits.groupdict().items()}


@functools.lru_cache(maxsize=64)
def _routes(service: Service) -> tuple[_Route, ...]:
    if not service.protocol.startswith("rest"):
        return ()
    return tuple(_route(service, name, definition) for name, definition in service.model["operations"].items())


def _route(service: Service, name: str, definition: Mapping[str, Any]) -> _Route:
    path, _, query = definition["http"]["requestUri"].partition("?")
    wanted = dict(part.partition("=")[::2] for part in query.split("&") if part and not part.startswith("x-id"))
    shape = service.model["shapes"].get(definition.get("input", {}).get("shape"), {})
    required = {member: shape["members"][member] for member in shape.get("required", ())}
    for member in required.values():
        if member.get("location") == "querystring":
            wanted.setdefault(member["locationName"], "")
    headers = (m["locationName"].lower() for m in required.values() if m.get("location") == "header")
    return _Route(
        name=name,
        method=definition["http"]["method"],
        path=_pattern(path),
        query=wanted,
        headers=frozenset(headers),
        literals=sum(1 for part in path.split("/") if part and "{" not in part),
        deprecated=bool(definition.get("deprecated")),
    )


def _pattern(path: str) -> re.Pattern[str]:
    text = "".join(_label(part) for part in re.split(r"(\{[^}]+\})", path.rstrip("/")))
    return re.compile(f"{text}/?")


def _label(part: str) -> str:
    if not part.startswith("{"):
        return re.escape(part)
    name = re.sub(r"\W", "_", part.strip("{}+"))
    return f"(?P<{name}>.+)" if part.endswith("+}") else f"(?P<{name}>[^/]+)"
