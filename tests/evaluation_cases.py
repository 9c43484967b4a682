"""Evaluation cases as JSON: what the case files, the generated cases and the benchmark share.

{"request": {"caller", "issuer"?, "action", "resource", "account"?, "context"?, "absent"?, "complete"?,
             "stands_for_many"?},
 "policies": {"identity"?: [document], "resource"?: document, "boundary"?: [document], "session"?: [document],
              "service_control"?: [[document]], "resource_control"?: [[document]], "vpc_endpoint"?: [document],
              "unreadable"?: [layer]}}
Policies are named by their place: ``identity[0]``, ``service_control[1][0]``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from redress.domain.policies import Policies
from redress.domain.policy_json import Policy, parse_policy
from redress.domain.request import Request, caller_of
from redress.domain.words import Layer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Json = dict[str, Any]


def request_of(given: Mapping[str, Any]) -> Request:
    """Returns the request of a case."""
    issuer = given.get("issuer")
    return Request(
        caller=caller_of(given["caller"], role_arn=issuer, user_arn=issuer),
        action=given["action"],
        resource=given["resource"],
        resource_account=given.get("account"),
        context={key: _values(value) for key, value in given.get("context", {}).items()},
        absent=frozenset(given.get("absent", ())),
        complete=given.get("complete", True),
        stands_for_many=given.get("stands_for_many", False),
    )


def _values(value: object) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, list) else (str(value),)


def policies_of(given: Mapping[str, Any]) -> Policies:
    """Returns the parsed policies of a case."""
    resource = given.get("resource")
    return Policies(
        identity=_all("identity", given.get("identity", ())),
        resource=None if resource is None else parse_policy("resource", resource),
        boundary=_optional("boundary", given),
        session=_optional("session", given),
        service_control=_levels("service_control", given),
        resource_control=_levels("resource_control", given),
        vpc_endpoint=_optional("vpc_endpoint", given),
        unreadable=frozenset(Layer(name) for name in given.get("unreadable", ())),
    )


def _all(name: str, documents: Sequence[object]) -> tuple[Policy, ...]:
    return tuple(parse_policy(f"{name}[{index}]", document) for index, document in enumerate(documents))


def _optional(name: str, given: Mapping[str, Any]) -> tuple[Policy, ...] | None:
    return _all(name, given[name]) if name in given else None


def _levels(name: str, given: Mapping[str, Any]) -> tuple[tuple[Policy, ...], ...]:
    return tuple(_all(f"{name}[{index}]", level) for index, level in enumerate(given.get(name, ())))
