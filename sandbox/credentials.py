"""Credentials of a role for an AWS service, as services get them: by the role's trust policy alone."""

from __future__ import annotations

import secrets
import string
import time
from typing import TYPE_CHECKING, Any, Final

from redress.domain.evaluate import evaluate
from redress.domain.policies import Policies
from redress.domain.policy_error import MalformedPolicy
from redress.domain.policy_json import parse_policy
from redress.domain.request import Request, caller_of
from sandbox import iam_state
from sandbox.automation.ports import CannotAssume, Credentials

if TYPE_CHECKING:
    from collections.abc import Mapping

SECONDS: Final = 3600
REGION: Final = "us-east-1"
_KEY_CHARACTERS: Final = string.ascii_uppercase + string.digits


def assume_as_service(
    role_arn: str,
    session_name: str,
    service_principal: str,
    *,
    source_arn: str | None = None,
) -> Credentials:
    """Returns credentials of the role for a service principal such as ``ssm.amazonaws.com``.

    Args:
        role_arn: With its path.
        session_name: As it will stand in the session's ARN.
        service_principal: Whom the trust policy must name.
        source_arn: ``aws:SourceArn`` of the request; for Systems Manager the execution that the session name tells.

    Raises:
        CannotAssume: There is no such role, or its trust policy does not let the service assume it.

    """
    account, name = role_arn.split(":")[4] if role_arn.count(":") > 4 else "", role_arn.rsplit("/", 1)[-1]  # noqa: PLR2004 - an ARN has six fields
    role = iam_state.role_of(account, name)
    if role is None or role["Arn"] != role_arn:
        raise CannotAssume(f"{service_principal} is unable to assume {role_arn}: there is no such role")
    context = {
        "aws:SourceAccount": (account,),
        "aws:SourceArn": (source_arn or _source(account, session_name),),
        "sts:RoleSessionName": (session_name,),
    }
    if not _trusted(role, service_principal, context):
        raise CannotAssume(f"{service_principal} is unable to assume {role_arn}: its trust policy does not allow it")
    return _issue(role, account, session_name)


def _source(account: str, session_name: str) -> str:
    execution = session_name.removeprefix("Automation-")
    return f"arn:aws:ssm:{REGION}:{account}:automation-execution/{execution}"


def _trusted(role: Mapping[str, Any], service: str, context: Mapping[str, tuple[str, ...]]) -> bool:
    try:
        trust = parse_policy("trust policy", role.get("AssumeRolePolicyDocument"))
    except MalformedPolicy:
        return False
    request = Request(
        caller=caller_of(service),
        action="sts:AssumeRole",
        resource=role["Arn"],
        context=context,
        complete=True,
    )
    return evaluate(request, Policies(resource=trust)).allowed


def _issue(role: Mapping[str, Any], account: str, session_name: str) -> Credentials:
    key = "ASIA" + "".join(secrets.choice(_KEY_CHARACTERS) for _ in range(16))
    made = Credentials(
        access_key_id=key,
        secret_access_key=secrets.token_urlsafe(30),
        session_token=secrets.token_urlsafe(96),
    )
    iam_state.keep_session(
        key,
        {
            "Arn": f"arn:aws:sts::{account}:assumed-role/{role['RoleName']}/{session_name}",
            "UserId": f"{role.get('RoleId', '')}:{session_name}",
            "SecretAccessKey": made.secret_access_key,
            "SessionToken": made.session_token,
            "Expiration": time.time() + SECONDS,
            "AccountId": account,
            "PrincipalType": "AssumedRole",
        },
    )
    return made
