"""IAM: reads everything that planning and proving a fix needs to know of a role or user.

What cannot be read is said in ``Target.unreadable``; it is never read as "there is none".
"""

from __future__ import annotations

import json
from dataclasses import field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from botocore.exceptions import BotoCoreError, ClientError

from redress.adapters.sessions import client
from redress.domain.denied_call import Principal
from redress.domain.policy_document import policy_arn, policy_name
from redress.domain.target import NamedPolicy, RedressPolicy, Target, unique_id_of
from redress.domain.values import dataclass
from redress.domain.words import PrincipalType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

GONE = "NoSuchEntity"


def read_target(
    principal: Principal,
    *,
    region: str,
    iam: Any = None,  # noqa: ANN401 - boto3 has no static types here
) -> Target:
    """Returns the principal as IAM describes it now.

    Args:
        principal: A role or user of the account whose credentials the client has.
        region: Of the Redress that asks; it has a policy of its own for the principal.
        iam: boto3's ``iam`` client; made on first use where it is not given.

    Raises:
        ValueError: The principal is neither a role nor a user, or its ARN is not known.

    """
    kind = _KINDS.get(principal.type)
    if kind is None or principal.arn is None or principal.name is None:
        raise ValueError(f"{principal.arn} is no role or user that IAM could describe")
    reading = _Reading(iam=iam or client("iam"), principal=principal, region=region, kind=kind, name=principal.name)
    return reading.target()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """How boto3 names the calls for roles, users or groups."""

    word: str
    field: str

    def call(self, pattern: str) -> str:
        return pattern.format(self.word)


_ROLE = _Kind(word="role", field="RoleName")
_USER = _Kind(word="user", field="UserName")
_GROUP = _Kind(word="group", field="GroupName")
_KINDS = {PrincipalType.ROLE: _ROLE, PrincipalType.USER: _USER}


