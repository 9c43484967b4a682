"""Denials as the client reads them: worded by the layer that decided, with the resource named.

MiniStack words every denial as one of an identity policy, and mostly leaves the resource out.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from sandbox.decode import seal
from sandbox.denial_text import EC2_ENCODED, EC2_PREFIX, denial_text
from sandbox.emulator import IAM_ACTIONS, heard, source_ip
from sandbox.ruling import rule

if TYPE_CHECKING:
    from sandbox.emulator import Denial

_respond: Final = IAM_ACTIONS.access_denied_response
_Response = tuple[int, dict[str, str], bytes]
_WORDS_ITS_OWN: Final = frozenset({"ssm", "logs"})


def _completed_response(service: str, action: str, principal_arn: str, request_id: str, **told: Any) -> _Response:  # noqa: ANN401
    listener = heard()
    denial = listener.last if listener else None
    if listener is None or denial is None or told.get("error_code"):
        response: _Response = _respond(service, action, principal_arn, request_id, **told)
        return response
    listener.message = message = complete(denial)
    response = _respond(service, action, principal_arn, request_id, **{**told, "message": message})
    return _reworded(response, message) if service in _WORDS_ITS_OWN else response


def _reworded(response: _Response, message: str) -> _Response:
    status, headers, body = response
    return status, headers, json.dumps({**json.loads(body), "Message": message}).encode()


def complete(denial: Denial) -> str:
    """Returns the denial in AWS's current wording; EC2's with an encoded message that STS will decode."""
    ruling = rule(denial, source_ip=source_ip())
    text = denial_text(denial.principal, denial.action, denial.resource, ruling)
    if denial.service != "ec2":
        return text
    return f"{EC2_PREFIX}{text}{EC2_ENCODED}{seal(denial, ruling)}"


def install() -> None:
    """Makes MiniStack answer denials with completed texts."""
    IAM_ACTIONS.access_denied_response = _completed_response
