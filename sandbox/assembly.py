"""A synthesized cloud assembly, made fit for the sandbox: what it takes out, supplies, and asks the stack for."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DOCUMENT: Final = "AWS::SSM::Document"
TAKEN_OUT: Final[Mapping[str, str]] = {
    DOCUMENT: "supplied by the sandbox through ssm:CreateDocument, its values read from the stack",
    "AWS::Chatbot::SlackChannelConfiguration": "left out: there is no chat service here; its topic is kept",
    "AWS::Chatbot::MicrosoftTeamsChannelConfiguration": "left out: there is no chat service here; its topic is kept",
    "AWS::CloudWatch::AnomalyDetector": "left out: nothing is measured here that it could learn from",
    "AWS::Config::ConfigRule": "left out: there is no AWS Config here",
    "AWS::SSM::Association": "left out: there are no managed instances here",
}
"""Resource types that the emulator's CloudFormation lacks, and what becomes of them."""

TAKEN_OUT_WITH: Final[Mapping[tuple[str, str], str]] = {
    ("AWS::CloudWatch::Alarm", "Metrics"): "left out: the emulator's alarms know no metric math",
}
"""The same for resources of a known type that have a property which is not."""

FOLLOWS: Final = frozenset({"AWS::CloudWatch::Dashboard", "AWS::CloudWatch::CompositeAlarm"})
"""Types that are left out as well where they show something that is left out; nothing works less without them."""

_ASKED: Final = "SandboxAsked"


class AssemblyError(Exception):
    """The assembly holds something that the sandbox can't deploy; the text says what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A file that the template expects in S3."""

    path: Path
    bucket: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An SSM document that the template held."""

    name: str
    kind: str
    content: Any


@dataclass(slots=True, kw_only=True)
class Prepared:
    """A template that the emulator can deploy, and what is left to do by other means.

    Attributes:
        asked: By the name of an output added to the template, the intrinsic it answers.
        taken_out: One line per resource type that was taken out, with what becomes of it.

    """

    template: dict[str, Any]
    documents: list[Document] = field(default_factory=list)
    asked: dict[str, str] = field(default_factory=dict)
    taken_out: list[str] = field(default_factory=list)


def read_assets(assembly: Path, account: str, region: str) -> Iterator[Asset]:
    """Yields the file assets of every stack of the assembly, with the names their templates expect."""
    values = {"AWS::AccountId": account, "AWS::Region": region, "AWS::Partition": "aws"}
    for manifest in sorted(assembly.glob("*.assets.json")):
        for asset in json.loads(manifest.read_text())["files"].values():
            if asset["source"].get("packaging", "file") != "file":
                raise AssemblyError(f"{manifest.name}: the sandbox takes assets that are files, not folders")
            for place in asset["destinations"].values():
                bucket, key = _filled(place["bucketName"], values), _filled(place["objectKey"], values)
                yield Asset(path=assembly / asset["source"]["path"], bucket=bucket, key=key)


def _filled(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"${{{name}}}", value)
    return text


def prepare(template: Mapping[str, Any]) -> Prepared:
    """Returns the template without what the emulator lacks, and with outputs for what the documents refer to.

    Raises:
        AssemblyError: A kept resource depends on the value of one that was left out.

    """
    resources = dict(template["Resources"])
    reasons = _reasons(resources)
    gone = {name: resources[name] for name in reasons}
    kept = {name: resource for name, resource in resources.items() if name not in gone}
    names = {name: _document_name(name, gone[name]) for name in gone if gone[name]["Type"] == DOCUMENT}
    prepared = Prepared(template=_without(template, kept, gone, names))
    for logical, name in names.items():
        given = gone[logical]["Properties"]
        content = _asking(_renamed(given["Content"], names), prepared)
        prepared.documents.append(Document(name=name, kind=given["DocumentType"], content=content))
    counted = Counter(reasons.values())
    prepared.taken_out = [f"{kind} ({number}): {why}" for (kind, why), number in sorted(counted.items())]
    return prepared


def _reasons(resources: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Returns what is taken out, and why, by the resource's name in the template."""
    reasons = {name: why for name, resource in resources.items() if (why := _why_out(resource))}
    for name, resource in resources.items():
        if name not in reasons and resource["Type"] in FOLLOWS and _mentions(resource, reasons):
            reasons[name] = (resource["Type"], "left out: it shows a resource that is left out")
    return reasons


