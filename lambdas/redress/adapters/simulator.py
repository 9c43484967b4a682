"""IAM: asks the policy simulator what would be answered to a call.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
The simulator applies the principal's policies, its boundary and the service control policies of its account.
It does not fetch resource-based policies, and knows no RCPs, session policies and VPC endpoint policies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from redress.adapters.sessions import client
from redress.domain.context_types import type_of
from redress.domain.witness import ALLOWED, EXPLICIT_DENY, IMPLICIT_DENY, UNKNOWN, Simulated
from redress.domain.words import Layer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redress.domain.proposal import Probe
    from redress.domain.target import Target
    from redress.domain.verdict import ContextValue

_WORST_LAST = (ALLOWED, IMPLICIT_DENY, EXPLICIT_DENY)
_THROTTLED = {"Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded"}
_REFUSED = {"AccessDenied", "AccessDeniedException"}


class SimulatorClient(Protocol):
    """The call of boto3's ``iam`` client that is made here."""

    def simulate_principal_policy(self, **call: object) -> Mapping[str, Any]: ...  # noqa: D102 - boto3's


class IamSimulator:
    """Asks ``iam:SimulatePrincipalPolicy``; every fault is an answer that says so.

    Planning asks the same of one target more than once (each fix by itself, then all together), and IAM throttles
    early. So answers are kept as long as the target is the very same object, read once from IAM; faults never are.
    """

    def __init__(self, iam: SimulatorClient | None = None) -> None:
        self._iam = iam
        self._target: Target | None = None
        self._answers: dict[tuple[Probe, str | None], Simulated] = {}

    def simulate(self, target: Target, probe: Probe, *, extra: str | None = None) -> Simulated:
        """Returns the answer to the probe, as if the principal had the extra policy document as well."""
        if target is not self._target:
            self._target, self._answers = target, {}
        known = self._answers.get((probe, extra))
        if known:
            return known
        answer = self._asked(target, probe, extra)
        if answer.failure is None:
            self._answers[probe, extra] = answer
        return answer

    def _asked(self, target: Target, probe: Probe, extra: str | None) -> Simulated:
        if target.principal.arn is None:
            return _failed("the principal's ARN is not known")
        try:
            return _answer(self._results(_call(target.principal.arn, probe, extra)))
        except ClientError as error:
            return _failed(_cause(error))
        except BotoCoreError as error:
            return _failed(f"IAM could not be reached ({type(error).__name__})")

    def _results(self, call: dict[str, object]) -> list[Mapping[str, Any]]:
        iam: SimulatorClient = self._iam or client("iam")
        results: list[Mapping[str, Any]] = []
        marker: dict[str, object] = {}
        while True:
            page = iam.simulate_principal_policy(**call, **marker)
            results += page.get("EvaluationResults", [])
            if not page.get("IsTruncated"):
                return results
            marker = {"Marker": page["Marker"]}


def _call(arn: str, probe: Probe, extra: str | None) -> dict[str, object]:
    call: dict[str, object] = {"PolicySourceArn": arn, "ActionNames": [probe.action]}
    if probe.resource != "*":
        call["ResourceArns"] = [probe.resource]
    if probe.context:
        call["ContextEntries"] = [_entry(value) for value in probe.context]
    if extra is not None:
        call["PolicyInputList"] = [extra]
    return call


def _entry(value: ContextValue) -> dict[str, object]:
    return {
        "ContextKeyName": value.key,
        "ContextKeyValues": list(value.values),
        "ContextKeyType": type_of(value),
    }


def _answer(results: list[Mapping[str, Any]]) -> Simulated:
    """Returns the worst answer of all results, those of single resources included."""
    every = [*results, *(single for result in results for single in result.get("ResourceSpecificResults", []))]
    said = [(_decision(result), result) for result in every]
    if not said or any(decision not in _WORST_LAST for decision, _ in said):
        return _failed("the answer holds no decision")
    decision, worst = max(said, key=lambda pair: _WORST_LAST.index(pair[0]))
    matched = tuple(dict.fromkeys(found.get("SourcePolicyId", "?") for found in worst.get("MatchedStatements", [])))
    denied = decision != ALLOWED
    return Simulated(
        decision=decision,
        denied_by=_layer(results, worst) if denied else None,
        matched=matched if denied else (),
    )


def _decision(result: Mapping[str, Any]) -> str:
    return str(result.get("EvalDecision") or result.get("EvalResourceDecision"))


def _layer(results: list[Mapping[str, Any]], worst: Mapping[str, Any]) -> Layer:
    details = [worst, *results]
    if any(_says_no(found, "OrganizationsDecisionDetail", "AllowedByOrganizations") for found in details):
        return Layer.SERVICE_CONTROL_POLICY
    if any(_says_no(found, "PermissionsBoundaryDecisionDetail", "AllowedByPermissionsBoundary") for found in details):
        return Layer.PERMISSIONS_BOUNDARY
    kinds = {str(found.get("SourcePolicyType", "")).lower() for found in worst.get("MatchedStatements", [])}
    return Layer.RESOURCE_BASED_POLICY if kinds == {"resource"} else Layer.IDENTITY_BASED_POLICY


def _says_no(found: Mapping[str, Any], detail: str, field: str) -> bool:
    return (found.get(detail) or {}).get(field) is False


def _failed(cause: str) -> Simulated:
    return Simulated(decision=UNKNOWN, failure=f"iam:SimulatePrincipalPolicy gave no answer: {cause}.")


def _cause(error: ClientError) -> str:
    code = str(error.response.get("Error", {}).get("Code", "unknown error"))
    if code in _THROTTLED:
        return f"throttled ({code}); try again later"
    if code in _REFUSED:
        return f"not permitted ({code}); allow it to the function that proposes"
    return code
