"""Denials as the client reads them: worded by the layer that decided, with the resource named.

MiniStack words every denial as one of an identity policy, and mostly leaves the resource out.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from sandbox import iam_state
from sandbox.decode import seal
from sandbox.denial_text import EC2_ENCODED, EC2_PREFIX, denial_text
from sandbox.emulator import IAM_ACTIONS, Denial, heard, region, source_ip
from sandbox.http_errors import error_of
from sandbox.ruling import rule, rule_trust

if TYPE_CHECKING:
    from sandbox.exchange import Call, Reply

_respond: Final = IAM_ACTIONS.access_denied_response
_Response = tuple[int, dict[str, str], bytes]
_TRUST: Final = re.compile(
    r"User: (?P<principal>\S*?) ?is not authorized to perform: (?P<action>sts:\w+) on resource: (?P<resource>arn:\S+)"
)
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


def complete_trust(call: Call, reply: Reply) -> Reply:
    """Returns STS's refusal to assume a role with the caller and the deciding policy named."""
    error, credential = error_of(reply), call.credential
    told = _TRUST.fullmatch(error.message or "") if error and error.denial else None
    if told is None or credential is None:
        return reply
    found = iam_state.credential_of(credential.access_key)
    denial = Denial(
        access_key=credential.access_key,
        principal=told["principal"] or (found.principal_arn if found else ""),
        action=told["action"],
        service="sts",
        region=region(),
        resource=told["resource"],
        context={},
        explicit=False,
        resource_policy=True,
    )
    text = denial_text(denial.principal, denial.action, denial.resource, rule_trust(denial, source_ip=call.client))
    return replace(reply, body=reply.body.replace(told[0].encode(), text.encode()))


def install() -> None:
    """Makes MiniStack answer denials with completed texts."""
    IAM_ACTIONS.access_denied_response = _completed_response
