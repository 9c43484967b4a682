"""The text of a denial, worded as AWS words it today.

Forms: docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html; the spelling of
resources and actions per service as in published records.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from redress.domain.words import Effect, Layer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.ruling import Ruling

EC2_PREFIX: Final = "You are not authorized to perform this operation. "
EC2_ENCODED: Final = ". Encoded authorization failure message: "
MOST_RECORDED: Final = 1024
"""CloudTrail cuts ``errorMessage`` at 1 KB."""

_POLICY: Final[Mapping[Layer, str]] = {
    Layer.IDENTITY_BASED_POLICY: "identity-based policy",
    Layer.RESOURCE_BASED_POLICY: "resource-based policy",
    Layer.PERMISSIONS_BOUNDARY: "permissions boundary",
    Layer.SESSION_POLICY: "session policy",
    Layer.SERVICE_CONTROL_POLICY: "service control policy",
    Layer.RESOURCE_CONTROL_POLICY: "resource control policy",
    Layer.VPC_ENDPOINT_POLICY: "VPC endpoint policy",
}
_NO_ARN: Final = frozenset({Layer.RESOURCE_BASED_POLICY, Layer.VPC_ENDPOINT_POLICY})
# IAM names an existing entity by noun and name (``role app``) and one to be created by its ARN.
_IAM_NOUNS: Final = re.compile(r"arn:[^:]+:iam::\d{12}:(role|user|group|instance-profile)/(?:.*/)?([^/]+)$")
_IAM_BY_ARN: Final = re.compile(r"iam:(Create(?!PolicyVersion)|PassRole|List(Roles|Users|Groups|Policies))")


def denial_text(principal: str, action: str, resource: str, ruling: Ruling) -> str:
    """Returns the sentence without any service's prefix or suffix."""
    action = _spelled(action)
    where = _resource(action, resource)
    return f"User: {principal} is not authorized to perform: {action} on resource: {where} {_because(action, ruling)}"


def _because(action: str, ruling: Ruling) -> str:
    policy = "role trust policy" if _is_trust(action, ruling) else _POLICY[ruling.layer]
    if ruling.effect is Effect.EXPLICIT_DENY:
        named = f": {ruling.policy}" if ruling.policy and ruling.layer not in _NO_ARN else ""
        article = "the" if _is_trust(action, ruling) else "an" if policy[0] in "aeiou" else "a"
        return f"with an explicit deny in {article} {policy}{named}"
    return f"because no {policy} allows the {action} action"


def _is_trust(action: str, ruling: Ruling) -> bool:
    return action.startswith("sts:AssumeRole") and ruling.layer is Layer.RESOURCE_BASED_POLICY


def _spelled(action: str) -> str:
    prefix, _, name = action.partition(":")
    spelled = {"sns": f"SNS:{name}", "sqs": f"sqs:{name.lower()}"}
    return spelled.get(prefix, action)


def _resource(action: str, resource: str) -> str:
    if action.startswith("s3:") and resource != "*":
        return f'"{resource}"'
    if action.startswith("iam:") and not _IAM_BY_ARN.match(action):
        noun = _IAM_NOUNS.match(resource)
        if noun:
            return f"{noun[1].replace('-', ' ')} {noun[2]}"
        if ":policy/" in resource:
            return f"policy {resource}"
    return resource


def recorded_text(text: str) -> str:
    """Returns the text as CloudTrail keeps it: at most 1,024 characters, ``...`` at the end of a cut one."""
    return text if len(text) <= MOST_RECORDED else f"{text[: MOST_RECORDED - 3]}..."