@dataclass(slots=True, kw_only=True)
class _Reading:
    """One reading of one principal."""

    iam: Any
    principal: Principal
    region: str
    kind: _Kind
    name: str
    unreadable: list[str] = field(default_factory=list)

    def target(self) -> Target:
        """Returns all of it."""
        described = self._read(self.kind.call("get_{}"), {self.kind.field: self.name}, absent={})
        if described == {}:
            return Target(principal=self.principal, region=self.region, exists=False)
        entity = self._entity(described)
        attached = list(self._attached(self.kind, self.name))
        return Target(  # the record of failures is complete only when all else has been read, so it comes last
            principal=self.principal,
            region=self.region,
            exists=True,
            unique_id=unique_id_of(self.principal, entity.get(f"{self.kind.word.title()}Id")),
            tags=tuple((tag["Key"], tag["Value"]) for tag in entity.get("Tags", [])),
            policies=tuple(self._policies(attached)),
            boundary=self._boundary(entity),
            redress_policy=self._redress_policy(attached),
            attached=len(attached),
            unreadable=tuple(dict.fromkeys(self.unreadable)),
        )

    def _entity(self, described: Mapping[str, Any] | None) -> Mapping[str, Any]:
        entity: Mapping[str, Any] = (described or {}).get(self.kind.word.title(), {})
        if entity and entity["Arn"] != self.principal.arn:
            self.unreadable.append(f"IAM knows {self.name} as {entity['Arn']}, not as {self.principal.arn}.")
        return entity

    def _policies(self, attached: list[str]) -> Iterator[NamedPolicy]:
        yield from self._inline(self.kind, self.name, "inline:")
        yield from self._managed(attached)
        if self.kind is _USER:
            for group in self._list("list_groups_for_user", "Groups", {"UserName": self.name}):
                name = group["GroupName"]
                yield from self._inline(_GROUP, name, f"group:{name}:")
                yield from self._managed(self._attached(_GROUP, name))

    def _inline(self, kind: _Kind, name: str, prefix: str) -> Iterator[NamedPolicy]:
        for policy in self._list(kind.call("list_{}_policies"), "PolicyNames", {kind.field: name}):
            found = self._read(kind.call("get_{}_policy"), {kind.field: name, "PolicyName": policy})
            if found:
                yield from self._parsed(f"{prefix}{policy}", found["PolicyDocument"])

    def _attached(self, kind: _Kind, name: str) -> Iterator[str]:
        for policy in self._list(kind.call("list_attached_{}_policies"), "AttachedPolicies", {kind.field: name}):
            yield policy["PolicyArn"]

    def _managed(self, arns: Iterator[str] | list[str]) -> Iterator[NamedPolicy]:
        for arn in arns:
            version = self._default_version(arn)
            if version:
                yield from self._parsed(arn, version["Document"])

    def _default_version(self, arn: str) -> Mapping[str, Any] | None:
        policy = self._read("get_policy", {"PolicyArn": arn})
        if not policy:
            return None
        version = policy["Policy"]["DefaultVersionId"]
        found = self._read("get_policy_version", {"PolicyArn": arn, "VersionId": version})
        return found["PolicyVersion"] if found else None

    def _boundary(self, entity: Mapping[str, Any]) -> NamedPolicy | None:
        arn = entity.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
        return next(self._managed([arn]), None) if arn else None

    def _parsed(self, name: str, document: object) -> Iterator[NamedPolicy]:
        parsed = _document(document)
        if parsed is None:
            self.unreadable.append(f"The document of {name} is no JSON object.")
        else:
            yield NamedPolicy(name=name, document=parsed)

    def _redress_policy(self, attached: list[str]) -> RedressPolicy | None:
        arn = policy_arn(
            self.principal.partition or "aws",
            self.principal.account or str(self.principal.arn).split(":")[4],
            policy_name(self.region, self.kind.word, self.name),
        )
        policy = self._read("get_policy", {"PolicyArn": arn}, absent={})
        version = self._default_version(arn) if policy else None
        if not version:
            return None
        ids = [found["VersionId"] for found in self._list("list_policy_versions", "Versions", {"PolicyArn": arn})]
        return RedressPolicy(
            arn=arn,
            version_id=version["VersionId"],
            document=_text(version["Document"]),
            versions=tuple(sorted(ids, key=lambda version_id: int(version_id[1:]))),
            attached=arn in attached,
            elsewhere=_uses(policy["Policy"]) - int(arn in attached) if policy else 0,
        )

    def _list(self, operation: str, member: str, call: Mapping[str, str]) -> Iterator[Any]:
        """Yields what a paginated call lists; a page that fails ends the list, and is on record."""
        page = self._read(operation, call)
        while page:
            yield from page.get(member, [])
            page = self._read(operation, {**call, "Marker": page["Marker"]}) if page.get("IsTruncated") else None

    def _read(
        self, operation: str, call: Mapping[str, str], *, absent: Mapping[str, Any] | None = None
    ) -> Mapping[str, Any] | None:
        """Returns the response, ``absent`` where IAM says that there is no such thing, or None with a record."""
        method: Callable[..., Mapping[str, Any]] = getattr(self.iam, operation)
        try:
            return method(**call)
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", "unknown error"))
            if code == GONE and absent is not None:
                return absent
            self._record(operation, call, code)
        except BotoCoreError as error:
            self._record(operation, call, type(error).__name__)
        return None

    def _record(self, operation: str, call: Mapping[str, str], cause: str) -> None:
        what = " ".join(value for key, value in call.items() if key != "Marker")
        api = "".join(word.title() for word in operation.split("_"))
        self.unreadable.append(f"iam:{api} on {what} failed: {cause}.")


def _uses(policy: Mapping[str, Any]) -> int:
    return int(policy.get("AttachmentCount", 0)) + int(policy.get("PermissionsBoundaryUsageCount", 0))


def _document(document: object) -> dict[str, Any] | None:
    """Returns the parsed document; boto3 has parsed it already, other clients leave it URL-encoded (RFC 3986)."""
    if isinstance(document, str):
        try:
            document = json.loads(unquote(document))
        except ValueError:
            return None
    return document if isinstance(document, dict) else None


def _text(document: object) -> str:
    return unquote(document) if isinstance(document, str) else json.dumps(document)
