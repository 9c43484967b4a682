"""The only door to MiniStack's insides: what the sandbox reads, replaces and calls there.

MiniStack looks its enforcement functions up at each request, so replacing a module's
attribute is enough to hear of every decision, with the exact values it was made on.
"""

from __future__ import annotations

import contextvars
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ministack import app as ministack_app
from ministack.core import iam_actions, iam_evaluator, responses
from ministack.core.concurrency import spawn_background
from ministack.services import eventbridge, lambda_svc

from sandbox.exchange import Call

if not ministack_app.AUTH:
    raise RuntimeError("MiniStack was imported without AUTH=true: start the sandbox through sandbox.server")

MINISTACK: Final = ministack_app.app
EVENTBRIDGE: Final = eventbridge
LAMBDA: Final = lambda_svc
IAM_ACTIONS: Final = iam_actions
background: Final = spawn_background


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """One decision against a request, as MiniStack made it.

    Attributes:
        service: MiniStack's name of the service.
        resource: The ARN it was evaluated on, or ``*``.
        context: Condition keys of the request, lower case.
        resource_policy: Whether the resource's own policy holds the Deny that decided.

    """

    access_key: str
    principal: str
    action: str
    service: str
    region: str
    resource: str
    context: Mapping[str, Any]
    explicit: bool
    resource_policy: bool


@dataclass(slots=True)
class Heard:
    """Every decision against one request, in order; the last is the one that was answered."""

    call: Call | None = None
    denials: list[Denial] = field(default_factory=list)
    message: str | None = None
    """The completed text that the client was given."""

    @property
    def last(self) -> Denial | None:
        """Returns the newest decision, or None."""
        return self.denials[-1] if self.denials else None


_HEARD: Final[contextvars.ContextVar[Heard | None]] = contextvars.ContextVar("redress_heard", default=None)


def listen(call: Call | None = None) -> Heard:
    """Returns what will hold the decisions against the request of this context."""
    heard = Heard(call=call)
    _HEARD.set(heard)
    return heard


def heard() -> Heard | None:
    """Returns what this context's request has been denied so far, or None outside a request."""
    return _HEARD.get()


def source_ip() -> str:
    """Returns the address that this context's request came from."""
    return str(iam_evaluator._request_origin.get()[0])  # noqa: SLF001


def account() -> str:
    """Returns the account of this context's request."""
    return str(responses.get_account_id())


def region() -> str:
    """Returns the Region of this context's request."""
    return str(responses.get_region())


def enter(call: Call) -> None:
    """Pins the call's account, Region, origin and signature, as MiniStack does for its own requests."""
    credential = call.credential
    if credential:
        responses.set_request_account_id(_account_of_key(credential.access_key))
        responses.set_request_region(credential.region)
    _pin_origin(call.client)
    iam_evaluator.pin_signed_request(call.method, call.raw_path, dict(call.query), list(call.raw_headers))
    iam_evaluator.pin_signed_body(call.body)


def _pin_origin(source_ip: str, secure: bool = True) -> None:  # noqa: FBT001, FBT002 - MiniStack's own signature
    """Pins the caller's address; the loopback stands for the TLS that every call to AWS comes over."""
    del secure
    iam_evaluator.pin_request_origin(source_ip, True)  # noqa: FBT003 - MiniStack's own signature


ministack_app.pin_request_origin = _pin_origin


def _account_of_key(access_key: str) -> str:
    return iam_evaluator.find_iam_access_key_account(access_key) or access_key


def is_root(access_key: str) -> bool:
    """Returns whether a key is the account root's."""
    return bool(iam_evaluator.is_root_access_key(access_key))


def authorize(call: Call, action: str, service: str, resource: str, context: Mapping[str, str]) -> Any:  # noqa: ANN401
    """Returns None if the caller may, else MiniStack's AuthError or EvalResult; the context must be entered."""
    credential = call.credential
    key = credential.access_key if credential else ""
    return iam_evaluator.enforce(key, action, service, region(), resource, dict(context))


def put_event(entry: Mapping[str, Any]) -> None:
    """Puts one event on the default bus as AWS services do, whose sources no client may use."""
    eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)  # noqa: SLF001


def refusal(call: Call, action: str, service: str, denied: Any, resource: str, request_id: str) -> Any:  # noqa: ANN401
    """Returns MiniStack's (status, headers, body) for what ``authorize`` returned."""
    if isinstance(denied, iam_evaluator.AuthError):
        return iam_actions.access_denied_response(
            service, action, "", request_id, error_code=denied.code, message=denied.message, headers=dict(call.headers)
        )
    return iam_actions.access_denied_response(
        service,
        action,
        denied.principal_arn,
        request_id,
        headers=dict(call.headers),
        resource_arn=resource,
        explicit_deny=denied.decision == "Deny",
        resource_policy_arn=denied.resource_policy_arn,
    )
