"""IAM Access Analyzer on the wire: policy validation and the custom policy checks that text alone can answer.

Everything else is answered as unprocessable, which a caller must take for "no answer", as on an account
without access to the service.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from redress.domain.policy_error import MalformedPolicy
from redress.domain.policy_json import parse_policy
from sandbox.answers import Answer, new_request_id, refused
from sandbox.exchange import Reply
from sandbox.policy_checks import Grant, Unanswerable, access_not_granted, no_new_access, validate
from sandbox.request_parameters import parameters_of
from sandbox.service_models import operation_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.exchange import Call

SIGNING: Final = "access-analyzer"
IDENTITY: Final = "IDENTITY_POLICY"


def _validate(asked: Mapping[str, Any]) -> dict[str, Any]:
    return {"findings": validate(asked["policyDocument"])}


def _not_granted(asked: Mapping[str, Any]) -> dict[str, Any]:
    parse_policy("policyDocument", asked["policyDocument"])
    found = [grant for access in asked["access"] for grant in access_not_granted(asked["policyDocument"], access)]
    return _verdict(found, "grants some of the access")


def _no_new(asked: Mapping[str, Any]) -> dict[str, Any]:
    for name in ("newPolicyDocument", "existingPolicyDocument"):
        parse_policy(name, asked[name])
    found = no_new_access(asked["newPolicyDocument"], asked["existingPolicyDocument"])
    return _verdict(found, "grants access that the existing policy does not")


def _verdict(found: list[Grant], why: str) -> dict[str, Any]:
    if not found:
        return {"result": "PASS", "message": "The policy document passes the check.", "reasons": []}
    reasons = [
        {
            "description": f"The statement with index {grant.index} {why}.",
            "statementIndex": grant.index,
            **({"statementId": grant.sid} if grant.sid else {}),
        }
        for grant in found
    ]
    return {"result": "FAIL", "message": "The policy document does not pass the check.", "reasons": reasons}


_CHECKS: Final[Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]]] = {
    "ValidatePolicy": _validate,
    "CheckAccessNotGranted": _not_granted,
    "CheckNoNewAccess": _no_new,
}


def _respond(call: Call) -> Reply:
    operation = operation_of(call)
    name = operation.name if operation else ""
    refusal = refused(call, f"{SIGNING}:{name}", SIGNING)
    if refusal:
        return refusal
    check, asked = _CHECKS.get(name), defaultdict(str, parameters_of(call, operation))
    if check is None:
        return _error(422, "UnprocessableEntityException", f"The sandbox has no Access Analyzer for {name}")
    if asked.get("policyType") != IDENTITY:
        return _error(422, "UnprocessableEntityException", "The sandbox looks at identity policies only")
    try:
        return _reply(200, check(asked))
    except MalformedPolicy as error:
        return _error(400, "InvalidParameterException", str(error))
    except Unanswerable as error:
        return _error(422, "UnprocessableEntityException", f"The sandbox cannot answer this: {error}")


def _error(status: int, code: str, message: str) -> Reply:
    return _reply(status, {"message": message}, {"x-amzn-errortype": code})


def _reply(status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Reply:
    known = {"content-type": "application/json", "x-amzn-requestid": new_request_id()}
    return Reply(status=status, headers={**known, **(headers or {})}, body=json.dumps(body).encode())


def _wants(call: Call) -> bool:
    credential = call.credential
    return credential is not None and credential.service == SIGNING


ANALYZE: Final = Answer(wants=_wants, respond=_respond)
