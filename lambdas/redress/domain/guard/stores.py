"""Writes to places from which others run code or read evidence, where the place's name says so.

What lies in a bucket says nothing of who runs it. But deployment tools and services name their own buckets by a
pattern that they publish, and what lies there runs with their roles, which often may do everything; and the logs of
an account are delivered under ``AWSLogs/``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from redress.domain import arn
from redress.domain.proposal import GuardHit
from redress.domain.words import GuardVerdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redress.domain.guard.change import Change

RUN_BY_OTHERS: tuple[tuple[str, str], ...] = (
    ("s3", r"cdk-[a-z0-9]+-assets-.*"),
    ("ecr", r"repository/cdk-[a-z0-9]+-container-assets-.*"),
    ("s3", r"cf-templates-.*"),
    ("s3", r"(?:aws-sam-cli-managed-|sam-app-|.*serverlessdeploymentbuck).*"),
    ("s3", r"(?:elasticbeanstalk|codepipeline|sagemaker)-[a-z]{2}-.*"),
    ("s3", r"aws-(?:glue-(?:assets|scripts)|emr-(?:resources|studio))-.*"),
    ("s3", r"amplify-.*"),
    ("s3", r"[^/]*(?:tf-?state|terraform|pulumi).*"),
    ("s3", r".*\.tfstate"),
)
"""Service and resource of stores whose contents a tool or a service runs: assets, templates, scripts, and state.

Sources: CDK's bootstrap template, the developer guides of CloudFormation, SAM, Elastic Beanstalk, CodePipeline, AWS
Glue, Amazon EMR and SageMaker AI on the buckets that they make, and the Serverless Framework's.
"""
EVIDENCE = re.compile(
    r"(?:[^/]+/(?:.*/)?AWSLogs(?:/.*)?|(?:aws-cloudtrail-logs|config-bucket|aws-waf-logs)-.*)", re.DOTALL
)
"""Where CloudTrail, AWS Config, flow logs and load balancers deliver, and the names of buckets made for that."""


def stores(change: Change) -> Iterator[GuardHit]:
    """Yields a hit for each write to a store that others run code from, or in which evidence lies."""
    for action, statement in change.grants():
        for parts in filter(None, map(arn.split, statement.resources if change.writes(action) else ())):
            if any(
                parts.service == name and re.fullmatch(text, parts.resource, re.DOTALL) for name, text in RUN_BY_OTHERS
            ):
                reason = f"{action} could change what a deployment or a service runs from {parts.resource}."
                yield GuardHit(rule="run-by-others", verdict=GuardVerdict.TWO_APPROVERS, reason=reason)
            if parts.service == "s3" and EVIDENCE.fullmatch(parts.resource):
                reason = f"{action} could change or destroy the logs in {parts.resource}."
                yield GuardHit(rule="evidence-store", verdict=GuardVerdict.TWO_APPROVERS, reason=reason)
