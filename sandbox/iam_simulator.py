"""The IAM policy simulator on the wire: reads its parameters, checks the permission, writes its results."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from redress.domain.policies import Policies
from redress.domain.policy_error import MalformedPolicy
from sandbox import emulator, iam_state
from sandbox.answers import Answer, action_of, new_request_id, refused
from sandbox.context_entries import fault_of
from sandbox.query_protocol import query_error, query_reply
from sandbox.request_parameters import parameters_of
from sandbox.service_models import operation_of
from sandbox.simulate import Simulation, custom_caller, parse_all, results
from sandbox.standing import Standing, policies_for, role_standing, user_standing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.exchange import Call, Reply

PRINCIPAL: Final = "SimulatePrincipalPolicy"
CUSTOM: Final = "SimulateCustomPolicy"
NAMESPACE: Final = "https://iam.amazonaws.com/doc/2010-05-08/"
_REQUIRED: Final = {PRINCIPAL: ("PolicySourceArn", "ActionNames"), CUSTOM: ("PolicyInputList", "ActionNames")}
_PAGE: Final = 1000


class _Invalid(Exception):  # noqa: N818 - what the request is
    """The request cannot be simulated; the arguments are IAM's code, status and message."""


def _respond(call: Call) -> Reply:
    action, request_id = action_of(call), new_request_id()
    asked = parameters_of(call, operation_of(call))
    refusal = refused(call, f"iam:{action}", "iam", asked.get("PolicySourceArn", "*"))
    if refusal:
        return refusal
    missing = next((name for name in _REQUIRED[action] if not asked.get(name)), None)
    if missing:
        return query_error(400, "ValidationError", f"{missing} is required", namespace=NAMESPACE, request_id=request_id)
    try:
        simulation = _of_principal(asked) if action == PRINCIPAL else _of_input(asked)
        found = results(simulation, asked["ActionNames"], asked.get("ResourceArns", ()))
    except MalformedPolicy as error:
        return query_error(400, "InvalidInput", str(error), namespace=NAMESPACE, request_id=request_id)
    except _Invalid as error:
        code, status, message = error.args
        return query_error(status, code, message, namespace=NAMESPACE, request_id=request_id)
    return query_reply(action, _page(found, asked), namespace=NAMESPACE, request_id=request_id)


def _page(found: list[dict[str, Any]], asked: Mapping[str, Any]) -> dict[str, Any]:
    start, most = int(asked.get("Marker", 0)), int(asked.get("MaxItems", _PAGE))
    more = start + most < len(found)
    page = {"EvaluationResults": found[start : start + most], "IsTruncated": more}
    return {**page, "Marker": str(start + most)} if more else page


def _of_principal(asked: Mapping[str, Any]) -> Simulation:
    arn = asked["PolicySourceArn"]
    standing = _source(arn)
    caller = custom_caller(asked["CallerArn"], emulator.account()) if "CallerArn" in asked else standing.caller
    held = policies_for(standing, None)
    if held.unreadable:
        raise MalformedPolicy(arn, "has a policy that can't be read")
    extra = parse_all("PolicyInputList", asked.get("PolicyInputList", ()))
    bounds = _boundary(asked)
    policies = replace(
        held,
        identity=(*held.identity, *extra),
        boundary=held.boundary if bounds is None else bounds,
        resource=_resource(asked),
    )
    entries = _context(asked)
    context = {**_own_context(standing), **entries}
    kinds = {policy.name: _kind(arn, policy.name) for policy in held.identity}
    return Simulation(
        caller=caller,
        policies=policies,
        context=context,
        given=frozenset(context),
        kinds=kinds,
        resource_account=_owner(asked),
    )


def _of_input(asked: Mapping[str, Any]) -> Simulation:
    policies = Policies(
        identity=parse_all("PolicyInputList", asked.get("PolicyInputList", ())),
        boundary=_boundary(asked),
        resource=_resource(asked),
    )
    entries = _context(asked)
    caller = custom_caller(asked.get("CallerArn"), emulator.account())
    return Simulation(
        caller=caller,
        policies=policies,
        context=entries,
        given=frozenset(entries),
        kinds={},
        resource_account=_owner(asked),
    )


def _source(arn: str) -> Standing:
    fields = arn.split(":", 5)
    kind, _, name = fields[-1].partition("/")
    account, name = fields[4] if len(fields) > 4 else "", name.rsplit("/", 1)[-1]  # noqa: PLR2004 - an ARN has six
    found = {"role": role_standing, "user": user_standing}.get(kind)
    if kind == "group":
        return Standing(caller=custom_caller(None, account), identity=iam_state.group_policies(account, name))
    if found is None:
        raise _Invalid("InvalidInput", 400, f"Invalid Entity Arn: {arn} does not clearly define entity type and name.")
    standing = found(account, name)
    if standing is None:
        raise _Invalid("NoSuchEntity", 404, f"The {kind} with name {name} cannot be found.")
    return standing


def _boundary(asked: Mapping[str, Any]) -> Any:  # noqa: ANN401 - the policies, or None
    given = asked.get("PermissionsBoundaryPolicyInputList")
    return parse_all("PermissionsBoundaryPolicyInputList", given) if given else None


def _resource(asked: Mapping[str, Any]) -> Any:  # noqa: ANN401 - the policy, or None
    given = asked.get("ResourcePolicy")
    return parse_all("ResourcePolicy", (given,))[0] if given else None


def _owner(asked: Mapping[str, Any]) -> str | None:
    owner = asked.get("ResourceOwner")
    return owner.split(":")[4] if owner and owner.startswith("arn:") else owner


def _context(asked: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    entries = asked.get("ContextEntries", ())
    fault = next(filter(None, map(fault_of, entries)), "")
    if fault:
        raise _Invalid("InvalidInput", 400, fault)
    return {entry["ContextKeyName"].lower(): tuple(entry.get("ContextKeyValues", ())) for entry in entries}


def _own_context(standing: Standing) -> dict[str, tuple[str, ...]]:
    """Returns the keys that the simulator fills in from the principal itself."""
    caller = standing.caller
    known = {"aws:principalarn": caller.arn, "aws:principalaccount": caller.account, "aws:userid": caller.unique_id}
    if ":user/" in caller.arn:
        known["aws:username"] = caller.name
    tags = {f"aws:principaltag/{key.lower()}": value for key, value in iam_state.tags_of(caller.arn).items()}
    return {key: (value,) for key, value in {**known, **tags}.items() if value}


def _kind(source: str, policy: str) -> str:
    if policy.startswith("arn:aws:iam::aws:"):
        return "aws-managed"
    if policy.startswith("arn:"):
        return "user-managed"
    return "group" if policy.startswith("group:") else source.split(":", 5)[-1].partition("/")[0]


SIMULATE: Final = Answer(wants=lambda call: action_of(call) in {PRINCIPAL, CUSTOM}, respond=_respond)
