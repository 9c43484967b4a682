"""Which service a role is passed to, by the API call that passes it.

A service principal is not always the event source: an instance profile is passed to EC2 even when
Auto Scaling asks, a task role to ``ecs-tasks``. Sources: the service pages of the IAM user guide's
"AWS services that work with IAM", the service authorization reference (dependent actions on ``iam:PassRole``),
and the trust policies that the services' guides tell to write for such roles. A call that is in no table passes
its role to nobody we could name, and gets no fix.
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
    ("eks", "UpdatePodIdentityAssociation"): ("pods.eks.amazonaws.com",),
    ("eks", "CreateAddon"): ("eks.amazonaws.com", "pods.eks.amazonaws.com"),
    ("eks", "UpdateAddon"): ("eks.amazonaws.com", "pods.eks.amazonaws.com"),
    ("autoscaling", "CreateAutoScalingGroup"): ("ec2.amazonaws.com",),
    ("autoscaling", "UpdateAutoScalingGroup"): ("ec2.amazonaws.com",),
    ("autoscaling", "CreateLaunchConfiguration"): ("ec2.amazonaws.com",),
    ("elasticmapreduce", "RunJobFlow"): ("ec2.amazonaws.com", "elasticmapreduce.amazonaws.com"),
    ("rds", "CreateDBInstance"): ("monitoring.rds.amazonaws.com",),
    ("rds", "ModifyDBInstance"): ("monitoring.rds.amazonaws.com",),
    ("rds", "CreateDBInstanceReadReplica"): ("monitoring.rds.amazonaws.com",),
    ("rds", "CreateDBCluster"): ("monitoring.rds.amazonaws.com",),
    ("rds", "ModifyDBCluster"): ("monitoring.rds.amazonaws.com",),
    ("rds", "RestoreDBClusterFromSnapshot"): ("monitoring.rds.amazonaws.com",),
    ("rds", "RestoreDBClusterToPointInTime"): ("monitoring.rds.amazonaws.com",),
    ("rds", "CreateDBProxy"): ("rds.amazonaws.com",),
    ("rds", "ModifyDBProxy"): ("rds.amazonaws.com",),
    ("rds", "StartExportTask"): ("export.rds.amazonaws.com",),
    ("rds", "AddRoleToDBInstance"): ("rds.amazonaws.com",),
    ("rds", "AddRoleToDBCluster"): ("rds.amazonaws.com",),
    ("apprunner", "CreateService"): ("build.apprunner.amazonaws.com", "tasks.apprunner.amazonaws.com"),
    ("apprunner", "UpdateService"): ("build.apprunner.amazonaws.com", "tasks.apprunner.amazonaws.com"),
    ("datapipeline", "PutPipelineDefinition"): ("datapipeline.amazonaws.com", "ec2.amazonaws.com"),
    ("batch", "RegisterJobDefinition"): ("ecs-tasks.amazonaws.com",),
    ("batch", "CreateComputeEnvironment"): ("batch.amazonaws.com", "ec2.amazonaws.com"),
    ("batch", "UpdateComputeEnvironment"): ("batch.amazonaws.com", "ec2.amazonaws.com"),
    ("imagebuilder", "CreateInfrastructureConfiguration"): ("ec2.amazonaws.com",),
    ("cloudtrail", "CreateTrail"): ("cloudtrail.amazonaws.com",),
    ("cloudtrail", "UpdateTrail"): ("cloudtrail.amazonaws.com",),
    ("airflow", "CreateEnvironment"): ("airflow.amazonaws.com", "airflow-env.amazonaws.com"),
    ("airflow", "UpdateEnvironment"): ("airflow.amazonaws.com", "airflow-env.amazonaws.com"),
    ("appstream2", "CreateFleet"): ("appstream.amazonaws.com",),
    ("appstream2", "UpdateFleet"): ("appstream.amazonaws.com",),
    ("appstream2", "CreateImageBuilder"): ("appstream.amazonaws.com",),
    ("cloudcontrolapi", "CreateResource"): ("cloudformation.amazonaws.com",),
    ("cloudcontrolapi", "UpdateResource"): ("cloudformation.amazonaws.com",),
    ("cloudcontrolapi", "DeleteResource"): ("cloudformation.amazonaws.com",),
    ("es", "CreateDomain"): ("es.amazonaws.com", "opensearchservice.amazonaws.com"),
    ("es", "UpdateDomainConfig"): ("es.amazonaws.com", "opensearchservice.amazonaws.com"),
    ("guardduty", "CreateMalwareProtectionPlan"): ("malware-protection-plan.guardduty.amazonaws.com",),
    ("guardduty", "UpdateMalwareProtectionPlan"): ("malware-protection-plan.guardduty.amazonaws.com",),
    ("iotsitewise", "CreatePortal"): ("monitor.iotsitewise.amazonaws.com",),
    ("iotsitewise", "UpdatePortal"): ("monitor.iotsitewise.amazonaws.com",),
    ("monitoring", "PutMetricStream"): ("streams.metrics.cloudwatch.amazonaws.com",),
    ("shield", "AssociateDRTRole"): ("drt.shield.amazonaws.com",),
    ("snowball", "CreateJob"): ("importexport.amazonaws.com",),
    ("snowball", "UpdateJob"): ("importexport.amazonaws.com",),
    ("synthetics", "CreateCanary"): ("lambda.amazonaws.com", "synthetics.amazonaws.com"),
    ("synthetics", "UpdateCanary"): ("lambda.amazonaws.com", "synthetics.amazonaws.com"),
    ("logs", "PutSubscriptionFilter"): ("logs.amazonaws.com",),
    ("logs", "PutDestination"): ("logs.amazonaws.com",),
    ("iam", "AddRoleToInstanceProfile"): ("ec2.amazonaws.com",),
    ("ec2", "RequestSpotFleet"): ("ec2.amazonaws.com", "spotfleet.amazonaws.com"),
    ("ec2", "CreateFlowLogs"): ("vpc-flow-logs.amazonaws.com",),
    ("ec2", "ImportImage"): ("vmie.amazonaws.com",),
    ("ec2", "ImportSnapshot"): ("vmie.amazonaws.com",),
    ("ec2", "ExportImage"): ("vmie.amazonaws.com",),
    ("s3", "CreateJob"): ("batchoperations.s3.amazonaws.com",),
    ("s3", "CreateAccessGrantsLocation"): ("access-grants.s3.amazonaws.com",),
    ("s3", "UpdateAccessGrantsLocation"): ("access-grants.s3.amazonaws.com",),
    ("iot", "CreateRoleAlias"): ("credentials.iot.amazonaws.com",),
    ("iot", "UpdateRoleAlias"): ("credentials.iot.amazonaws.com",),
    ("config", "PutRemediationConfigurations"): ("ssm.amazonaws.com",),
    ("osis", "CreatePipeline"): ("osis-pipelines.amazonaws.com",),
    ("osis", "UpdatePipeline"): ("osis-pipelines.amazonaws.com",),
    ("redshift-serverless", "CreateNamespace"): ("redshift.amazonaws.com", "redshift-serverless.amazonaws.com"),
    ("redshift-serverless", "UpdateNamespace"): ("redshift.amazonaws.com", "redshift-serverless.amazonaws.com"),
    ("redshift", "CreateScheduledAction"): ("scheduler.redshift.amazonaws.com",),
    ("redshift", "ModifyScheduledAction"): ("scheduler.redshift.amazonaws.com",),
}
"""Calls whose service differs from the event source, or is one of several."""

UNDER_OWN_NAME: Mapping[str, frozenset[str]] = {
    "ec2": frozenset({
        "RunInstances", "RunScheduledInstances", "RequestSpotInstances", "CreateFleet", "AssociateIamInstanceProfile",
        "ReplaceIamInstanceProfileAssociation",
    }),
    "s3": frozenset({"PutBucketReplication"}),
    "iot": frozenset({
        "CreateTopicRule", "ReplaceTopicRule", "CreateTopicRuleDestination", "CreateProvisioningTemplate",
        "UpdateProvisioningTemplate", "SetLoggingOptions", "SetV2LoggingOptions", "CreateStream", "UpdateStream",
        "CreateOTAUpdate", "CreateMitigationAction", "UpdateMitigationAction", "UpdateAccountAuditConfiguration",
        "StartThingRegistrationTask", "CreateJob", "CreateJobTemplate",
    }),
    "config": frozenset({"PutConfigurationRecorder", "PutConfigurationAggregator"}),
    "redshift": frozenset({"CreateCluster", "ModifyClusterIamRoles", "RestoreFromClusterSnapshot"}),
    "application-autoscaling": frozenset({"RegisterScalableTarget"}),
    "autoscaling": frozenset({"PutLifecycleHook"}),
    "cognito-idp": frozenset({"CreateUserPool", "UpdateUserPool", "SetUserPoolMfaConfig", "CreateUserImportJob"}),
    "elasticmapreduce": frozenset({"CreateStudio", "StartNotebookExecution"}),
    "gamelift": frozenset({"CreateFleet"}),
    "imagebuilder": frozenset({
        "CreateImage", "CreateImagePipeline", "UpdateImagePipeline", "CreateLifecyclePolicy", "UpdateLifecyclePolicy",
    }),
    "kafka": frozenset({"CreateReplicator"}),
    "sns": frozenset({
        "CreateTopic", "SetTopicAttributes", "CreatePlatformApplication", "SetPlatformApplicationAttributes",
        "SetSMSAttributes",
    }),
    "timestream": frozenset({"CreateScheduledQuery"}),
}  # fmt: skip
"""Calls that pass the role to the event source, of services with others that pass it to somebody else."""

SAME_AS_SOURCE = frozenset(
    {
        "lambda", "cloudformation", "codebuild", "codedeploy", "codepipeline", "glue", "sagemaker", "states", "events",
        "scheduler", "pipes", "firehose", "kinesisanalytics", "apigateway", "appsync", "backup", "bedrock",
        "bedrock-agentcore", "dlm", "dms", "elasticbeanstalk", "lakeformation", "mediaconvert", "opsworks",
        "quicksight", "ssm", "transfer", "vpc-flow-logs", "amplify", "comprehend", "datasync",
        "emr-serverless", "forecast", "personalize", "rekognition", "textract", "transcribe", "translate", "appconfig",
        "athena", "braket", "budgets", "chatbot", "cleanrooms", "comprehendmedical", "databrew", "dax",
        "entityresolution", "fis", "grafana", "greengrass", "groundstation", "healthlake", "iotanalytics", "iotevents",
        "iottwinmaker", "kafkaconnect", "kendra", "medialive", "medical-imaging", "neptune-graph", "omics",
        "resource-groups", "servicecatalog", "storagegateway",
    }
)  # fmt: skip
"""Event sources that are passed the role under their own name."""


def services_passed_to(event_source: str, event_name: str) -> tuple[str, ...]:
    """Returns the service principals that this call passes a role to; empty where nobody knows."""
    source = event_source.removesuffix(".amazonaws.com")
    by_call = BY_CALL.get((source, event_name))
    if by_call is not None:
        return by_call
    own = source in SAME_AS_SOURCE or event_name in UNDER_OWN_NAME.get(source, ())
    return (event_source,) if own and source != event_source else ()
