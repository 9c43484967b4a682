"""Deploys a synthesized cloud assembly to the sandbox: the very template, less what is listed in ``assembly``."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from sandbox.assembly import AssemblyError, filled_in, own_outputs, prepare, read_assets
from sandbox.process import ACCOUNT, REGION, SandboxError

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.assembly import Document, Prepared
    from sandbox.process import Sandbox

STACK: Final = "Redress"
SECONDS: Final = 60.0
BOOTSTRAP_VERSION: Final = "30"
"""What ``cdk bootstrap`` leaves in the parameter that templates check; recent enough for any of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """A stack in the sandbox.

    Attributes:
        outputs: The template's own outputs.
        documents: Names of the SSM documents that were supplied.
        taken_out: One line per resource type that the emulator lacks, and what became of it.

    """

    stack: str
    outputs: Mapping[str, str]
    documents: tuple[str, ...] = ()
    taken_out: tuple[str, ...] = field(default=())


def deploy(sandbox: Sandbox, assembly: Path, *, stack: str = STACK) -> Deployed:
    """Returns the deployed stack.

    Args:
        sandbox: Started.
        assembly: The folder that the CDK synthesized into.
        stack: Name of the stack and of its template in the assembly.

    Raises:
        SandboxError: The assembly is not there, or CloudFormation refused it.

    """
    template = assembly / f"{stack}.template.json"
    if not template.exists():
        raise SandboxError(f"{template} is missing: run `make synth` first")
    try:
        prepared = prepare(json.loads(template.read_text()))
        _bootstrap(sandbox, assembly)
        outputs = _create(sandbox, stack, prepared)
        for document in prepared.documents:
            _supply(sandbox, document, outputs)
    except (AssemblyError, ClientError) as error:
        raise SandboxError(f"{template.name}: {error}") from error
    return Deployed(
        stack=stack,
        outputs=own_outputs(outputs),
        documents=tuple(document.name for document in prepared.documents),
        taken_out=tuple(prepared.taken_out),
    )


def _bootstrap(sandbox: Sandbox, assembly: Path) -> None:
    """Puts in place what ``cdk bootstrap`` and asset publishing would: version, bucket and files."""
    parameter = {"Name": "/cdk-bootstrap/hnb659fds/version", "Value": BOOTSTRAP_VERSION, "Type": "String"}
    sandbox.client("ssm").put_parameter(**parameter, Overwrite=True)
    s3 = sandbox.client("s3")
    for asset in read_assets(assembly, ACCOUNT, REGION):
        s3.create_bucket(Bucket=asset.bucket)
        s3.put_object(Bucket=asset.bucket, Key=asset.key, Body=asset.path.read_bytes())


def _create(sandbox: Sandbox, stack: str, prepared: Prepared) -> dict[str, str]:
    cloudformation = sandbox.client("cloudformation")
    capabilities = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
    url = _upload(sandbox, stack, prepared)
    cloudformation.create_stack(StackName=stack, TemplateURL=url, Capabilities=capabilities)
    made = _settled(cloudformation, stack)
    if made["StackStatus"] != "CREATE_COMPLETE":
        raise SandboxError(f"stack {stack}: {made['StackStatus']}: {_reason(cloudformation, stack, made)}")
    return {output["OutputKey"]: output["OutputValue"] for output in made.get("Outputs", [])}


def _upload(sandbox: Sandbox, stack: str, prepared: Prepared) -> str:
    """Returns the URL of the template in S3; CloudFormation takes no more than 51,200 bytes in the request."""
    s3, bucket, key = sandbox.client("s3"), f"{stack.lower()}-template-{ACCOUNT}", f"{stack}.template.json"
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key=key, Body=json.dumps(prepared.template).encode())
    return f"{sandbox.endpoint}/{bucket}/{key}"


def _settled(cloudformation: Any, stack: str) -> dict[str, Any]:  # noqa: ANN401 - a boto3 client
    deadline = time.monotonic() + SECONDS
    while True:
        made: dict[str, Any] = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
        if not made["StackStatus"].endswith("_IN_PROGRESS"):
            return made
        if time.monotonic() > deadline:
            raise SandboxError(f"stack {stack} is still {made['StackStatus']} after {SECONDS:.0f} s")
        time.sleep(0.05)


def _reason(cloudformation: Any, stack: str, made: Mapping[str, Any]) -> str:  # noqa: ANN401 - a boto3 client
    events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    failed = [event for event in reversed(events) if event.get("ResourceStatus", "").endswith("_FAILED")]
    told = [f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}" for event in failed[:3]]
    return "; ".join(told) or str(made.get("StackStatusReason", "no reason given"))


def _supply(sandbox: Sandbox, document: Document, outputs: Mapping[str, str]) -> None:
    content = filled_in(document.content, outputs)
    text = content if isinstance(content, str) else json.dumps(content)
    ssm = sandbox.client("ssm")
    ssm.create_document(Name=document.name, Content=text, DocumentType=document.kind, DocumentFormat="JSON")
