"""``userIdentity`` of a CloudTrail record, made from the credential that signed the request.

Shapes: docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from sandbox import iam_state

if TYPE_CHECKING:
    from collections.abc import Mapping

ANONYMOUS: Final[Mapping[str, Any]] = {"type": "AWSAccount", "principalId": "", "accountId": "ANONYMOUS_PRINCIPAL"}


def user_identity(access_key: str | None) -> dict[str, Any]:
    """Returns who made a request; anonymous for no key, ``Unknown`` for one that nobody has."""
    if not access_key:
        return dict(ANONYMOUS)
    credential = iam_state.credential_of(access_key)
    if credential is None:
        return {"type": "Unknown", "accessKeyId": access_key}
    known = {"arn": credential.principal_arn, "accountId": credential.account_id, "accessKeyId": access_key}
    session = iam_state.session_of(access_key)
    match credential.principal_type:
        case "AssumedRole":
            return _assumed_role(credential, session or {}, known)
        case "FederatedUser":
            return _federated_user(credential, session or {}, known)
        case "User":
            return _user(credential, session, known)
    return {"type": "Root", "principalId": credential.account_id, **known}


def _assumed_role(credential: Any, session: Mapping[str, Any], known: Mapping[str, str]) -> dict[str, Any]:  # noqa: ANN401
    _, name, session_name = credential.principal_arn.split(":", 5)[5].split("/", 2)
    role = iam_state.role_of(credential.account_id, name) or {}
    issuer = {
        "type": "Role",
        "principalId": role.get("RoleId", ""),
        "arn": role.get("Arn", ""),
        "accountId": credential.account_id,
        "userName": name,
    }
    return {
        "type": "AssumedRole",
        "principalId": f"{role.get('RoleId', '')}:{session_name}",
        **known,
        "sessionContext": {"sessionIssuer": issuer, "attributes": _attributes(session)},
        **({"invokedBy": session["InvokedBy"]} if session.get("InvokedBy") else {}),
    }


def _federated_user(credential: Any, session: Mapping[str, Any], known: Mapping[str, str]) -> dict[str, Any]:  # noqa: ANN401
    name = credential.principal_arn.rsplit("/", 1)[-1]
    issuer_name = session.get("PrincipalName") or ""
    user = iam_state.user_of(credential.account_id, issuer_name) or {}
    issuer = {
        "type": "IAMUser",
        "principalId": user.get("UserId", ""),
        "arn": user.get("Arn", ""),
        "accountId": credential.account_id,
        "userName": issuer_name,
    }
    context = {"sessionIssuer": issuer, "attributes": _attributes(session)}
    principal = f"{credential.account_id}:{name}"
    return {"type": "FederatedUser", "principalId": principal, **known, "sessionContext": context}


def _user(credential: Any, session: Mapping[str, Any] | None, known: Mapping[str, str]) -> dict[str, Any]:  # noqa: ANN401
    user = iam_state.user_of(credential.account_id, credential.principal_name) or {}
    found = {"type": "IAMUser", "principalId": user.get("UserId", ""), **known, "userName": credential.principal_name}
    return {**found, "sessionContext": {"attributes": _attributes(session)}} if session else found


def _attributes(session: Mapping[str, Any]) -> dict[str, str]:
    issued = dt.datetime.fromtimestamp(session.get("IssuedAt", 0), dt.UTC)
    return {"creationDate": issued.strftime("%Y-%m-%dT%H:%M:%SZ"), "mfaAuthenticated": "false"}
