"""What goes into the state machine (what happened) and what comes out of it (what to do), all plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from sandbox.automation.words import Signal

# --- what happened ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """The execution was started."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Succeeded:
    """An action gave a result (a JSON value)."""

    result: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """An action failed; ``result`` is what it gave nevertheless."""

    message: str
    result: object = None


Outcome: TypeAlias = Succeeded | Failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """An action that was handed out came back."""

    at: datetime
    ticket: int
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class TimePassed:
    """Nothing but time has passed."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Signalled:
    """A principal sent a signal."""

    at: datetime
    signal: Signal
    principal: str
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """A principal stopped the execution (StopAutomationExecution, type Cancel)."""

    at: datetime


Happening: TypeAlias = Begun | Reported | TimePassed | Signalled | Stopped

# --- what to do ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CallApi:
    """Call an AWS operation; the result is its response."""

    service: str
    api: str
    arguments: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunScript:
    """Run a Python function on a payload; the result is ``{"Payload": what it returned}``."""

    script: str
    handler: str
    payload: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class InvokeFunction:
    """Invoke a Lambda function; the result holds StatusCode, Payload and so on."""

    arguments: Mapping[str, object]
    payload: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskApprovers:
    """Publish an approval request; there is no result."""

    topic_arn: str
    subject: str
    message: str


Act: TypeAlias = CallApi | RunScript | InvokeFunction | AskApprovers


@dataclass(frozen=True, slots=True, kw_only=True)
class Perform:
    """Perform an act as the role; report back with the ticket, within the seconds."""

    execution_id: str
    step: str
    ticket: int
    role_arn: str
    session_name: str
    seconds: int
    act: Act


@dataclass(frozen=True, slots=True, kw_only=True)
class Interrupt:
    """Stop performing what was handed out with the ticket."""

    execution_id: str
    ticket: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Announce:
    """Put a status-change event on the event bus."""

    detail_type: str
    detail: Mapping[str, object]
    resources: tuple[str, ...]


Effect: TypeAlias = Perform | Interrupt | Announce
