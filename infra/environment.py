"""The environment variables of the functions, and their limit."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from aws_cdk import Stack

from infra.knobs import DEFAULTS, RUNTIME_NAMES, KnobError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import IConstruct

    from infra.knobs import Knobs

MAX_BYTES: Final = 4_096
"""All variables of a function together (Lambda quota)."""
LONGEST_REFERENCE: Final = 160
"""More than any ARN, name or URL of the stack's resources takes."""
_PSEUDO: Final = {"AWS::AccountId": 12, "AWS::Region": 16, "AWS::Partition": 12, "AWS::URLSuffix": 24}


def settings_json(scope: IConstruct, knobs: Knobs) -> str:
    """Returns ``REDRESS_SETTINGS``: the knobs of the functions that differ from their defaults, as JSON."""
    chosen = {name: value for name, value in asdict(knobs).items() if name in RUNTIME_NAMES and value != DEFAULTS[name]}
    lists = {name: list(value) if isinstance(value, tuple) else value for name, value in chosen.items()}
    return Stack.of(scope).to_json_string(lists)


def refuse_large(scope: IConstruct, function: str, variables: Mapping[str, str]) -> None:
    """Refuses variables that Lambda would refuse at deployment.

    Raises:
        KnobError: They may take more than 4 KB.

    """
    size = sum(len(name) + measure(Stack.of(scope).resolve(value)) for name, value in variables.items())
    if size > MAX_BYTES:
        raise KnobError(
            f"the settings of function {function} take up to {size} bytes of environment, Lambda allows {MAX_BYTES}: "
            "shorten `ceiling_policy`, `protected_principals` or the lists of people"
        )


def measure(value: Any) -> int:  # noqa: ANN401 - a resolved CloudFormation value
    """Returns the most bytes that a resolved value, intrinsic functions included, can take."""
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, dict) and "Fn::Join" in value:
        separator, parts = value["Fn::Join"]
        return sum(measure(part) + len(separator) for part in parts)
    if isinstance(value, dict):
        return _PSEUDO.get(str(value.get("Ref")), LONGEST_REFERENCE)
    return len(json.dumps(value))
