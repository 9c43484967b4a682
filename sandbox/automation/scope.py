"""What the references of a runbook stand for, at one moment of one execution."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.automation.variables import Lookup, Unresolved, resolve

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sandbox.automation.execution import Execution, Place

NO_OUTPUT: Final = "No output available yet because the step is not successfully executed"
"""What a document output reads when its step gave none."""

GLOBALS: Final = frozenset({"ACCOUNT_ID", "REGION", "AWS_PARTITION", "DATE", "DATE_TIME"})


def lookup_at(execution: Execution, at: datetime) -> Lookup:
    """Returns the look-up of the execution's references; time variables are those of ``at``."""

    def lookup(name: str) -> object:
        if name == "automation:EXECUTION_ID":
            return execution.id
        if name.startswith("global:"):
            return global_value(name.removeprefix("global:"), execution.place, at)
        values, key = _values(execution, name)
        if values.get(key) is None:
            raise Unresolved(name)
        return values[key]

    return lookup


def _values(execution: Execution, name: str) -> tuple[Mapping[str, object], str]:
    step, dot, output = name.partition(".")
    if not dot:
        return execution.parameters, name
    return execution.steps[step].outputs, output


def global_value(name: str, place: Place, at: datetime) -> str:
    """Returns the value of a ``global:`` variable."""
    values = {
        "ACCOUNT_ID": place.account,
        "REGION": place.region,
        "AWS_PARTITION": place.partition,
        "DATE": f"{at:%Y-%m-%d}",
        "DATE_TIME": f"{at:%Y-%m-%d_%H.%M.%S}",
    }
    return values[name]


def lenient(lookup: Lookup) -> Lookup:
    """Returns the look-up with None for what has no value."""

    def found(name: str) -> object:
        try:
            return lookup(name)
        except Unresolved:
            return None

    return found


def document_outputs(execution: Execution, at: datetime) -> Mapping[str, object]:
    """Returns the values of the document's outputs; AWS's sentence for those without one."""
    found = lenient(lookup_at(execution, at))
    values = {name: found(name) for name in execution.document.outputs}
    return {name: NO_OUTPUT if value is None else value for name, value in values.items()}


def role_arn(text: str, parameters: Mapping[str, object], place: Place, at: datetime) -> str:
    """Returns the ARN that a document's assumeRole stands for.

    Raises:
        Unresolved: It refers to a parameter without a value.

    """

    def lookup(name: str) -> object:
        if name.startswith("global:"):
            return global_value(name.removeprefix("global:"), place, at)
        if parameters.get(name) is None:
            raise Unresolved(name)
        return parameters[name]

    return str(resolve(text, lookup))
