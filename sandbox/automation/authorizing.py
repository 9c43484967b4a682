"""Which actions on which resources a call needs: for the server, which authorizes before it calls ``handle``.

StartAutomationExecution is authorized on the document, whichever version is named, on the execution that it makes
(AWS: systems-manager userguide, "Setting up identity based policies examples", and the service authorization
reference, which calls the automation definition optional), and on iam:PassRole for the document's assumeRole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.automation.execution import Place

NEW_EXECUTION: Final = "automation-execution/00000000-0000-0000-0000-000000000000"
"""Stands for the execution that a call would make; policies name it ``automation-execution/*``."""

_ON_EXECUTION: Final = frozenset(
    {"GetAutomationExecution", "DescribeAutomationStepExecutions", "StopAutomationExecution", "SendAutomationSignal"}
)
_ON_NOTHING: Final = frozenset({"DescribeAutomationExecutions", "ListDocuments"})


def resources(operation: str, payload: Mapping[str, object], place: Place) -> list[str]:
    """Returns the ARNs that ``ssm:<operation>`` must be allowed on; ``*`` for an operation without resources."""
    if operation in _ON_NOTHING:
        return ["*"]
    if operation in _ON_EXECUTION:
        return [place.ssm_arn(f"automation-execution/{payload.get('AutomationExecutionId', '')}")]
    if operation == "StartAutomationExecution":
        return [_document(payload.get("DocumentName"), place), place.ssm_arn(NEW_EXECUTION)]
    if operation == "GetCalendarState":
        names = payload.get("CalendarNames")
        return [_document(name, place) for name in names] if isinstance(names, list) and names else ["*"]
    return [_document(payload.get("Name"), place)]


def _document(name: object, place: Place) -> str:
    text = str(name or "")
    return text if text.startswith("arn:") else place.ssm_arn(f"document/{text}")
