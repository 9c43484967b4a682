"""The whole of Redress in event order; here things are only made known to each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from aws_cdk import Aws, CfnOutput, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from infra.approvals import Approvals
from infra.approver_policies import ApproverPolicies
from infra.automation_role import AutomationRole
from infra.dead_letters import DeadLetters
from infra.denial_rule import DenialRules
from infra.encryption_key import EncryptionKey
from infra.environment import settings_json
from infra.findings_table import FindingsTable
from infra.functions import Workshop
from infra.intake import Intake
from infra.notices import Notices
from infra.observability import Observability
from infra.own_account import complete
from infra.proposals import Proposals
from infra.runbooks import FOLDER, Runbooks
from infra.topics import Topics

if TYPE_CHECKING:
    from pathlib import Path

    from constructs import Construct

    from infra.knobs import Knobs


NO_CALENDAR: Final = "none"
"""Stands in a step that is not reached where no calendar is configured: SSM may not take an empty list there."""


class RedressStack(Stack):
    """Denied calls in, signed and proven fixes out."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        knobs: Knobs,
        asset: Path,
        asset_digest: str,
        runbooks: Path = FOLDER,
        **stack: Any,  # noqa: ANN401 - handed on to the CDK
    ) -> None:
        super().__init__(scope, id_, **stack)
        knobs = complete(knobs)
        self._bound(knobs.permissions_boundary)
        self._store(knobs)
        code = lambda_.Code.from_asset(str(asset), asset_hash=asset_digest)
        workshop = Workshop(code=code, knobs=knobs, variables=self._variables(knobs))
        self._take_in(workshop)
        self._propose_and_sign(workshop, runbooks)
        self._tell(workshop)
        self._outputs(knobs)

    def _store(self, knobs: Knobs) -> None:
        """Adds what the functions work on: table, topics, dead-letter queues."""
        key = EncryptionKey(self, "EncryptionKey", removal=key_removal(knobs)).key
        table_key = key if knobs.customer_managed_key else None
        self.table = FindingsTable(self, "FindingsTable", keep=knobs.keep_data, key=table_key).table
        self.topics = Topics(self, "Topics", key=key, knobs=knobs)
        self.dead_letters = DeadLetters(self, "DeadLetters")

    def _take_in(self, workshop: Workshop) -> None:
        """Adds the way of a denied call to its finding."""
        dead = self.dead_letters
        self.intake = Intake(self, "Intake", table=self.table, dead_letters=dead.denials, workshop=workshop)
        self.rules = DenialRules(self, "DenialRules", queue=self.intake.queue, dead_letters=dead.rules)

    def _propose_and_sign(self, workshop: Workshop, runbooks: Path) -> None:
        """Adds the way of a finding to a signed and proven fix."""
        table, dead, knobs = self.table, self.dead_letters, workshop.knobs
        approvals = self.topics.approvals
        self.automation_role = AutomationRole(
            self, "AutomationRole", table=table, approvals=approvals, knobs=knobs
        ).role
        self.runbooks = Runbooks(self, "Runbooks", values=self._placeholders(knobs), folder=runbooks)
        role = self.automation_role.role_arn
        self.approvals = Approvals(
            self, "Approvals", table=table, automation_role_arn=role, dead_letters=dead, workshop=workshop
        )
        start = self.approvals.start
        self.proposals = Proposals(
            self, "Proposals", table=table, start=start, failures=dead.functions, workshop=workshop
        )
        self.people = ApproverPolicies(
            self, "People", table=table, automation_role_arn=role, denials=self.intake.queue, dead_letters=dead
        )

    def _tell(self, workshop: Workshop) -> None:
        """Adds what tells people: of findings, and of Redress itself."""
        self.notices = Notices(
            self,
            "Notices",
            table=self.table,
            topics=self.topics,
            rule_name=self.rules.denied_calls.ref,
            dead_letters=self.dead_letters,
            workshop=workshop,
        )
        Observability(
            self,
            "Observability",
            denials=self.intake.queue,
            dead_letters=self.dead_letters,
            functions=self._functions(),
            on_stream=("Propose", "Notify"),
            topic=self.topics.security,
            knobs=workshop.knobs,
        )

    def _functions(self) -> dict[str, lambda_.IFunction]:
        functions: dict[str, lambda_.IFunction] = {
            "Triage": self.intake.function,
            "Propose": self.proposals.function,
            "Start": self.approvals.start,
            "Track": self.approvals.track,
            "Notify": self.notices.notify,
            "Digest": self.notices.digest,
        }
        return functions | ({"Slack": self.notices.slack} if self.notices.slack else {})

    def _bound(self, boundary: str) -> None:
        if boundary:
            policy = iam.ManagedPolicy.from_managed_policy_arn(self, "Boundary", boundary)
            iam.PermissionsBoundary.of(self).apply(policy)

    def _variables(self, knobs: Knobs) -> dict[str, str]:
        return {
            "TABLE_NAME": self.table.table_name,
            "FINDINGS_TOPIC_ARN": self.topics.findings.topic_arn,
            "SECURITY_TOPIC_ARN": self.topics.security.topic_arn,
            "CHAT_TOPIC_ARN": self.topics.chat.topic_arn,
            "APPROVALS_TOPIC_ARN": self.topics.approvals.topic_arn,
            "REDRESS_SETTINGS": settings_json(self, knobs),
        }

    def _placeholders(self, knobs: Knobs) -> dict[str, object]:
        return {
            "Approvers": list(knobs.approvers),
            "SecondApprovers": list(knobs.second_approvers or knobs.approvers),
            "MinApprovals": knobs.min_approvals,
            "ApprovalTimeoutSeconds": knobs.approval_timeout_seconds,
            "AutomationRoleArn": self.automation_role.role_arn,
            "TableName": self.table.table_name,
            "ApprovalsTopicArn": self.topics.approvals.topic_arn,
            "ChangeCalendars": list(knobs.change_calendars),
            "CalendarNames": list(knobs.change_calendars) or [NO_CALENDAR],
            "Partition": Aws.PARTITION,
        }

    def _outputs(self, knobs: Knobs) -> None:
        pages = {"DocsUrl": knobs.docs_url} if knobs.docs_url else {}
        for name, value in (self._named() | pages).items():
            CfnOutput(self, name, value=value)

    def _named(self) -> dict[str, str]:
        return {
            "TableName": self.table.table_name,
            "DenialsQueueUrl": self.intake.queue.queue_url,
            "DenialsDeadLetterQueueUrl": self.dead_letters.denials.queue_url,
            "RuleDeadLetterQueueUrl": self.dead_letters.rules.queue_url,
            "FunctionDeadLetterQueueUrl": self.dead_letters.functions.queue_url,
            "FindingsTopicArn": self.topics.findings.topic_arn,
            "SecurityTopicArn": self.topics.security.topic_arn,
            "ChatTopicArn": self.topics.chat.topic_arn,
            "ApprovalsTopicArn": self.topics.approvals.topic_arn,
            "ApplyDocument": self.runbooks.apply.ref,
            "RestoreDocument": self.runbooks.restore.ref,
            "AutomationRoleArn": self.automation_role.role_arn,
            "ApproverPolicyArn": self.people.approver.managed_policy_arn,
            "OnCallPolicyArn": self.people.on_call.managed_policy_arn,
            "AuditorPolicyArn": self.people.auditor.managed_policy_arn,
            **{f"{name}Function": function.function_name for name, function in self._functions().items()},
            "DenialRuleName": self.rules.denied_calls.ref,
        }


def key_removal(knobs: Knobs) -> RemovalPolicy:
    """Returns what becomes of the key without the stack: it stays as long as a table that is kept needs it.

    A table under AWS's key is protected from deletion, so that it stays even where the deployment that made it is
    rolled back; whatever else is kept goes then, for there is nothing in it.
    """
    if not knobs.keep_data:
        return RemovalPolicy.DESTROY
    return RemovalPolicy.RETAIN if knobs.customer_managed_key else RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