def _why_out(resource: Mapping[str, Any]) -> tuple[str, str] | None:
    """Returns what is taken out, and why; None for a resource that stays."""
    kind = resource["Type"]
    if kind in TAKEN_OUT:
        return kind, TAKEN_OUT[kind]
    for (of_kind, having), why in TAKEN_OUT_WITH.items():
        if kind == of_kind and having in resource.get("Properties", {}):
            return f"{kind} with {having}", why
    return None


def _document_name(logical: str, resource: Mapping[str, Any]) -> str:
    name = resource["Properties"].get("Name", logical)
    if not isinstance(name, str):
        raise AssemblyError(f"{logical}: the sandbox takes SSM documents whose name is plain text")
    return name


def _without(
    template: Mapping[str, Any], kept: dict[str, Any], gone: Mapping[str, Any], names: Mapping[str, str]
) -> dict[str, Any]:
    resources = {name: _independent(_renamed(resource, names), gone) for name, resource in kept.items()}
    outputs = {name: _renamed(output, names) for name, output in template.get("Outputs", {}).items()}
    outputs = {name: output for name, output in outputs.items() if not _mentions(output, gone)}
    for name, resource in resources.items():
        if mentioned := _mentions(resource, gone):
            raise AssemblyError(f"{name} needs a value of {mentioned}, a resource that the sandbox leaves out")
    return {**template, "Resources": resources, "Outputs": outputs}


def _renamed(node: Any, names: Mapping[str, str]) -> Any:  # noqa: ANN401 - any JSON
    """Returns the node with references to documents replaced by their names."""
    if isinstance(node, dict):
        if node.keys() == {"Ref"} and node["Ref"] in names:
            return names[node["Ref"]]
        return {key: _renamed(value, names) for key, value in node.items()}
    return [_renamed(item, names) for item in node] if isinstance(node, list) else node


def _independent(resource: dict[str, Any], gone: Mapping[str, Any]) -> dict[str, Any]:
    depends = resource.get("DependsOn", [])
    left = [name for name in ([depends] if isinstance(depends, str) else depends) if name not in gone]
    return {**{key: value for key, value in resource.items() if key != "DependsOn"}, "DependsOn": left}


def _mentions(node: Any, gone: Mapping[str, Any]) -> str | None:  # noqa: ANN401 - any JSON
    """Returns a name of ``gone`` that a Ref or GetAtt in the node needs, or None."""
    if isinstance(node, list):
        return next((found for item in node if (found := _mentions(item, gone))), None)
    if not isinstance(node, dict):
        return None
    got = node.get("Fn::GetAtt")
    wanted = node.get("Ref") or (got[0] if isinstance(got, list) else str(got or "").split(".")[0])
    return str(wanted) if wanted in gone else _mentions(list(node.values()), gone)


def _asking(node: Any, prepared: Prepared) -> Any:  # noqa: ANN401 - any JSON
    """Returns the node with each intrinsic as a placeholder; the template gets an output that answers it."""
    if isinstance(node, list):
        return [_asking(item, prepared) for item in node]
    if not isinstance(node, dict):
        return node
    if len(node) == 1 and (next(iter(node)) == "Ref" or next(iter(node)).startswith("Fn::")):
        name = _ask(json.dumps(node, sort_keys=True), prepared)
        prepared.template["Outputs"][name] = {"Value": node}
        return _Placeholder(name)
    return {key: _asking(value, prepared) for key, value in node.items()}


def _ask(intrinsic: str, prepared: Prepared) -> str:
    known = {asked: name for name, asked in prepared.asked.items()}
    name = known.get(intrinsic, f"{_ASKED}{len(prepared.asked)}")
    prepared.asked[name] = intrinsic
    return name


class _Placeholder(str):
    """The name of an output whose value belongs here."""

    __slots__ = ()


def filled_in(content: Any, outputs: Mapping[str, str]) -> Any:  # noqa: ANN401 - any JSON
    """Returns a document's content with the stack's answers in the places of its intrinsics."""
    if isinstance(content, _Placeholder):
        return outputs[str(content)]
    if isinstance(content, dict):
        return {key: filled_in(value, outputs) for key, value in content.items()}
    return [filled_in(item, outputs) for item in content] if isinstance(content, list) else content


def own_outputs(outputs: Mapping[str, str]) -> dict[str, str]:
    """Returns the outputs that the template itself declares."""
    return {name: value for name, value in outputs.items() if not name.startswith(_ASKED)}
