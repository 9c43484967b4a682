"""A synthesized template, with references turned into texts that tests can compare."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ACCOUNT: Final = "123456789012"
REGION: Final = "us-east-1"
PSEUDO: Final = {
    "AWS::Partition": "aws",
    "AWS::AccountId": ACCOUNT,
    "AWS::Region": REGION,
    "AWS::URLSuffix": "amazonaws.com",
}
ARNS: Final = {
    "AWS::IAM::Role": f"arn:aws:iam::{ACCOUNT}:role/redress/system/{{}}",
    "AWS::IAM::ManagedPolicy": f"arn:aws:iam::{ACCOUNT}:policy/redress/system/{{}}",
    "AWS::DynamoDB::Table": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{{}}",
    "AWS::SQS::Queue": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{{}}",
    "AWS::SNS::Topic": f"arn:aws:sns:{REGION}:{ACCOUNT}:{{}}",
    "AWS::Lambda::Function": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{{}}",
    "AWS::Logs::LogGroup": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{{}}:*",
    "AWS::KMS::Key": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{{}}",
    "AWS::Events::Rule": f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{{}}",
    "AWS::SecretsManager::Secret": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{{}}",
}
REF_IS_ARN: Final = {"AWS::SNS::Topic", "AWS::IAM::ManagedPolicy", "AWS::SecretsManager::Secret"}


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource.

    Attributes:
        name: Its logical id.
        type: ``AWS::…``.
        properties: References are texts here.
        rest: DeletionPolicy and the like.

    """

    name: str
    type: str
    properties: dict[str, Any]
    rest: dict[str, Any]


class Template:
    """A template as read from an assembly."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "Redress.template.json"
        self.raw: dict[str, Any] = json.loads(self.path.read_text())

    def resources(self, type_: str) -> list[Resource]:
        """Returns the resources of a type, by logical id."""
        return sorted(self._resources(type_), key=lambda resource: resource.name)

    def one(self, type_: str, part: str = "") -> Resource:
        """Returns the only resource of a type whose logical id contains ``part``."""
        (found,) = (each for each in self.resources(type_) if part in each.name)
        return found

    def output(self, name: str) -> str:
        """Returns an output's value."""
        return str(self.resolve(self.raw["Outputs"][name]["Value"]))

    def resolve(self, value: Any) -> Any:  # noqa: ANN401 - any part of a template
        """Returns ``value`` with every intrinsic function as the text that it would give."""
        if isinstance(value, list):
            return [self.resolve(item) for item in value]
        if not isinstance(value, dict):
            return value
        match value:
            case {"Ref": str(name)}:
                return self._ref(name)
            case {"Fn::GetAtt": [str(name), str(attribute)]}:
                return self._attribute(name, attribute)
            case {"Fn::Join": [str(separator), list(parts)]}:
                return separator.join(str(self.resolve(part)) for part in parts)
        return {key: self.resolve(item) for key, item in value.items()}

    def _resources(self, type_: str) -> Iterator[Resource]:
        for name, raw in self.raw["Resources"].items():
            if raw["Type"] == type_:
                rest = {key: item for key, item in raw.items() if key not in {"Type", "Properties"}}
                yield Resource(name, type_, self.resolve(raw.get("Properties", {})), rest)

    def _ref(self, name: str) -> str:
        if name in PSEUDO:
            return PSEUDO[name]
        kind = self.raw["Resources"][name]["Type"]
        physical = self._physical(name)
        return ARNS[kind].format(physical) if kind in REF_IS_ARN else physical

    def _attribute(self, name: str, attribute: str) -> str:
        kind = self.raw["Resources"][name]["Type"]
        if attribute in {"Arn", "TopicArn", "StreamArn", "PolicyArn"}:
            arn = ARNS[kind].format(self._physical(name))
            return f"{arn}/stream/2026" if attribute == "StreamArn" else arn
        return f"{name}.{attribute}"

    def _physical(self, name: str) -> str:
        given = self.raw["Resources"][name].get("Properties", {})
        named = given.get("TopicName") or given.get("Name")
        return named if isinstance(named, str) else name
