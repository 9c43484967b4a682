"""A runbook as values: what ``validate.problems`` has found nothing wrong with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, cast

from sandbox.automation.words import DEFAULT_SECONDS, Action, OnFailure, ValueType

STEP_PREFIX: Final = "step:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One declared parameter; it is required when it has no default."""

    name: str
    type: ValueType
    default: object = None
    allowed_values: tuple[object, ...] = ()
    allowed_pattern: str | None = None
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One declared step output: what the JSONPath selects from the step's result."""

    name: str
    selector: str
    type: ValueType


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step.

    Attributes:
        seconds: Time-out of one attempt, or None where the action has none.
        failure_step: Where to go on failure, when ``on_failure`` is STEP.
        cancel_step: Where to go when the automation is cancelled during this step, or None.
        following: The step after this one in ``mainSteps``, or None for the last.

    """

    name: str
    action: Action
    inputs: Mapping[str, object] = field(default_factory=dict)
    max_attempts: int = 1
    seconds: int | None = None
    on_failure: OnFailure = OnFailure.ABORT
    failure_step: str | None = None
    cancel_step: str | None = None
    next_step: str | None = None
    is_end: bool = False
    is_critical: bool = True
    outputs: tuple[Output, ...] = ()
    following: str | None = None

    @property
    def successor(self) -> str | None:
        """Returns the step that runs after this one succeeded, or None where the automation ends."""
        return None if self.is_end else self.next_step or self.following


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A runbook of schema 0.3."""

    description: str
    assume_role: str
    parameters: Mapping[str, Parameter]
    steps: Mapping[str, Step]
    outputs: tuple[str, ...]

    @property
    def first(self) -> str:
        """Returns the name of the step that the automation begins with."""
        return next(iter(self.steps))


def read(content: Mapping[str, object]) -> Document:
    """Returns the document of a content in which ``validate.problems`` found none."""
    raw = cast("Sequence[Mapping[str, object]]", content["mainSteps"])
    names = [str(step["name"]) for step in raw]
    steps = [_step(step, following) for step, following in zip(raw, [*names[1:], None], strict=True)]
    parameters = cast("Mapping[str, Mapping[str, object]]", content.get("parameters") or {})
    return Document(
        description=str(content.get("description", "")),
        assume_role=str(content["assumeRole"]),
        parameters={name: _parameter(name, spec) for name, spec in parameters.items()},
        steps={step.name: step for step in steps},
        outputs=tuple(cast("Sequence[str]", content.get("outputs") or ())),
    )


def _parameter(name: str, spec: Mapping[str, object]) -> Parameter:
    pattern = spec.get("allowedPattern")
    return Parameter(
        name=name,
        type=ValueType(str(spec["type"])),
        default=spec.get("default"),
        allowed_values=tuple(cast("Sequence[object]", spec.get("allowedValues") or ())),
        allowed_pattern=None if pattern is None else str(pattern),
        description=str(spec.get("description", "")),
    )


def _step(raw: Mapping[str, object], following: str | None) -> Step:
    action = Action(str(raw["action"]))
    on_failure, failure_step = _on_failure(str(raw.get("onFailure", OnFailure.ABORT)))
    return Step(
        name=str(raw["name"]),
        action=action,
        inputs=cast("Mapping[str, object]", raw.get("inputs") or {}),
        max_attempts=cast("int", raw.get("maxAttempts", 1)),
        seconds=cast("int | None", raw.get("timeoutSeconds", DEFAULT_SECONDS.get(action))),
        on_failure=on_failure,
        failure_step=failure_step,
        cancel_step=_target(raw.get("onCancel")),
        next_step=cast("str | None", raw.get("nextStep")),
        is_end=bool(raw.get("isEnd", False)),
        is_critical=bool(raw.get("isCritical", on_failure is not OnFailure.CONTINUE)),
        outputs=tuple(_output(output) for output in cast("Sequence[Mapping[str, str]]", raw.get("outputs") or ())),
        following=following,
    )


def _output(raw: Mapping[str, str]) -> Output:
    return Output(name=raw["Name"], selector=raw["Selector"], type=ValueType(raw["Type"]))


def _on_failure(text: str) -> tuple[OnFailure, str | None]:
    target = _target(text)
    return (OnFailure.STEP, target) if target else (OnFailure(text), None)


def _target(value: object) -> str | None:
    return value[len(STEP_PREFIX) :] if isinstance(value, str) and value.startswith(STEP_PREFIX) else None
