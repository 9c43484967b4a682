# ruff: noqa: N803 - boto3's parameter names
"""IAM's managed policies and their attachments in memory, as far as the runbooks use them."""

from __future__ import annotations

import copy
import fnmatch
import itertools
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable

VERSIONS_KEPT = 5


@dataclass
class Policy:
    """One customer managed policy."""

    arn: str
    description: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    default: str = ""
    made: int = 0

    def add(self, document: str, *, default: bool) -> str:
        """Returns the id of the new version; ids are never used again."""
        self.made += 1
        name = f"v{self.made}"
        self.versions[name] = document
        if default:
            self.default = name
        return name


def _no_calls(_operation: str) -> None:
    return None


class FakeIam:
    """A boto3 IAM client over dictionaries.

    Attributes:
        before: Called with the operation's name before it takes effect; may raise.
        after: Called afterwards; may raise, for answers that never arrive.
        writes: Operations that changed something, in order.

    """

    def __init__(self, account: str = "111122223333") -> None:
        self.account = account
        self.policies: dict[str, Policy] = {}
        self.principals: dict[tuple[str, str], str] = {}
        self.ids: dict[tuple[str, str], str] = {}
        self._numbers = itertools.count(1)
        self.attached: set[tuple[str, str]] = set()
        self.before: Callable[[str], None] = _no_calls
        self.after: Callable[[str], None] = _no_calls
        self.writes: list[str] = []
        self.denied_probes: set[str] = set()

    def add_role(self, arn: str) -> None:
        """Makes a role."""
        self._add("role", arn, "AROA")

    def add_user(self, arn: str) -> None:
        """Makes a user."""
        self._add("user", arn, "AIDA")

    def delete(self, arn: str) -> None:
        """Deletes a role or user; one that is made again has another id."""
        del self.principals[_named(arn)]
        self.attached = {(who, policy) for who, policy in self.attached if who != arn}

    def id_of(self, arn: str) -> str:
        """Returns the id that IAM gave the role or user when it was made."""
        return self.ids.get(_named(arn), "")

    def _add(self, kind: str, arn: str, beginning: str) -> None:
        name = arn.rsplit("/", 1)[-1]
        self.principals[kind, name] = arn
        self.ids[kind, name] = f"{beginning}{next(self._numbers):017d}"

    def image(self) -> tuple[object, ...]:
        """Returns what is in force: default documents and attachments."""
        documents = {arn: policy.versions[policy.default] for arn, policy in self.policies.items()}
        return (tuple(sorted(documents.items())), tuple(sorted(self.attached)))

    def call(self, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Returns the answer to an operation named as boto3 names it."""
        self.before(operation)
        answer: dict[str, Any] = getattr(self, f"_{operation}")(**arguments)
        if not operation.startswith(("get_", "list_", "simulate_")):
            self.writes.append(operation)
        self.after(operation)
        return copy.deepcopy(answer)

    def __getattr__(self, operation: str) -> Callable[..., dict[str, Any]]:
        if operation.startswith("_"):
            raise AttributeError(operation)
        return lambda **arguments: self.call(operation, arguments)

    def _get_policy(self, PolicyArn: str) -> dict[str, Any]:
        policy = self._policy(PolicyArn)
        count = sum(arn == PolicyArn for _, arn in self.attached)
        return {
            "Policy": {
                "Arn": policy.arn,
                "DefaultVersionId": policy.default,
                "AttachmentCount": count,
                "Description": policy.description,
            }
        }

    def _list_policy_versions(self, PolicyArn: str) -> dict[str, Any]:
        policy = self._policy(PolicyArn)
        names = [{"VersionId": name, "IsDefaultVersion": name == policy.default} for name in policy.versions]
        return {"Versions": names[::-1], "IsTruncated": False}

    def _get_policy_version(self, PolicyArn: str, VersionId: str) -> dict[str, Any]:
        policy = self._policy(PolicyArn)
        self._must(VersionId in policy.versions, "NoSuchEntity", VersionId)
        return {"PolicyVersion": {"VersionId": VersionId, "Document": json.loads(policy.versions[VersionId])}}

    def _get_role(self, RoleName: str) -> dict[str, Any]:
        return {"Role": {"Arn": self._principal("role", RoleName), "RoleId": self.ids["role", RoleName]}}

    def _get_user(self, UserName: str) -> dict[str, Any]:
        return {"User": {"Arn": self._principal("user", UserName), "UserId": self.ids["user", UserName]}}

    def _list_attached_role_policies(self, RoleName: str) -> dict[str, Any]:
        return self._attached_to(self._principal("role", RoleName))

    def _list_attached_user_policies(self, UserName: str) -> dict[str, Any]:
        return self._attached_to(self._principal("user", UserName))

    def _create_policy(self, PolicyName: str, Path: str, PolicyDocument: str, Description: str) -> dict[str, Any]:
        arn = f"arn:aws:iam::{self.account}:policy{Path}{PolicyName}"
        self._must(arn not in self.policies, "EntityAlreadyExists", arn)
        policy = Policy(arn=arn, description=Description)
        policy.add(PolicyDocument, default=True)
        self.policies[arn] = policy
        return {"Policy": {"Arn": arn}}

    def _create_policy_version(self, PolicyArn: str, PolicyDocument: str, SetAsDefault: bool) -> dict[str, Any]:  # noqa: FBT001 - boto3's name
        policy = self._policy(PolicyArn)
        self._must(len(policy.versions) < VERSIONS_KEPT, "LimitExceeded", "versions")
        return {"PolicyVersion": {"VersionId": policy.add(PolicyDocument, default=SetAsDefault)}}

    def _set_default_policy_version(self, PolicyArn: str, VersionId: str) -> dict[str, Any]:
        policy = self._policy(PolicyArn)
        self._must(VersionId in policy.versions, "NoSuchEntity", VersionId)
        policy.default = VersionId
        return {}

    def _delete_policy_version(self, PolicyArn: str, VersionId: str) -> dict[str, Any]:
        policy = self._policy(PolicyArn)
        self._must(VersionId in policy.versions, "NoSuchEntity", VersionId)
        self._must(VersionId != policy.default, "DeleteConflict", VersionId)
        del policy.versions[VersionId]
        return {}

    def _delete_policy(self, PolicyArn: str) -> dict[str, Any]:
        policy = self._policy(PolicyArn)
        self._must(len(policy.versions) == 1, "DeleteConflict", "versions")
        self._must(all(arn != PolicyArn for _, arn in self.attached), "DeleteConflict", "attached")
        del self.policies[PolicyArn]
        return {}

    def _attach_role_policy(self, RoleName: str, PolicyArn: str) -> dict[str, Any]:
        self._policy(PolicyArn)
        self.attached.add((self._principal("role", RoleName), PolicyArn))
        return {}

    def _attach_user_policy(self, UserName: str, PolicyArn: str) -> dict[str, Any]:
        self._policy(PolicyArn)
        self.attached.add((self._principal("user", UserName), PolicyArn))
        return {}

    def _detach_role_policy(self, RoleName: str, PolicyArn: str) -> dict[str, Any]:
        return self._detach(self._principal("role", RoleName), PolicyArn)

    def _detach_user_policy(self, UserName: str, PolicyArn: str) -> dict[str, Any]:
        return self._detach(self._principal("user", UserName), PolicyArn)

    def _simulate_principal_policy(
        self, PolicySourceArn: str, ActionNames: list[str], ResourceArns: list[str], ContextEntries: list[Any]
    ) -> dict[str, Any]:
        del ContextEntries
        allowed = self._allows(PolicySourceArn, ActionNames[0], ResourceArns[0])
        decision = "allowed" if allowed and ActionNames[0] not in self.denied_probes else "implicitDeny"
        return {"EvaluationResults": [{"EvalActionName": ActionNames[0], "EvalDecision": decision}]}

    def _allows(self, principal: str, action: str, resource: str) -> bool:
        documents = [self.policies[arn] for who, arn in self.attached if who == principal]
        statements = [
            entry for policy in documents for entry in json.loads(policy.versions[policy.default])["Statement"]
        ]
        return any(
            action in _listed(entry["Action"])
            and any(fnmatch.fnmatch(resource, one) for one in _listed(entry["Resource"]))
            for entry in statements
        )

    def _attached_to(self, principal: str) -> dict[str, Any]:
        return {"AttachedPolicies": [{"PolicyArn": arn} for who, arn in sorted(self.attached) if who == principal]}

    def _detach(self, principal: str, arn: str) -> dict[str, Any]:
        self._must((principal, arn) in self.attached, "NoSuchEntity", arn)
        self.attached.remove((principal, arn))
        return {}

    def _policy(self, arn: str) -> Policy:
        self._must(arn in self.policies, "NoSuchEntity", arn)
        return self.policies[arn]

    def _principal(self, kind: str, name: str) -> str:
        self._must((kind, name) in self.principals, "NoSuchEntity", name)
        return self.principals[kind, name]

    def _must(self, fact: bool, code: str, what: str) -> None:  # noqa: FBT001 - an assertion
        if not fact:
            raise fault(code, what)


def fault(code: str, message: str = "injected") -> ClientError:
    """Returns an AWS error."""
    return ClientError({"Error": {"Code": code, "Message": message}}, "Fake")


def _named(arn: str) -> tuple[str, str]:
    return arn.split(":", 5)[5].split("/", 1)[0], arn.rsplit("/", 1)[-1]


def _listed(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]
