"""The roles and policies of a template, put to the project's own policy evaluator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from redress.domain.evaluate import evaluate
from redress.domain.policies import Policies
from redress.domain.policy_json import parse_policy
from redress.domain.request import Request, caller_of
from tests.infra.template import ARNS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from redress.domain.decision import Decision
    from tests.infra.template import Resource, Template

FUNCTIONS = ("Triage", "Propose", "Start", "Track", "Notify", "Digest", "Slack")


def role_of(template: Template, part: str) -> Resource:
    """Returns the role of a function, or the Automation role."""
    return template.one("AWS::IAM::Role", part)


def function_roles(template: Template) -> list[Resource]:
    """Returns the roles that functions run with."""
    return [role for role in template.resources("AWS::IAM::Role") if "AutomationRole" not in role.name]


def documents(resource: Resource) -> list[dict[str, Any]]:
    """Returns the policy documents of a role or managed policy."""
    if resource.type == "AWS::IAM::ManagedPolicy":
        return [resource.properties["PolicyDocument"]]
    return [policy["PolicyDocument"] for policy in resource.properties.get("Policies", [])]


def statements(resource: Resource) -> Iterator[dict[str, Any]]:
    """Yields the statements of a role or managed policy."""
    for document in documents(resource):
        yield from document["Statement"]


def texts(value: str | list[str]) -> list[str]:
    """Returns one text or many as a list."""
    return [value] if isinstance(value, str) else value


def actions(resource: Resource, effect: str = "Allow") -> set[str]:
    """Returns the actions that the statements of this effect name."""
    named = (texts(statement["Action"]) for statement in statements(resource) if statement["Effect"] == effect)
    return {action for group in named for action in group}


def decide(resource: Resource, action: str, on: str, context: Mapping[str, str | list[str]] | None = None) -> Decision:
    """Returns the decision on a call with these policies, in a context that is complete."""
    given = {key: tuple(texts(value)) for key, value in (context or {}).items()}
    caller = caller_of(ARNS["AWS::IAM::Role"].format(resource.name))
    request = Request(caller=caller, action=action, resource=on, context=given, complete=True)
    policies = tuple(parse_policy(f"Work{number}", document) for number, document in enumerate(documents(resource)))
    return evaluate(request, Policies(identity=policies))
