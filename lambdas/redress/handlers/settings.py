"""What a function is told by its environment, read once per cold start and never at import."""

from __future__ import annotations

import os
from dataclasses import field, fields
from functools import cache
from typing import TYPE_CHECKING

from redress.domain.settings import Settings
from redress.domain.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """The Lambda variables, each empty where this function is not given it.

    Attributes:
        aws_region: ``AWS_REGION``, which Lambda sets itself.
        table_name: ``TABLE_NAME``.
        findings_topic_arn: ``FINDINGS_TOPIC_ARN``.
        security_topic_arn: ``SECURITY_TOPIC_ARN``.
        chat_topic_arn: ``CHAT_TOPIC_ARN``.
        approvals_topic_arn: ``APPROVALS_TOPIC_ARN``.
        apply_document: ``APPLY_DOCUMENT``, name of the runbook that applies a fix.
        restore_document: ``RESTORE_DOCUMENT``, name of the runbook that takes one back.
        start_function_name: ``START_FUNCTION_NAME``, of λ start.
        automation_role_arn: ``AUTOMATION_ROLE_ARN``.
        dead_letter_queue_url: ``DEAD_LETTER_QUEUE_URL``.
        slack_webhook_secret_arn: ``SLACK_WEBHOOK_SECRET_ARN``.
        slack_security_secret_arn: ``SLACK_SECURITY_SECRET_ARN``, where the security topic has a webhook of its own.
        denial_rule_name: ``DENIAL_RULE_NAME``, the EventBridge rule that denied calls come by.
        settings: ``REDRESS_SETTINGS``, the operator's knobs.

    """

    aws_region: str = ""
    table_name: str = ""
    findings_topic_arn: str = ""
    security_topic_arn: str = ""
    chat_topic_arn: str = ""
    approvals_topic_arn: str = ""
    apply_document: str = ""
    restore_document: str = ""
    start_function_name: str = ""
    automation_role_arn: str = ""
    dead_letter_queue_url: str = ""
    slack_webhook_secret_arn: str = ""
    slack_security_secret_arn: str = ""
    denial_rule_name: str = ""
    settings: Settings = field(default_factory=Settings)

    def need(self, *names: str) -> None:
        """Checks that these attributes are set.

        Raises:
            ValueError: One is empty; the text names its variable.

        """
        for name in names:
            if not getattr(self, name):
                raise ValueError(f"the Lambda variable {name.upper()} is not set")


def read_environment(variables: Mapping[str, str]) -> Environment:
    """Returns the environment that these variables describe.

    Raises:
        ValueError: ``REDRESS_SETTINGS`` is no JSON object or names an unknown knob.

    """
    names = [each.name for each in fields(Environment) if each.name != "settings"]
    given = {name: variables.get(name.upper(), "") for name in names}
    return Environment(**given, settings=Settings.from_json(variables.get("REDRESS_SETTINGS", "")))


@cache
def environment() -> Environment:
    """Returns this function's environment; read on the first call, the same value afterwards."""
    return read_environment(os.environ)
