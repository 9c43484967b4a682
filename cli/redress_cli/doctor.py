"""``redress doctor``: what Redress cannot see here, and what closes each gap.

Exit codes: 0 everything was looked at and nothing is missing; 1 something is missing, or could not be looked at
(never taken for well); 2 the stack itself could not be found.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from redress.adapters.coverage import Surroundings
from redress.domain.coverage import Evidence, Facts, Gap, Regions, Unseen, evidence_of, gaps
from redress.domain.digest import LOOKED_AT
from redress.domain.errors import Retry, Unreadable
from redress_cli import aws
from redress_cli.desk import Desk
from redress_cli.dlq import QUEUES

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Mapping

    from redress.domain.coverage import Runbook

PER_STATE = 200
"""Findings of each state whose evidence is looked at."""
RUNBOOKS = ("ApplyDocument", "RestoreDocument")
"""Outputs of the stack that name them."""
GLOBAL_REGIONS = {"aws": "us-east-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"}
"""Where each partition records the calls of IAM and other global services."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the subcommand's arguments."""
    parser.add_argument("--all-regions", action="store_true", help="look for the stack in all Regions of the account")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    aws.arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Prints the gaps; returns 0 where there are none, else 1."""
    found = gaps(look(aws.Deployment.of(arguments), all_regions=arguments.all_regions))
    if arguments.json:
        sys.stdout.writelines(json.dumps(asdict(gap), sort_keys=True) + "\n" for gap in found)
    else:
        sys.stdout.writelines(_lines(found, all_regions=arguments.all_regions))
    return 1 if found else 0


def look(deployment: aws.Deployment, *, all_regions: bool) -> Facts:
    """Returns everything that the person's credentials let us look at.

    Raises:
        Refused: The stack cannot be found.

    """
    outputs = deployment.outputs
    around = Surroundings(client=lambda service, region=None: _client(deployment, service, region))
    queues = [outputs[name] for name in QUEUES.values() if name in outputs]
    rule = outputs.get("DenialRuleName", "")
    unnamed = Unseen(what="the rule", reason="the stack has no output DenialRuleName")
    return Facts(
        trails=around.trails(),
        rule_state=around.rule_state(rule.rsplit("/", 1)[-1]) if rule else unnamed,
        runbooks=_runbooks(around, outputs),
        regions=around.regions(deployment.stack) if all_regions else _global_region(around, deployment),
        evidence=_evidence(Desk(deployment)),
        dead_letters=around.dead_letters(queues),
    )


def _runbooks(around: Surroundings, outputs: Mapping[str, str]) -> tuple[Runbook, ...] | Unseen:
    unnamed = [name for name in RUNBOOKS if name not in outputs]
    if unnamed:
        return Unseen(what="the runbooks", reason=f"the stack has no output {unnamed[0]}")
    return around.runbooks(outputs[name] for name in RUNBOOKS)


def _global_region(around: Surroundings, deployment: aws.Deployment) -> Regions:
    """Looks where global services record their calls, which every deployment needs."""
    partition = deployment.caller.split(":")[1]
    region = GLOBAL_REGIONS.get(partition)
    here = deployment.client("cloudformation").meta.region_name
    return around.regions_among([region] if region and region != here else [], deployment.stack)


def _evidence(desk: Desk) -> Evidence | Unseen:
    try:
        return evidence_of(each for state in LOOKED_AT for each in desk.findings.every(state, at_most=PER_STATE))
    except (Retry, Unreadable, ClientError, BotoCoreError) as error:
        return Unseen(what="the findings' evidence", reason=str(error))


def _client(deployment: aws.Deployment, service: str, region: str | None) -> Any:  # noqa: ANN401 - boto3's
    if region is None:
        return deployment.client(service)
    make: Any = boto3.session.Session(profile_name=deployment.profile).client
    return make(service, region_name=region, endpoint_url=deployment.endpoint_url)


def _lines(found: Iterable[Gap], *, all_regions: bool) -> Iterable[str]:
    empty = True
    for gap in found:
        empty = False
        yield f"{gap.missing}: {gap.detail}\n    {gap.remedy}\n"
    if empty:
        yield "Nothing is missing.\n"
    if not all_regions:
        yield "Other Regions were not looked at: --all-regions does.\n"
