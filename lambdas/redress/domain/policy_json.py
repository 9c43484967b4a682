"""A policy document, parsed once into tests that run fast.

The rule for what is malformed: a document that IAM's grammar forbids
(docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html) raises ``MalformedPolicy`` with
its position; whoever holds the document counts its layer as unreadable. What the grammar allows but the
kind of policy forbids (a Principal in an identity policy, no Resource) is deny-safe: such an Allow never
applies, such a Deny always does.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from redress.domain.conditions import KeyTest, parse_conditions, texts
from redress.domain.names import Names, actions_of, resources_of
from redress.domain.policy_error import MalformedPolicy
from redress.domain.principals import PrincipalList, parse_principals
from redress.domain.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

_VERSIONS = ("2012-10-17", "2008-10-17")
_ELEMENTS = {
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyStatement:
    """One statement.

    Attributes:
        policy: Name of the policy that holds it.
        index: Its place there, from 0.
        resources: None where the element is missing, as in role trust policies.
        principals: None where the element is missing, as in identity policies.

    """

    policy: str
    index: int
    sid: str | None
    allow: bool
    actions: Names
    not_action: bool
    resources: Names | None
    not_resource: bool
    principals: PrincipalList | None
    not_principal: bool
    conditions: tuple[KeyTest, ...]

    @property
    def label(self) -> str:
        """Returns the Sid, or the place as people count it (``statement 1``)."""
        return self.sid or f"statement {self.index + 1}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One parsed policy document and the name a person would look it up by."""

    name: str
    statements: tuple[PolicyStatement, ...]


def parse_policy(name: str, document: object) -> Policy:
    """Returns the policy of a document given as JSON text or as parsed JSON.

    Raises:
        MalformedPolicy: IAM's grammar does not allow the document; the text says where.

    """
    body = _body(name, document)
    version = body.get("Version", "2008-10-17")
    if version not in _VERSIONS:
        raise MalformedPolicy(f"{name}: Version", "is neither 2012-10-17 nor 2008-10-17")
    given = body.get("Statement")
    statements = given if isinstance(given, list) else [given]
    variables = version == "2012-10-17"
    return Policy(
        name=name,
        statements=tuple(
            _statement(name, index, statement, variables=variables) for index, statement in enumerate(statements)
        ),
    )


def _body(name: str, document: object) -> Mapping[str, object]:
    if isinstance(document, str):
        try:
            document = json.loads(document)
        except (ValueError, RecursionError) as error:
            raise MalformedPolicy(name, f"is no JSON ({error})") from error
    if not isinstance(document, dict):
        raise MalformedPolicy(name, "is no JSON object")
    if "Statement" not in document:
        raise MalformedPolicy(name, "has no Statement")
    return document


def _statement(policy: str, index: int, body: object, *, variables: bool) -> PolicyStatement:
    where = f"{policy}: Statement[{index}]"
    if not isinstance(body, dict):
        raise MalformedPolicy(where, "is no JSON object")
    _refuse_unknown(body, where)
    allow = _effect(body, where)
    action, not_action = _one_of(body, "Action", where)
    resource, not_resource = _one_of(body, "Resource", where)
    principal, not_principal = _one_of(body, "Principal", where)
    if action is None:
        raise MalformedPolicy(where, "has neither Action nor NotAction")
    return PolicyStatement(
        policy=policy,
        index=index,
        sid=_sid(body, where),
        allow=allow,
        actions=actions_of(texts(action, f"{where}.Action")),
        not_action=not_action,
        resources=None
        if resource is None
        else resources_of(texts(resource, f"{where}.Resource"), variables=variables, wide=allow is not_resource),
        not_resource=not_resource,
        principals=None if principal is None else parse_principals(principal, f"{where}.Principal"),
        not_principal=not_principal,
        conditions=parse_conditions(body.get("Condition", {}), variables=variables, where=f"{where}.Condition"),
    )


def _refuse_unknown(body: Mapping[str, object], where: str) -> None:
    unknown = sorted(set(body) - _ELEMENTS)
    if unknown:
        raise MalformedPolicy(where, f"has an unknown element {unknown[0]!r}")


def _effect(body: Mapping[str, object], where: str) -> bool:
    effect = body.get("Effect")
    if effect not in ("Allow", "Deny"):
        raise MalformedPolicy(f"{where}.Effect", "is neither Allow nor Deny")
    return effect == "Allow"


def _sid(body: Mapping[str, object], where: str) -> str | None:
    sid = body.get("Sid")
    if sid is not None and not isinstance(sid, str):
        raise MalformedPolicy(f"{where}.Sid", "is no string")
    return sid or None


def _one_of(body: Mapping[str, object], element: str, where: str) -> tuple[object, bool]:
    """Returns the element's value and whether it is the Not… form; None where there is neither."""
    negated = f"Not{element}"
    if element in body and negated in body:
        raise MalformedPolicy(where, f"has both {element} and {negated}")
    return (body[negated], True) if negated in body else (body.get(element), False)
