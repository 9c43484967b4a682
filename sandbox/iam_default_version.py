"""``iam:SetDefaultPolicyVersion``, which MiniStack lacks: an older version of a managed policy is in force again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ministack.services import iam

from sandbox.answers import Answer, action_of, new_request_id, refused
from sandbox.iam_simulator import NAMESPACE
from sandbox.query_protocol import query_error, query_reply
from sandbox.request_parameters import parameters_of
from sandbox.service_models import operation_of

if TYPE_CHECKING:
    from sandbox.exchange import Call, Reply

ACTION: Final = "SetDefaultPolicyVersion"


def _respond(call: Call) -> Reply:
    asked, request_id = parameters_of(call, operation_of(call)), new_request_id()
    arn, version = asked.get("PolicyArn", ""), asked.get("VersionId", "")
    refusal = refused(call, f"iam:{ACTION}", "iam", arn)
    if refusal:
        return refusal
    policy: dict[str, Any] | None = iam._policies.get(arn)  # noqa: SLF001 - MiniStack has no public way
    if policy is None or version not in policy["Versions"]:
        missing = f"Policy {arn} version {version} does not exist or is not attachable."
        return query_error(404, "NoSuchEntity", missing, namespace=NAMESPACE, request_id=request_id)
    for name, each in policy["Versions"].items():
        each["IsDefaultVersion"] = name == version
    policy["DefaultVersionId"] = version
    return query_reply(ACTION, {}, namespace=NAMESPACE, request_id=request_id)


SET_DEFAULT: Final = Answer(wants=lambda call: action_of(call) == ACTION, respond=_respond)
