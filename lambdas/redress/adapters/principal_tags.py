"""IAM: the tags of one role or user, which say whose it is and whether it belongs to production."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from redress.domain.words import PrincipalType

if TYPE_CHECKING:
    from redress.domain.denied_call import Principal

_CALLS = {
    PrincipalType.ROLE: ("list_role_tags", "RoleName"),
    PrincipalType.USER: ("list_user_tags", "UserName"),
}


class PrincipalTags:
    """Reads tags; at most 50 are on a principal, and one page holds them."""

    def __init__(self, client: Any, account: str) -> None:  # noqa: ANN401 - boto3 clients have no static type here
        self._client = client
        self._account = account

    def of(self, principal: Principal) -> tuple[tuple[str, str], ...] | None:
        """Returns the tags; None where IAM does not say, which is not the same as having none."""
        known = _CALLS.get(principal.type)
        if known is None or principal.account != self._account or not principal.arn:
            return ()
        operation, parameter = known
        try:
            answer = getattr(self._client, operation)(**{parameter: principal.arn.rsplit("/", 1)[-1]})
        except (ClientError, BotoCoreError):
            return None
        return tuple((each["Key"], each["Value"]) for each in answer.get("Tags", ()))
