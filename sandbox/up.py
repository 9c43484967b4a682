"""``make sandbox``: the local AWS with Redress deployed in it, left running until Ctrl-C.

Prints what is there and how to use it. Four identities are prepared, each as a file to ``source``:
root, an application's user who may do nothing yet, and two approvers.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sandbox.deploy import deploy
from sandbox.ports import port
from sandbox.process import ACCOUNT, PYTHON, REGION, ROOT, ROOT_KEY, Sandbox, SandboxError
from sandbox.synthesize import APPROVER_ARN, SECOND_APPROVER_ARN, SynthesisError, synthesize

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import FrameType

    from sandbox.deploy import Deployed

PORT: Final = 4566
FOLDER: Final = ROOT / "build" / "sandbox"
APPLICATION: Final = "orders-app"
BUCKET: Final = "orders"
APPROVER_SECONDS: Final = 12 * 3600


def main(words: Sequence[str] | None = None) -> int:
    """Runs until interrupted; returns the exit code."""
    arguments = _arguments(words)
    signal.signal(signal.SIGTERM, _interrupt)
    begun = time.monotonic()
    try:
        with Sandbox(port=arguments.port) as sandbox:
            _run(sandbox, begun)
    except (SandboxError, SynthesisError) as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped; nothing is left running")
    return 0


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make sandbox", description="Run Redress on a local AWS.")
    parser.add_argument(
        "--port", type=port, default=PORT, help=f"port of the local AWS (default: {PORT}; 0: a free one)"
    )
    return parser.parse_args(words)


def _interrupt(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise KeyboardInterrupt


def _run(sandbox: Sandbox, begun: float) -> None:
    deployed = deploy(sandbox, synthesize())
    folder = _folder(sandbox)
    try:
        prepared = _prepare(sandbox, deployed, folder)
        print(usage(sandbox.endpoint, deployed, prepared, seconds=time.monotonic() - begun), flush=True)
        code = sandbox.wait()
    finally:
        _forget(folder)
    raise SandboxError(f"the local AWS ended by itself with exit code {code}")


def _folder(sandbox: Sandbox) -> Path:
    """Returns where the identities' files go: a folder for each port, which two sandboxes can't share."""
    chosen = int(sandbox.endpoint.rsplit(":", 1)[-1])
    return FOLDER if chosen == PORT else FOLDER / str(chosen)


def _forget(folder: Path) -> None:
    for file in folder.glob("*.env"):
        file.unlink()
    for each in (folder, FOLDER):
        with suppress(OSError):  # another sandbox keeps its files there, or nothing was written
            each.rmdir()


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Files to ``source``, one per identity."""

    root: Path
    application: Path
    approver: Path
    second: Path


def _prepare(sandbox: Sandbox, deployed: Deployed, folder: Path) -> Prepared:
    """Makes the bucket and the people of the example."""
    iam = sandbox.client("iam")
    sandbox.client("s3").create_bucket(Bucket=BUCKET)
    iam.create_user(UserName=APPLICATION)
    key = iam.create_access_key(UserName=APPLICATION)["AccessKey"]
    return Prepared(
        root=_write(folder / "root.env", sandbox.endpoint, ROOT_KEY),
        application=_write(folder / "application.env", sandbox.endpoint, key),
        approver=_write(folder / "approver.env", sandbox.endpoint, _approver(sandbox, deployed, APPROVER_ARN)),
        second=_write(
            folder / "second-approver.env", sandbox.endpoint, _approver(sandbox, deployed, SECOND_APPROVER_ARN)
        ),
    )


def _approver(sandbox: Sandbox, deployed: Deployed, arn: str) -> Mapping[str, Any]:
    """Makes the role of an approver; returns credentials of a session of it."""
    iam, name = sandbox.client("iam"), arn.rsplit("/", 1)[-1]
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "sts:AssumeRole",
    }
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust, MaxSessionDuration=APPROVER_SECONDS)
    iam.attach_role_policy(RoleName=name, PolicyArn=deployed.outputs["ApproverPolicyArn"])
    session = sandbox.client("sts").assume_role(RoleArn=arn, RoleSessionName="you", DurationSeconds=APPROVER_SECONDS)
    keys: Mapping[str, Any] = session["Credentials"]
    return keys


def _write(path: Path, endpoint: str, keys: Mapping[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    values = {
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        "AWS_SESSION_TOKEN": keys.get("SessionToken", ""),
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
    }
    path.write_text("".join(f"export {variable}={value}\n" for variable, value in values.items()))
    path.chmod(0o600)
    return path


def usage(endpoint: str, deployed: Deployed, prepared: Prepared, *, seconds: float) -> str:
    """Returns what a person needs to know to use the running sandbox."""
    aws, redress = _shown(PYTHON.parent / "aws"), _shown(ROOT / ".venv" / "bin" / "redress")
    return "\n".join(
        [
            f"Redress runs on a local AWS (ready after {seconds:.0f} s; Ctrl-C stops it and forgets everything).",
            "",
            "Endpoint      " + endpoint,
            f"Account       {ACCOUNT}, Region {REGION}, root credentials test / test",
            "Credentials   " + "\n              ".join(_credential_lines(prepared)),
            "",
            *_listing("Topics", deployed, "TopicArn"),
            *_listing("Queues", deployed, "QueueUrl"),
            *_listing("Runbooks", deployed, "Document"),
            f"Table         {deployed.outputs['TableName']}",
            f"E-mails       curl {endpoint}/_redress/mail",
            "",
            "Not deployed, or by other means, because the emulator lacks it:",
            *(f"  {line}" for line in deployed.taken_out),
            "",
            "Try it: a call that is denied, and a few seconds later the finding and the proposal",
            f"  source {_shown(prepared.application)}",
            f"  {aws} s3api put-object --bucket {BUCKET} --key first.json",
            f"  source {_shown(prepared.approver)}",
            f"  {redress} findings",
            f"  {redress} show FINDING",
            "Sign the fix as the approver, and then make the call again as the application",
            f"  {redress} approve FINDING",
        ]
    )


def _credential_lines(prepared: Prepared) -> list[str]:
    return [
        f"source {_shown(prepared.root)}          root",
        f"source {_shown(prepared.application)}   user {APPLICATION}, who may do nothing yet",
        f"source {_shown(prepared.approver)}      role {APPROVER_ARN.rsplit('/', 1)[-1]}, who may sign",
        f"source {_shown(prepared.second)}   role {SECOND_APPROVER_ARN.rsplit('/', 1)[-1]}, for the second signature",
    ]


def _listing(title: str, deployed: Deployed, suffix: str) -> list[str]:
    found = [(name.removesuffix(suffix), value) for name, value in deployed.outputs.items() if name.endswith(suffix)]
    return [f"{title if first else '':<14}{name:<24}{value}" for first, (name, value) in _marked(found)]


def _marked(found: list[tuple[str, str]]) -> list[tuple[bool, tuple[str, str]]]:
    return [(number == 0, each) for number, each in enumerate(found)]


def _shown(path: Path) -> str:
    return os.path.relpath(path)


if __name__ == "__main__":
    sys.exit(main())
