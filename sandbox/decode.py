"""What an encoded authorization message says, and its encoded form.

Shape of the decoded text:
docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html and published samples.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from redress.domain.words import Effect
from sandbox import iam_state
from sandbox.sealing import encode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sandbox.emulator import Denial
    from sandbox.ruling import Ruling


def seal(denial: Denial, ruling: Ruling) -> str:
    """Returns the encoded message of a denial."""
    return encode(json.dumps(decoded_form(denial, ruling), separators=(",", ":")))


def decoded_form(denial: Denial, ruling: Ruling) -> dict[str, Any]:
    """Returns what the decoded message says."""
    explicit = ruling.effect is Effect.EXPLICIT_DENY
    return {
        "allowed": False,
        "explicitDeny": explicit,
        "matchedStatements": _items([_statement(denial, ruling)] if explicit else []),
        "failures": _items([]),
        "context": {
            "principal": _principal(denial),
            "action": denial.action.partition(":")[2],
            "resource": denial.resource,
            "conditions": _items(_conditions(denial)),
        },
    }


def _principal(denial: Denial) -> dict[str, str]:
    credential = iam_state.credential_of(denial.access_key)
    found = {"id": credential.principal_id if credential else ""}
    if credential and credential.principal_name:
        found["name"] = credential.principal_name
    return {**found, "arn": denial.principal}


def _statement(denial: Denial, ruling: Ruling) -> dict[str, Any]:
    return {
        "statementId": ruling.statement or "",
        "effect": "DENY",
        "principals": _items([{"value": _principal(denial)["id"].partition(":")[0]}]),
        "principalGroups": _items([]),
        "actions": _values(ruling.actions or (denial.action,)),
        "resources": _values(ruling.resources or ("*",)),
        "conditions": _items([{"key": key, "values": _values(values)} for key, values in ruling.conditions]),
    }


def _conditions(denial: Denial) -> list[dict[str, Any]]:
    known = {
        "aws:Region": denial.region,
        "aws:Service": denial.action.partition(":")[0],
        "aws:Resource": denial.resource.rpartition(":")[2],
        "aws:Account": denial.principal.split(":")[4],
        "aws:ARN": denial.resource,
    }
    asked = {key: value for key, value in denial.context.items() if value is not None}
    return [{"key": key, "values": _values(_listed(value))} for key, value in {**asked, **known}.items()]


def _listed(value: Any) -> Iterable[str]:  # noqa: ANN401 - a context value of any kind
    return [str(item) for item in value] if isinstance(value, (list, tuple)) else [str(value)]


def _values(values: Iterable[str]) -> Mapping[str, Any]:
    return _items([{"value": value} for value in values])


def _items(items: list[Any]) -> dict[str, Any]:
    return {"items": items}
