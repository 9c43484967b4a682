"""Enforcement, heard and completed: what is asked of the policies for a request, and every decision on it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from ministack.core import iam_actions, iam_evaluator
from ministack.services import dynamodb, iam

from redress.adapters.iam_catalogue import IamCatalogue
from redress.domain.evaluate import evaluate
from redress.domain.request import Request, account_in
from sandbox import iam_state
from sandbox.dynamodb_keys import KEY, leading_keys
from sandbox.ec2_checks import Check, Ec2Request, checks
from sandbox.emulator import Denial, account, heard
from sandbox.operation_actions import action_of_operation
from sandbox.request_parameters import parameters_of
from sandbox.resource_arns import authorized_on
from sandbox.service_models import operation_of
from sandbox.standing import policies_for, standing_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.exchange import Call

_enforce: Final = iam_evaluator.enforce


def _listening_enforce(
    access_key_id: str,
    iam_action: str,
    service: str,
    region: str,
    resource_arn: str = "*",
    service_context: dict[str, Any] | None = None,
) -> Any:  # noqa: ANN401 - MiniStack's own result
    given = {key.lower(): value for key, value in (service_context or {}).items()}
    for check in _checks(iam_action, service, region, resource_arn):
        context = {**given, **check.context}
        result = _enforce(access_key_id, check.action, service, region, check.resource, context)
        if result is not None and not _trusted_directly(result, check, access_key_id):
            _note(result, check, access_key_id, (service, region), context)
            return result
    return None


def _trusted_directly(result: Any, check: Check, access_key: str) -> bool:  # noqa: ANN401 - MiniStack's own result
    """Returns whether the trust policy names the caller itself, which then needs no identity policy of its own."""
    if check.action != "sts:AssumeRole" or getattr(result, "decision", "") != "ImplicitDeny":
        return False
    standing, trust = standing_of(access_key), iam_state.trust_policy(check.resource)
    if standing is None or trust is None:
        return False
    request = Request(caller=standing.caller, action=check.action, resource=check.resource, complete=True)
    return evaluate(request, policies_for(standing, (trust, account_in(check.resource) or ""))).allowed


def _note(result: Any, check: Check, key: str, where: tuple[str, str], context: Mapping[str, Any]) -> None:  # noqa: ANN401
    listener = heard()
    if listener is None or not isinstance(result, iam_evaluator.EvalResult):
        return
    listener.denials.append(
        Denial(
            access_key=key,
            principal=result.principal_arn,
            action=check.action,
            service=where[0],
            region=where[1],
            resource=check.resource,
            context=context,
            explicit=result.decision == "Deny",
            resource_policy=bool(result.resource_policy_arn),
        ),
    )


def _checks(action: str, service: str, region: str, resource: str) -> list[Check]:
    listener = heard()
    if listener is None or listener.call is None:
        return [Check(action=action, resource=resource)]
    resource = _authorized_on(action, (service, region), resource, listener.call)
    if service == "dynamodb":
        return [Check(action=action, resource=resource, context=_dynamodb_context(listener.call))]
    if service != "ec2":
        return [Check(action=action, resource=resource)]
    form = {name: values[0] for name, values in listener.call.form.items() if values}
    request = Ec2Request(form=form, region=region, account=account(), role_of_profile=_role_of_profile)
    return checks(request, action, resource)


def _authorized_on(action: str, where: tuple[str, str], found: str, call: Call) -> str:
    if where[0] in _OWN_ARNS:
        return found
    place = {"Partition": "aws", "Region": where[1], "Account": account()}
    return authorized_on(action, found, lambda: parameters_of(call, operation_of(call)), _CATALOGUE, place)


_OWN_ARNS: Final = frozenset({"s3", "iam", "apigateway", "sts", "kms"})
"""Whose ARNs MiniStack, or the sandbox elsewhere, builds better than from parameters alone."""
_CATALOGUE: Final = IamCatalogue()


def _dynamodb_context(call: Call) -> dict[str, list[str]]:
    try:
        asked = json.loads(call.body or b"{}")
    except ValueError:
        return {}
    found = leading_keys(asked, _hash_key_of) if isinstance(asked, dict) else []
    return {KEY: found} if found else {}


def _hash_key_of(table: str) -> str | None:
    schema = (dynamodb._tables.get(table.rsplit("/", 1)[-1]) or {}).get("KeySchema") or ()  # noqa: SLF001
    return next((str(key["AttributeName"]) for key in schema if key["KeyType"] == "HASH"), None)


def _role_of_profile(name: str) -> str | None:
    profile = iam._instance_profiles.get(name) or {}  # noqa: SLF001
    role = next(iter(profile.get("Roles") or ()), None)
    found = iam._roles.get(role) if role else None  # noqa: SLF001
    return str(found["Arn"]) if found else None


def _listening_action(
    service: str, method: str, path: str, headers: dict[str, str], body: bytes, query_params: dict[str, Any]
) -> str | None:
    """Returns the IAM action of a request, from the service's model where MiniStack finds none."""
    action: str | None = _extract_action(service, method, path, headers, body, query_params)
    listener = heard()
    if action or listener is None or listener.call is None or service in _NO_ACTION:
        return action
    operation = operation_of(listener.call)
    return action_of_operation(operation) if operation else None


_extract_action: Final = iam_actions.extract_iam_action
_NO_ACTION: Final = frozenset({"s3", "imds", "ecs-metadata", "apigateway", "cognito-idp", "cognito-identity"})
"""Whose requests without an action are no API calls, or go unsigned."""


def install() -> None:
    """Makes MiniStack ask here for the action of a request, and for every decision on it."""
    iam_evaluator.enforce = _listening_enforce
    iam_actions.extract_iam_action = _listening_action
