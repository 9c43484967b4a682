"""Names the resources of IAM calls as AWS does, paths included, before the call is authorized.

MiniStack names a role without its path and a policy that is being created not at all. But conditions on paths
are what keeps Redress's Automation role within ``policy/redress/*`` and away from ``role/redress/*``; so the
sandbox has to enforce them. Source: service authorization reference of IAM, "resource types".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ministack.core import iam_actions

from sandbox.iam_state import role_of, user_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CREATES: Final = {
    "CreatePolicy": ("policy", "PolicyName"),
    "CreateRole": ("role", "RoleName"),
    "CreateUser": ("user", "UserName"),
    "CreateGroup": ("group", "GroupName"),
    "CreateInstanceProfile": ("instance-profile", "InstanceProfileName"),
}
NAMED: Final[tuple[tuple[str, Callable[[str, str], Mapping[str, Any] | None]], ...]] = (
    ("RoleName", role_of),
    ("UserName", user_of),
)
_extract = iam_actions.extract_resource_arn


def resource_of(parameters: Mapping[str, Any], account_id: str) -> str | None:
    """Returns the ARN that an IAM call is authorized on, or None where MiniStack's answer will do."""
    action = _first(parameters, "Action")
    if action in CREATES:
        kind, name = CREATES[action]
        path = _first(parameters, "Path") or "/"
        return f"arn:aws:iam::{account_id}:{kind}{path}{_first(parameters, name)}"
    for name, look_up in NAMED:
        entity = look_up(account_id, given) if (given := _first(parameters, name)) else None
        if entity:
            return str(entity["Arn"])
    return None


def _first(parameters: Mapping[str, Any], name: str) -> str:
    value = parameters.get(name)
    found = value[0] if isinstance(value, list) and value else value
    return str(found or "")


def _extract_with_paths(service: str, *rest: Any, **named: Any) -> str:  # noqa: ANN401 - MiniStack's own signature
    plain = _extract(service, *rest, **named)
    if service != "iam":
        return str(plain)
    given = dict(zip(ARGUMENTS, rest, strict=False)) | named
    return resource_of(given["query_params"], given["account_id"]) or str(plain)


ARGUMENTS: Final = ("method", "path", "headers", "body", "query_params", "region", "account_id")


# IAM's condition keys that a call's own parameters carry, by action prefix.
KEYS: Final = (
    ("iam:Attach", "PolicyArn", "iam:PolicyARN"),
    ("iam:Detach", "PolicyArn", "iam:PolicyARN"),
    ("iam:Create", "PermissionsBoundary", "iam:PermissionsBoundary"),
    ("iam:Put", "PermissionsBoundary", "iam:PermissionsBoundary"),
    ("iam:CreateServiceLinkedRole", "AWSServiceName", "iam:AWSServiceName"),
)
_tag_context = iam_actions.request_tag_context


def context_of(action: str, parameters: Mapping[str, Any]) -> dict[str, str]:
    """Returns IAM's own condition keys of a call."""
    found = ((key, _first(parameters, name)) for prefix, name, key in KEYS if action.startswith(prefix))
    return {key: value for key, value in found if value}


def _context_with_keys(service: str, action: str, body: bytes, parameters: Mapping[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = _tag_context(service, action, body, parameters)
    return {**plain, **context_of(action, parameters)} if service == "iam" else plain


def install() -> None:
    """Makes MiniStack authorize IAM calls on these names and with these keys."""
    iam_actions.extract_resource_arn = _extract_with_paths
    iam_actions.request_tag_context = _context_with_keys
