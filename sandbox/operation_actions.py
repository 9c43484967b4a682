"""The IAM action and resource of an operation that MiniStack knows neither of, from the service's model alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redress.domain.event_actions_prefixes import PREFIXES
from sandbox.request_parameters import parameters_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox.exchange import Call
    from sandbox.service_models import Operation


def action_of_operation(operation: Operation) -> str:
    """Returns the action of the same name, as most operations have it."""
    service = operation.service
    return f"{PREFIXES.get(service.endpoint, service.signing)}:{operation.name}"


def named_resource(call: Call, operation: Operation) -> str:
    """Returns the one ARN of the service that the request's own parameters name, or ``*`` for none or several."""
    prefix = action_of_operation(operation).partition(":")[0]
    found = {arn for arn in _arns(parameters_of(call, operation)) if arn.split(":")[2] == prefix}
    return found.pop() if len(found) == 1 else "*"


def _arns(parameters: Mapping[str, object]) -> Iterator[str]:
    for value in parameters.values():
        if isinstance(value, str) and value.startswith("arn:") and value.count(":") > 4:  # noqa: PLR2004 - six fields
            yield value
