"""Findings, targets and provers for tests, made in one line each."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from redress.adapters.iam_catalogue import IamCatalogue
from redress.domain.denied_call import Principal
from redress.domain.finding import Finding, Sighting, finding_id
from redress.domain.grammar import is_arn, is_policy_safe
from redress.domain.plan import Plan, plan_fix
from redress.domain.proof import prove as prove_by_evaluator
from redress.domain.proposal import Probe, Proof
from redress.domain.settings import Settings
from redress.domain.target import NamedPolicy, RedressPolicy, Target
from redress.domain.verdict import ContextValue, Verdict
from redress.domain.words import Effect, Evidence, Kind, Layer, PrincipalType, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)
ACCOUNT = "111122223333"
REGION = "us-east-1"
CATALOGUE = IamCatalogue()
ROLE = Principal(type=PrincipalType.ROLE, arn=f"arn:aws:iam::{ACCOUNT}:role/team/app", account=ACCOUNT)


def principal(arn: str, kind: PrincipalType = PrincipalType.ROLE) -> Principal:
    """Returns a principal of this ARN."""
    return Principal(type=kind, arn=arn, account=arn.split(":")[4])


def verdict(action: str | None, resource: str | None, **changes: Any) -> Verdict:  # noqa: ANN401 - fields of any type
    """Returns the verdict that an identity policy lacks an Allow, with these changes."""
    usual: dict[str, Any] = {
        "layer": Layer.IDENTITY_BASED_POLICY,
        "effect": Effect.IMPLICIT_DENY,
        "evidence": Evidence.REPORTED,
        "kind": Kind.MISSING_PERMISSION,
        "principal": ROLE,
    }
    return Verdict(action=action, resource=resource, **{**usual, **changes})


def finding(
    action: str | None = "s3:PutObject",
    resource: str | None = "arn:aws:s3:::reports/2026/a.csv",
    *,
    seen: Iterable[str] = (),
    source: str | None = None,
    event: str | None = None,
    state: State = State.OPEN,
    **changes: Any,  # noqa: ANN401 - fields of any type
) -> Finding:
    """Returns a finding of three denials; ``changes`` go to its verdict."""
    judged = verdict(action, resource, **changes)
    service, _, name = (action or "s3:PutObject").partition(":")
    identity = finding_id(
        principal=judged.principal.arn or "", action=action or "", resource_template=resource or "", layer=judged.layer
    )
    return Finding(
        finding_id=identity,
        verdict=judged,
        resource_template=resource,
        resources=tuple(seen) or ((resource,) if resource else ()),
        state=state,
        state_version=1,
        count=3,
        first_seen=NOW,
        last_seen=NOW,
        changed_at=NOW,
        last=Sighting(
            event_id="e-1",
            event_time=NOW,
            event_source=source or f"{service}.amazonaws.com",
            event_name=event or name,
            region="us-east-1",
            account=judged.principal.account,
        ),
    )


def arn_for(action: str) -> str:
    """Returns an ARN that fits the action, or a star where it takes none."""
    formats = [text for kind in CATALOGUE.resource_types(action) for text in kind.arn_formats]
    made = [re.sub(r"\$\{[^}]+\}", "x1", _placed(text)) for text in formats]
    return next((text for text in made if is_arn(text) and is_policy_safe(text)), "*")


def _placed(text: str) -> str:
    places = {"Partition": "aws", "Region": "us-east-1", "Account": ACCOUNT, "AccountId": ACCOUNT}
    for name, value in places.items():
        text = text.replace(f"${{{name}}}", value, 1)
    return text


def context(**values: str) -> tuple[ContextValue, ...]:
    """Returns context values; ``__`` in a name stands for the colon of a condition key."""
    return tuple(ContextValue(key=key.replace("__", ":"), values=(value,)) for key, value in values.items())


def target(
    *allowed: str,
    of: Principal = ROLE,
    tags: Mapping[str, str] | None = None,
    policies: tuple[NamedPolicy, ...] = (),
    redress: RedressPolicy | None = None,
    **changes: Any,  # noqa: ANN401 - fields of any type
) -> Target:
    """Returns a principal whose one inline policy allows these actions on everything."""
    own = (NamedPolicy(name="inline:own", document=allow(*allowed)),) if allowed else ()
    return Target(
        principal=of,
        **{
            "region": REGION,
            "exists": True,
            "tags": tuple((tags or {}).items()),
            "policies": (*own, *policies),
            "redress_policy": redress,
            **changes,
        },
    )


def allow(*actions: str, resource: str = "*") -> dict[str, Any]:
    """Returns a document that allows the actions on the resource."""
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": resource}],
    }


def redress_policy(document: str, *, attached: bool = True, of: Principal = ROLE) -> RedressPolicy:
    """Returns a Redress policy with this text."""
    return RedressPolicy(
        arn=f"arn:aws:iam::{of.account}:policy/redress/redress-{REGION}-role-{of.name}",
        version_id="v3",
        document=document,
        versions=("v2", "v3"),
        attached=attached,
    )


@dataclass(slots=True)
class Prover:
    """Answers every question with the same proof, and remembers what it was asked."""

    before: str = "implicitDeny"
    after: str = "allowed"
    complete: bool = True
    still_denied_by: str | None = None
    still_denied_layer: Layer | None = None
    asked: list[tuple[str, tuple[Probe, ...]]] = field(default_factory=list)

    def __call__(self, *, target: Target, document: str, probes: tuple[Probe, ...]) -> Proof:
        """Returns the proof."""
        self.asked.append((document, probes))
        return Proof(
            before=self.before,
            after=self.after,
            complete=self.complete and target.exists,
            source="evaluator",
            still_denied_by=self.still_denied_by,
            still_denied_layer=self.still_denied_layer,
        )


def plan(*findings: Finding, on: Target | None = None, settings: Settings | None = None, **changes: Any) -> Plan:  # noqa: ANN401 - collaborators of any type
    """Returns the plan for these findings with a prover that is always content, unless told otherwise."""
    usual: dict[str, Any] = {"prove": Prover(), "now": NOW, "catalogue": CATALOGUE}
    return plan_fix(
        findings=findings,
        target=on or target(of=findings[0].verdict.principal),
        settings=settings or Settings(),
        **{**usual, **changes},
    )


def evaluated(*, target: Target, document: str, probes: tuple[Probe, ...]) -> Proof:
    """Returns the evaluator's proof."""
    return prove_by_evaluator(target=target, document=document, probes=probes)
