"""Which service a role is passed to, by the API call that passes it.

A service principal is not always the event source: an instance profile is passed to EC2 even when
Auto Scaling asks, a task role to ``ecs-tasks``. Sources: the service pages of the IAM user guide's
"AWS services that work with IAM" and of the service authorization reference (dependent actions on
``iam:PassRole``). A call that is in neither table passes its role to nobody we could name, and gets no fix.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

BY_CALL: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("ecs", "RegisterTaskDefinition"): ("ecs-tasks.amazonaws.com",),
    ("ecs", "RunTask"): ("ecs-tasks.amazonaws.com",),
    ("ecs", "StartTask"): ("ecs-tasks.amazonaws.com",),
    ("ecs", "CreateService"): ("ecs.amazonaws.com", "ecs-tasks.amazonaws.com"),
    ("ecs", "UpdateService"): ("ecs.amazonaws.com", "ecs-tasks.amazonaws.com"),
    ("eks", "CreateCluster"): ("eks.amazonaws.com",),
    ("eks", "CreateNodegroup"): ("ec2.amazonaws.com",),
    ("eks", "CreateFargateProfile"): ("eks-fargate-pods.amazonaws.com",),
    ("eks", "CreatePodIdentityAssociation"): ("pods.eks.amazonaws.com",),
    ("autoscaling", "CreateAutoScalingGroup"): ("ec2.amazonaws.com",),
    ("autoscaling", "UpdateAutoScalingGroup"): ("ec2.amazonaws.com",),
    ("autoscaling", "CreateLaunchConfiguration"): ("ec2.amazonaws.com",),
    ("elasticmapreduce", "RunJobFlow"): ("ec2.amazonaws.com", "elasticmapreduce.amazonaws.com"),
    ("rds", "CreateDBInstance"): ("monitoring.rds.amazonaws.com",),
    ("rds", "ModifyDBInstance"): ("monitoring.rds.amazonaws.com",),
    ("rds", "AddRoleToDBInstance"): ("rds.amazonaws.com",),
    ("rds", "AddRoleToDBCluster"): ("rds.amazonaws.com",),
    ("apprunner", "CreateService"): ("build.apprunner.amazonaws.com", "tasks.apprunner.amazonaws.com"),
    ("apprunner", "UpdateService"): ("build.apprunner.amazonaws.com", "tasks.apprunner.amazonaws.com"),
    ("datapipeline", "PutPipelineDefinition"): ("datapipeline.amazonaws.com", "ec2.amazonaws.com"),
    ("batch", "RegisterJobDefinition"): ("ecs-tasks.amazonaws.com",),
    ("batch", "CreateComputeEnvironment"): ("batch.amazonaws.com", "ec2.amazonaws.com"),
    ("imagebuilder", "CreateInfrastructureConfiguration"): ("ec2.amazonaws.com",),
    ("cloudtrail", "CreateTrail"): ("cloudtrail.amazonaws.com",),
    ("cloudtrail", "UpdateTrail"): ("cloudtrail.amazonaws.com",),
    ("airflow", "CreateEnvironment"): ("airflow.amazonaws.com", "airflow-env.amazonaws.com"),
    ("logs", "PutSubscriptionFilter"): ("logs.amazonaws.com",),
    ("logs", "PutDestination"): ("logs.amazonaws.com",),
}
"""Calls whose service differs from the event source, or is one of several."""

SAME_AS_SOURCE = frozenset(
    {
        "ec2", "lambda", "cloudformation", "codebuild", "codedeploy", "codepipeline", "glue", "sagemaker", "states",
        "events", "scheduler", "pipes", "firehose", "kinesisanalytics", "apigateway", "appsync", "backup", "bedrock",
        "bedrock-agentcore", "config", "dlm", "dms", "elasticbeanstalk", "iot", "lakeformation", "mediaconvert",
        "opsworks", "osis", "quicksight", "redshift", "s3", "ssm", "transfer", "vpc-flow-logs", "amplify", "comprehend",
        "datasync", "emr-serverless", "forecast", "personalize", "rekognition", "textract", "transcribe", "translate",
    }
)  # fmt: skip
"""Event sources that are passed the role under their own name."""


def services_passed_to(event_source: str, event_name: str) -> tuple[str, ...]:
    """Returns the service principals that this call passes a role to; empty where nobody knows."""
    source = event_source.removesuffix(".amazonaws.com")
    by_call = BY_CALL.get((source, event_name))
    if by_call is not None:
        return by_call
    return (event_source,) if source in SAME_AS_SOURCE and source != event_source else ()
