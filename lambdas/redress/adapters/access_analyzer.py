"""IAM Access Analyzer: a second opinion on each document, as hits for the guard.

https://docs.aws.amazon.com/access-analyzer/latest/APIReference (ValidatePolicy, CheckAccessNotGranted,
CheckNoNewAccess). The two Check calls cost money, so the operator can switch them off. A question that
was not answered becomes a hit that says so: silence is never read as a pass.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from redress.adapters.sessions import client
from redress.domain.guard.escalation import SEVERE_ACTIONS
from redress.domain.plain_text import plain
from redress.domain.proposal import GuardHit, sha256
from redress.domain.words import GuardVerdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from redress.domain.settings import Settings

POLICY_TYPE = "IDENTITY_POLICY"
UNANSWERED = "analyzer-unanswered"
MOST_ACTIONS = 100
"""In one CheckAccessNotGranted call (API reference, type Access)."""
_VERDICT_OF: Mapping[str, GuardVerdict] = {
    "ERROR": GuardVerdict.BLOCK,
    "SECURITY_WARNING": GuardVerdict.TWO_APPROVERS,
    "WARNING": GuardVerdict.NOTE,
    "SUGGESTION": GuardVerdict.NOTE,
}


def reviewer(settings: Settings, analyzer: AccessAnalyzer | None = None) -> Callable[[str], tuple[GuardHit, ...]]:
    """Returns a review for ``plan_fix`` that pays once for each document, as long as every question was answered."""
    kept: dict[str, tuple[GuardHit, ...]] = {}
    asked = analyzer or AccessAnalyzer()

    def review(document: str) -> tuple[GuardHit, ...]:
        digest = sha256(document)
        if digest in kept:
            return kept[digest]
        hits = asked.review(document, settings)
        if not any(hit.rule == UNANSWERED for hit in hits):
            kept[digest] = hits
        return hits

    return review


class AccessAnalyzer:
    """Asks Access Analyzer about identity policies."""

    def __init__(self, analyzer: Any = None) -> None:  # noqa: ANN401 - boto3 has no static types here
        self._given = analyzer

    def review(self, document: str, settings: Settings) -> tuple[GuardHit, ...]:
        """Returns what Access Analyzer has to say of the document; empty means that every question was passed.

        Deterministic for one document and one configuration, so that callers can keep the answer by digest.
        """
        hits = [*self._asked("ValidatePolicy", lambda: self._validated(document), GuardVerdict.NOTE)]
        if settings.analyzer_checks:
            hits += self._asked("CheckAccessNotGranted", lambda: self._not_granted(document), GuardVerdict.NOTE)
        return (*hits, *self._below_the_ceiling(document, settings))

    @property
    def _analyzer(self) -> Any:  # noqa: ANN401 - boto3 has no static types here
        return self._given or client("accessanalyzer")

    def _asked(self, call: str, ask: Callable[[], list[GuardHit]], otherwise: GuardVerdict) -> list[GuardHit]:
        try:
            return ask()
        except ClientError as error:
            return [_unanswered(call, error.response["Error"]["Code"], otherwise)]
        except BotoCoreError as error:
            return [_unanswered(call, type(error).__name__, otherwise)]

    def _validated(self, document: str) -> list[GuardHit]:
        return [_finding(found) for found in self._findings(document)]

    def _findings(self, document: str) -> Iterator[Mapping[str, Any]]:
        page: dict[str, str] = {}
        while True:
            answer = self._analyzer.validate_policy(policyDocument=document, policyType=POLICY_TYPE, **page)
            yield from answer.get("findings", [])
            if not answer.get("nextToken"):
                return
            page = {"nextToken": answer["nextToken"]}

    def _not_granted(self, document: str) -> list[GuardHit]:
        return [hit for actions in _chunks(SEVERE_ACTIONS) for hit in self._none_of(document, actions)]

    def _none_of(self, document: str, actions: tuple[str, ...]) -> list[GuardHit]:
        answer = self._analyzer.check_access_not_granted(
            policyDocument=document, policyType=POLICY_TYPE, access=[{"actions": list(actions)}]
        )
        reason = "Access Analyzer: the document grants an action that can raise privileges. "
        return _unless_passed(answer, "analyzer-access-granted", GuardVerdict.TWO_APPROVERS, reason)

    def _below_the_ceiling(self, document: str, settings: Settings) -> list[GuardHit]:
        if not settings.ceiling_policy:
            return []
        if not settings.analyzer_checks:
            return [_unanswered("CheckNoNewAccess", "switched off", GuardVerdict.TWO_APPROVERS)]
        return self._asked(
            "CheckNoNewAccess",
            lambda: self._no_new_access(document, settings.ceiling_policy),
            GuardVerdict.TWO_APPROVERS,
        )

    def _no_new_access(self, document: str, ceiling: str) -> list[GuardHit]:
        answer = self._analyzer.check_no_new_access(
            newPolicyDocument=document, existingPolicyDocument=ceiling, policyType=POLICY_TYPE
        )
        reason = "Access Analyzer: the document grants more than the operator's ceiling policy. "
        return _unless_passed(answer, "analyzer-above-ceiling", GuardVerdict.BLOCK, reason)


def _chunks(actions: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for start in range(0, len(actions), MOST_ACTIONS):
        yield actions[start : start + MOST_ACTIONS]


def _finding(found: Mapping[str, Any]) -> GuardHit:
    kind = str(found.get("findingType"))
    # A kind that we have never heard of is taken seriously.
    verdict = _VERDICT_OF.get(kind, GuardVerdict.TWO_APPROVERS)
    reason = f"Access Analyzer ({found.get('issueCode')}): {found.get('findingDetails')}"
    return GuardHit(rule="analyzer-finding", verdict=verdict, reason=plain(reason))


def _unless_passed(answer: Mapping[str, Any], rule: str, verdict: GuardVerdict, reason: str) -> list[GuardHit]:
    if answer.get("result") == "PASS":
        return []
    said = " ".join(str(one.get("description", "")) for one in answer.get("reasons", []))
    return [GuardHit(rule=rule, verdict=verdict, reason=plain(reason + said))]


def _unanswered(call: str, why: str, verdict: GuardVerdict) -> GuardHit:
    return GuardHit(
        rule=UNANSWERED,
        verdict=verdict,
        reason=plain(f"Access Analyzer did not answer {call} ({why}), so that check was not made."),
    )
