"""The IAM action of an operation that MiniStack does not know, from the service's model alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redress.domain.event_actions_prefixes import PREFIXES

if TYPE_CHECKING:
    from sandbox.service_models import Operation


def action_of_operation(operation: Operation) -> str:
    """Returns the action of the same name, as most operations have it."""
    service = operation.service
    return f"{PREFIXES.get(service.endpoint, service.signing)}:{operation.name}"
