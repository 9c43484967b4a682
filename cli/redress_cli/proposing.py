"""``redress explain --propose``: the smallest fix, its proof and guard, or why there is none. Offline."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from redress.adapters.iam_catalogue import IamCatalogue
from redress.domain.batch import Denial, gather
from redress.domain.errors import Refused
from redress.domain.explain import explain
from redress.domain.finding import Finding
from redress.domain.plan import plan_fix
from redress.domain.proof import prove
from redress.domain.settings import Settings
from redress.domain.target import NamedPolicy, Target
from redress.domain.words import State
from redress_cli.advice import next_step_without_fix

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from redress.domain.denied_call import Principal
    from redress.domain.finding import NoFix
    from redress.domain.plan import Plan
    from redress_cli.answers import Answer

NOT_GIVEN = "The principal's policies were not given (--policy FILE), so nothing is known of what it may do today."


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposing:
    """What proposals are made with.

    Attributes:
        policies: The principal's identity policies, as far as they were given.
        boundary: Its permissions boundary, if one was given.

    """

    policies: tuple[NamedPolicy, ...]
    boundary: NamedPolicy | None
    catalogue: IamCatalogue

    @classmethod
    def from_files(cls, policies: Sequence[str], boundary: str | None) -> Self:
        """Returns what proposals are made with, read from policy files.

        Raises:
            Refused: A file cannot be read or holds no policy.

        """
        given = tuple(read_policy(name) for name in policies)
        return cls(policies=given, boundary=read_policy(boundary) if boundary else None, catalogue=IamCatalogue())

    def plan(self, answers: Iterable[Answer]) -> Plan | None:
        """Returns the plan for denials of one fingerprint, or None where there is no denial."""
        finding = _finding(answers)
        if finding is None:
            return None
        return plan_fix(
            findings=(finding,),
            target=self._target(finding.verdict.principal, finding.last.region or ""),
            catalogue=self.catalogue,
            settings=Settings(),
            prove=partial(prove, simulator=None),
            now=datetime.now(UTC),
        )

    def fields(self, answers: Sequence[Answer]) -> dict[str, Any]:
        """Returns ``proposal`` or ``no_fix`` for the JSON output, and the next step that follows from it.

        Both are null for what is no denial.
        """
        plan, verdict = self.plan(answers), answers[0].verdict
        if plan is None or verdict is None:
            return {"proposal": None, "no_fix": None}
        if plan.proposal is not None:
            return {"proposal": _proposal_fields(plan), "no_fix": None, "next_step": explain(verdict).next_step}
        no_fix = plan.no_fixes[0][1]
        advice = {"next_step": next_step_without_fix(verdict, no_fix), "owner": no_fix.owner.value}
        return {"proposal": None, "no_fix": _no_fix_fields(no_fix), **advice}

    def _target(self, principal: Principal, region: str) -> Target:
        return Target(
            principal=principal,
            region=region,
            exists=True,
            policies=self.policies,
            boundary=self.boundary,
            attached=len(self.policies),
            unreadable=() if self.policies else (NOT_GIVEN,),
        )


def read_policy(name: str) -> NamedPolicy:
    """Returns the policy of a file: a bare document, or the answer of an IAM Get call.

    Raises:
        Refused: The file cannot be read or holds no policy.

    """
    try:
        parsed = json.loads(Path(name).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Refused(f"{name} holds no policy: {error}") from error
    document = _document(parsed)
    if document is None:
        raise Refused(f"{name} holds no policy: no Statement in it")
    return NamedPolicy(name=f"file:{name}", document=document)


def _document(parsed: object) -> dict[str, Any] | None:
    if not isinstance(parsed, dict):
        return None
    if "Statement" in parsed:
        return parsed
    inner = (parsed.get(key) for key in ("PolicyDocument", "Document", "PolicyVersion"))
    return next((found for found in map(_document, inner) if found), None)


def _finding(answers: Iterable[Answer]) -> Finding | None:
    groups = gather(
        Denial(
            finding_id=answer.finding_id,
            resource_template=answer.resource_template,
            verdict=answer.verdict,
            call=answer.call,
        )
        for answer in answers
        if answer.finding_id and answer.verdict and answer.call
    )
    if not groups:
        return None
    group = groups[0]
    return Finding(
        finding_id=group.finding_id,
        verdict=group.verdict,
        resource_template=group.resource_template,
        resources=group.resources,
        state=State.OPEN,
        state_version=1,
        count=len(group.seen),
        first_seen=group.first_seen,
        last_seen=group.last.event_time,
        last=group.last,
        changed_at=group.last.event_time,
    )


def _proposal_fields(plan: Plan) -> dict[str, Any]:
    assert plan.proposal is not None  # noqa: S101 - the caller looked
    content = plan.proposal.content
    return {
        "target": content["principal"]["arn"],
        "statements": content["statements"],
        "digest": plan.proposal.digest,
        "guard": content["guard"]["verdict"],
        "reasons": [hit["reason"] for hit in content["guard"]["hits"]],
        "proof": content["proof"],
        "likely_next": content.get("likely_next", []),
        "patches": content.get("patches", {}),
    }


def _no_fix_fields(no_fix: NoFix) -> dict[str, Any]:
    return {
        "reason": no_fix.reason.value,
        "owner": no_fix.owner.value,
        "detail": no_fix.detail,
        "patches": dict(no_fix.patch),
    }
