"""The principals and policies that MiniStack holds, as values."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ministack.core import iam_evaluator
from ministack.services import iam, sts

from redress.domain.target import NamedPolicy
from sandbox.emulator import account

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def credential_of(access_key: str) -> Any:  # noqa: ANN401
    """Returns MiniStack's resolved credential of a key id in this context's account, or None."""
    found = iam_evaluator.resolve_credential(access_key, account())
    return None if isinstance(found, iam_evaluator.CredentialResolutionError) else found


def session_of(access_key: str) -> Mapping[str, Any] | None:
    """Returns what MiniStack keeps of a temporary credential, or None."""
    found: Mapping[str, Any] | None = sts._sessions.get(access_key)  # noqa: SLF001 - MiniStack has no public way
    return found


def keep_session(access_key: str, session: dict[str, Any]) -> None:
    """Makes a temporary credential known to MiniStack."""
    sts.register_session(access_key, session)


def role_of(account_id: str, name: str) -> Mapping[str, Any] | None:
    """Returns MiniStack's role of that name, or None."""
    found: Mapping[str, Any] | None = iam._roles.get_scoped(account_id, None, name)  # noqa: SLF001 - MiniStack has no public way
    return found


def user_of(account_id: str, name: str) -> Mapping[str, Any] | None:
    """Returns MiniStack's user of that name, or None."""
    found: Mapping[str, Any] | None = iam._users.get_scoped(account_id, None, name)  # noqa: SLF001 - MiniStack has no public way
    return found


def role_policies(account_id: str, name: str) -> tuple[NamedPolicy, ...]:
    """Returns the identity policies of a role."""
    role = role_of(account_id, name) or {}
    inline = (role.get("InlinePolicies") or {}).items()
    return (*_inline("inline:", inline), *_managed(account_id, role.get("AttachedPolicies", ())))


def user_policies(account_id: str, name: str) -> tuple[NamedPolicy, ...]:
    """Returns the identity policies of a user, those of the user's groups included."""
    user = user_of(account_id, name) or {}
    inline = (iam._user_inline_policies.get_scoped(account_id, None, name) or {}).items()  # noqa: SLF001
    own = (*_inline("inline:", inline), *_managed(account_id, user.get("AttachedPolicies", ())))
    return (*own, *_group_policies(account_id, name))


def group_policies(account_id: str, name: str) -> tuple[NamedPolicy, ...]:
    """Returns the identity policies of a group."""
    group = iam._groups.get_scoped(account_id, None, name) or {}  # noqa: SLF001
    inline = iam._group_inline_policies.get_scoped(account_id, None, name) or {}  # noqa: SLF001
    own = _inline(f"group:{name}:", inline.items())
    return (*own, *_managed(account_id, group.get("AttachedPolicies", ())))


def tags_of(arn: str) -> Mapping[str, str]:
    """Returns the tags of a role or user."""
    kind, _, name = arn.split(":", 5)[-1].partition("/")
    look = {"role": role_of, "user": user_of}.get(kind)
    entity = look(arn.split(":")[4], name.rsplit("/", 1)[-1]) if look else None
    return {tag["Key"]: tag["Value"] for tag in (entity or {}).get("Tags") or ()}


def _group_policies(account_id: str, user: str) -> Iterator[NamedPolicy]:
    for (owner, group_name), group in iam._groups.to_dict().items():  # noqa: SLF001
        if owner == account_id and user in group.get("Users", ()):
            yield from group_policies(account_id, group_name)


def _inline(prefix: str, named: Any) -> Iterator[NamedPolicy]:  # noqa: ANN401
    for name, document in named:
        yield NamedPolicy(name=f"{prefix}{name}", document=parsed(document))


def _managed(account_id: str, arns: Any) -> Iterator[NamedPolicy]:  # noqa: ANN401
    for arn in arns:
        yield from managed_policy(account_id, arn)


def managed_policy(account_id: str, arn: str) -> Iterator[NamedPolicy]:
    """Yields the default version of the managed policy, if there is one of that ARN."""
    document = iam_evaluator._resolve_managed_policy_document(arn, account_id)  # noqa: SLF001
    if document:
        yield NamedPolicy(name=arn, document=parsed(document))


def resource_policy(service: str, resource: str) -> tuple[Mapping[str, Any], str] | None:
    """Returns the resource's own policy and its owner's account, or None where it has none."""
    found = iam_evaluator._resource_policy(service, resource)  # noqa: SLF001
    if found is None or not found[0]:
        return None
    return parsed(found[0]), str(found[1] or account())


def trust_policy(role_arn: str) -> Mapping[str, Any] | None:
    """Returns the trust policy of a role, or None if there is no such role."""
    role = role_of(role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1])
    return parsed(role.get("AssumeRolePolicyDocument")) if role else None


def condition_keys(access_key: str) -> Mapping[str, Any]:
    """Returns the condition keys that describe the caller itself, lower case."""
    credential = credential_of(access_key)
    return dict(iam_evaluator._principal_keys(credential)) if credential else {}  # noqa: SLF001


def named(name: str, document: object) -> NamedPolicy:
    """Returns a document that MiniStack keeps as text or as JSON, with its name."""
    return NamedPolicy(name=name, document=parsed(document))


def parsed(document: object) -> dict[str, Any]:
    """Returns a policy document that MiniStack keeps as text or as JSON, as JSON; what is neither is empty."""
    if isinstance(document, str):
        try:
            document = json.loads(document)
        except ValueError:
            return {}
    return document if isinstance(document, dict) else {}
