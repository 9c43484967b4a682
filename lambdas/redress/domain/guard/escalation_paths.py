"""Sets of permissions that together raise privileges, as data: the path's id and the actions that it needs."""

from __future__ import annotations

PUBLISHED = {
    "apprunner-001": "iam:PassRole apprunner:CreateService",
    "apprunner-002": "apprunner:UpdateService",
    "bedrock-001": (
        "iam:PassRole bedrock-agentcore:CreateCodeInterpreter "
        "bedrock-agentcore:StartCodeInterpreterSession bedrock-agentcore:InvokeCodeInterpreter"
    ),
    "bedrock-002": "bedrock-agentcore:StartCodeInterpreterSession bedrock-agentcore:InvokeCodeInterpreter",
    "cloudformation-001": "iam:PassRole cloudformation:CreateStack",
    "cloudformation-002": "cloudformation:UpdateStack",
    "cloudformation-003": "iam:PassRole cloudformation:CreateStackSet cloudformation:CreateStackInstances",
    "cloudformation-004": "iam:PassRole cloudformation:UpdateStackSet",
    "cloudformation-005": "cloudformation:CreateChangeSet cloudformation:ExecuteChangeSet",
    "codebuild-001": "iam:PassRole codebuild:CreateProject codebuild:StartBuild",
    "codebuild-002": "codebuild:StartBuild",
    "codebuild-003": "codebuild:StartBuildBatch",
    "codebuild-004": "iam:PassRole codebuild:CreateProject codebuild:StartBuildBatch",
    "datapipeline-001": (
        "iam:PassRole datapipeline:CreatePipeline datapipeline:PutPipelineDefinition datapipeline:ActivatePipeline"
    ),
    "ec2instanceconnect-003": "ec2-instance-connect:SendSSHPublicKey ec2:DescribeInstances",
    "ec2-001": "iam:PassRole ec2:RunInstances",
    "ec2-002": "ec2:ModifyInstanceAttribute ec2:StopInstances ec2:StartInstances",
    "ec2-003": "iam:PassRole ec2:RequestSpotInstances",
    "ec2-004": "ec2:CreateLaunchTemplateVersion ec2:ModifyLaunchTemplate",
    "ecs-001": "iam:PassRole ecs:CreateCluster ecs:RegisterTaskDefinition ecs:CreateService",
    "ecs-002": "iam:PassRole ecs:CreateCluster ecs:RegisterTaskDefinition ecs:RunTask",
    "ecs-003": "iam:PassRole ecs:RegisterTaskDefinition ecs:CreateService",
    "ecs-004": "iam:PassRole ecs:RegisterTaskDefinition ecs:RunTask",
    "ecs-005": "iam:PassRole ecs:RegisterTaskDefinition ecs:StartTask",
    "glue-001": "iam:PassRole glue:CreateDevEndpoint",
    "glue-002": "glue:UpdateDevEndpoint",
    "glue-003": "iam:PassRole glue:CreateJob glue:StartJobRun",
    "glue-004": "iam:PassRole glue:CreateJob glue:CreateTrigger",
    "glue-005": "iam:PassRole glue:UpdateJob glue:StartJobRun",
    "glue-006": "iam:PassRole glue:UpdateJob glue:CreateTrigger",
    "iam-001": "iam:CreatePolicyVersion",
    "iam-002": "iam:CreateAccessKey",
    "iam-003": "iam:CreateAccessKey iam:DeleteAccessKey",
    "iam-004": "iam:CreateLoginProfile",
    "iam-005": "iam:PutRolePolicy",
    "iam-006": "iam:UpdateLoginProfile",
    "iam-007": "iam:PutUserPolicy",
    "iam-008": "iam:AttachUserPolicy",
    "iam-009": "iam:AttachRolePolicy",
    "iam-010": "iam:AttachGroupPolicy",
    "iam-011": "iam:PutGroupPolicy",
    "iam-012": "iam:UpdateAssumeRolePolicy",
    "iam-013": "iam:AddUserToGroup",
    "iam-014": "iam:AttachRolePolicy sts:AssumeRole",
    "iam-015": "iam:AttachUserPolicy iam:CreateAccessKey",
    "iam-016": "iam:CreatePolicyVersion sts:AssumeRole",
    "iam-017": "iam:PutRolePolicy sts:AssumeRole",
    "iam-018": "iam:PutUserPolicy iam:CreateAccessKey",
    "iam-019": "iam:AttachRolePolicy iam:UpdateAssumeRolePolicy",
    "iam-020": "iam:CreatePolicyVersion iam:UpdateAssumeRolePolicy",
    "iam-021": "iam:PutRolePolicy iam:UpdateAssumeRolePolicy",
    "lambda-001": "iam:PassRole lambda:CreateFunction lambda:InvokeFunction",
    "lambda-002": "iam:PassRole lambda:CreateFunction lambda:CreateEventSourceMapping",
    "lambda-003": "lambda:UpdateFunctionCode",
    "lambda-004": "lambda:UpdateFunctionCode lambda:InvokeFunction",
    "lambda-005": "lambda:UpdateFunctionCode lambda:AddPermission",
    "lambda-006": "iam:PassRole lambda:CreateFunction lambda:AddPermission",
    "sagemaker-001": "iam:PassRole sagemaker:CreateNotebookInstance",
    "sagemaker-002": "iam:PassRole sagemaker:CreateTrainingJob",
    "sagemaker-003": "iam:PassRole sagemaker:CreateProcessingJob",
    "sagemaker-004": "sagemaker:CreatePresignedNotebookInstanceUrl",
    "sagemaker-005": (
        "sagemaker:CreateNotebookInstanceLifecycleConfig sagemaker:StopNotebookInstance "
        "sagemaker:UpdateNotebookInstance sagemaker:StartNotebookInstance"
    ),
    "ssm-001": "ssm:StartSession",
    "ssm-002": "ssm:SendCommand",
    "sts-001": "sts:AssumeRole",
}
"""The paths of pathfinding.cloud, ids unchanged.

Source: DataDog/pathfinding.cloud (Apache-2.0), data/paths at 84dd65c.
"""
PAGES = "pathfinding.cloud/paths/"
"""Each published path has a page there, under its id."""

FURTHER = {
    "x-iam-set-default-version": "iam:SetDefaultPolicyVersion",
    "x-iam-delete-role-boundary": "iam:DeleteRolePermissionsBoundary",
    "x-iam-delete-user-boundary": "iam:DeleteUserPermissionsBoundary",
    "x-iam-put-role-boundary": "iam:PutRolePermissionsBoundary",
    "x-iam-put-user-boundary": "iam:PutUserPermissionsBoundary",
    "x-iam-detach-role-policy": "iam:DetachRolePolicy",
    "x-iam-detach-user-policy": "iam:DetachUserPolicy",
    "x-iam-delete-role-policy": "iam:DeleteRolePolicy",
    "x-iam-delete-user-policy": "iam:DeleteUserPolicy",
    "x-iam-service-credential": "iam:CreateServiceSpecificCredential",
    "x-iam-reset-service-credential": "iam:ResetServiceSpecificCredential",
    "x-iam-upload-ssh-key": "iam:UploadSSHPublicKey",
    "x-iam-deactivate-mfa": "iam:DeactivateMFADevice",
    "x-iam-saml-provider": "iam:UpdateSAMLProvider",
    "x-iam-oidc-thumbprint": "iam:UpdateOpenIDConnectProviderThumbprint",
    "x-ec2-replace-profile": "iam:PassRole ec2:ReplaceIamInstanceProfileAssociation",
    "x-ec2-associate-profile": "iam:PassRole ec2:AssociateIamInstanceProfile",
    "x-ec2-fleet": "iam:PassRole ec2:CreateFleet",
    "x-ec2-spot-fleet": "iam:PassRole ec2:RequestSpotFleet",
    "x-autoscaling-launch": "iam:PassRole autoscaling:CreateLaunchConfiguration autoscaling:CreateAutoScalingGroup",
    "x-states-machine": "iam:PassRole states:CreateStateMachine states:StartExecution",
    "x-states-update": "states:UpdateStateMachine",
    "x-batch-job": "iam:PassRole batch:RegisterJobDefinition batch:SubmitJob",
    "x-emr-cluster": "iam:PassRole elasticmapreduce:RunJobFlow",
    "x-emr-serverless": "iam:PassRole emr-serverless:StartJobRun",
    "x-codepipeline": "iam:PassRole codepipeline:CreatePipeline",
    "x-codepipeline-update": "iam:PassRole codepipeline:UpdatePipeline",
    "x-codebuild-update": "codebuild:UpdateProject",
    "x-ssm-automation": "iam:PassRole ssm:StartAutomationExecution",
    "x-scheduler": "iam:PassRole scheduler:CreateSchedule",
    "x-events-target": "iam:PassRole events:PutTargets",
    "x-pipes": "iam:PassRole pipes:CreatePipe",
    "x-lambda-url": "iam:PassRole lambda:CreateFunction lambda:CreateFunctionUrlConfig",
    "x-lambda-layer": "lambda:UpdateFunctionConfiguration",
    "x-ecs-exec": "ecs:ExecuteCommand",
    "x-eks-pod-identity": "iam:PassRole eks:CreatePodIdentityAssociation",
    "x-eks-access-entry": "eks:CreateAccessEntry",
    "x-eks-access-entry-update": "eks:UpdateAccessEntry",
    "x-eks-access-policy": "eks:AssociateAccessPolicy",
    "x-rds-role": "iam:PassRole rds:AddRoleToDBInstance",
    "x-sagemaker-pipeline": "iam:PassRole sagemaker:CreatePipeline",
    "x-sagemaker-domain-url": "sagemaker:CreatePresignedDomainUrl",
    "x-imagebuilder": "iam:PassRole imagebuilder:CreateInfrastructureConfiguration",
    "x-ssm-session-ecs": "ssm:ResumeSession",
    "x-ec2-serial-console": "ec2-instance-connect:SendSerialConsoleSSHPublicKey",
    "x-sso-inline-policy": "sso:PutInlinePolicyToPermissionSet",
    "x-sso-attach-policy": "sso:AttachManagedPolicyToPermissionSet",
    "x-sso-assignment": "sso:CreateAccountAssignment",
    "x-identitystore-group": "identitystore:CreateGroupMembership",
    "x-ssm-association": "ssm:CreateAssociation",
    "x-ssm-association-update": "ssm:UpdateAssociation",
    "x-ssm-document": "ssm:UpdateDocument",
    "x-ssm-document-version": "ssm:UpdateDocumentDefaultVersion",
    "x-ssm-window-task": "ssm:RegisterTaskWithMaintenanceWindow",
    "x-ssm-window-task-update": "ssm:UpdateMaintenanceWindowTask",
    "x-ssm-change-request": "iam:PassRole ssm:StartChangeRequestExecution",
    "x-ssm-desktop": "ssm-guiconnect:StartConnection",
    "x-ec2-replace-root": "ec2:CreateReplaceRootVolumeTask",
    "x-ec2-swap-volume": "ec2:StopInstances ec2:DetachVolume ec2:AttachVolume",
    "x-autoscaling-template": "ec2:CreateLaunchTemplateVersion autoscaling:UpdateAutoScalingGroup",
    "x-batch-command": "batch:SubmitJob",
    "x-beanstalk": "elasticbeanstalk:CreateApplicationVersion elasticbeanstalk:UpdateEnvironment",
    "x-greengrass": "greengrass:CreateComponentVersion greengrass:CreateDeployment",
    "x-codebuild-command": "codebuild:StartCommandExecution",
    "x-codebuild-sandbox": "codebuild:StartSandboxConnection",
    "x-codedeploy": "codedeploy:RegisterApplicationRevision codedeploy:CreateDeployment",
    "x-cloudformation-instances": "cloudformation:UpdateStackInstances",
    "x-config-remediation": "config:PutRemediationConfigurations",
    "x-ecs-service": "iam:PassRole ecs:RegisterTaskDefinition ecs:UpdateService",
    "x-scheduler-update": "iam:PassRole scheduler:UpdateSchedule",
    "x-pipes-update": "iam:PassRole pipes:UpdatePipe",
    "x-eks-identity-provider": "eks:AssociateIdentityProviderConfig",
    "x-eks-pod-identity-update": "iam:PassRole eks:UpdatePodIdentityAssociation",
    "x-emr-steps": "elasticmapreduce:AddJobFlowSteps",
    "x-emr-notebook": "iam:PassRole elasticmapreduce:StartNotebookExecution",
    "x-emr-studio-mapping": "elasticmapreduce:CreateStudioSessionMapping",
    "x-emr-studio-mapping-update": "elasticmapreduce:UpdateStudioSessionMapping",
    "x-emr-containers": "emr-containers:StartJobRun",
    "x-emr-serverless-session": "iam:PassRole emr-serverless:StartSession",
    "x-emr-serverless-endpoint": "iam:PassRole emr-serverless:AccessInteractiveEndpoints",
    "x-glue-run": "glue:StartJobRun",
    "x-glue-source": "glue:UpdateJobFromSourceControl",
    "x-glue-trigger": "glue:CreateTrigger",
    "x-glue-trigger-update": "glue:UpdateTrigger",
    "x-glue-statement": "glue:RunStatement",
    "x-glue-session": "iam:PassRole glue:CreateSession",
    "x-athena-calculation": "athena:StartCalculationExecution",
    "x-airflow-rest": "airflow:InvokeRestApi",
    "x-airflow-update": "airflow:UpdateEnvironment",
    "x-sagemaker-lifecycle": "sagemaker:UpdateNotebookInstanceLifecycleConfig",
    "x-sagemaker-studio-user": "sagemaker:CreateStudioLifecycleConfig sagemaker:UpdateUserProfile",
    "x-sagemaker-studio-domain": "sagemaker:CreateStudioLifecycleConfig sagemaker:UpdateDomain",
    "x-sagemaker-session": "sagemaker:StartSession",
    "x-sagemaker-pipeline-update": "sagemaker:UpdatePipeline",
    "x-agentcore-command": "bedrock-agentcore:InvokeAgentRuntimeCommand",
    "x-agentcore-shell": "bedrock-agentcore:InvokeAgentRuntimeCommandShell",
    "x-agentcore-runtime": "iam:PassRole bedrock-agentcore:CreateAgentRuntime",
    "x-agentcore-runtime-update": "iam:PassRole bedrock-agentcore:UpdateAgentRuntime",
    "x-gamelift-shell": "gameliftstreams:CreateStreamSessionAdminShell",
    "x-cloud9-member": "cloud9:CreateEnvironmentMembership",
    "x-transfer-user": "transfer:UpdateUser",
    "x-transfer-user-create": "iam:PassRole transfer:CreateUser",
    "x-cognito-pool": "cognito-identity:UpdateIdentityPool",
    "x-cognito-pool-roles": "iam:PassRole cognito-identity:SetIdentityPoolRoles",
    "x-cognito-pool-tags": "cognito-identity:SetPrincipalTagAttributeMap",
    "x-cognito-group": "iam:PassRole cognito-idp:CreateGroup",
    "x-cognito-group-update": "iam:PassRole cognito-idp:UpdateGroup",
    "x-iot-role-alias": "iam:PassRole iot:CreateRoleAlias",
    "x-iot-role-alias-update": "iam:PassRole iot:UpdateRoleAlias",
    "x-sts-tag-session": "sts:TagSession sts:AssumeRole",
    "x-cloudformation-type": "cloudformation:RegisterType cloudformation:SetTypeDefaultVersion",
    "x-ec2-user-data": "ec2:ModifyInstanceAttribute ec2:StartInstances",
    "x-greengrass-function": "greengrass:CreateFunctionDefinitionVersion greengrass:CreateDeployment",
    "x-sts-source-identity": "sts:SetSourceIdentity sts:AssumeRole",
    "x-sts-context": "sts:SetContext sts:AssumeRole",
}
"""Paths of the same pattern that the list lacks, after Rhino Security Labs' and Prowler's published ones.

A call stands alone where it carries the code, the command or the access itself, and iam:PassRole is not asked for.
"""

CHANGED_LATER = {
    "x-ssm-association-batch": "ssm:CreateAssociationBatch",
    "x-ec2-template-latest": "ec2:CreateLaunchTemplateVersion",
    "x-flink-update": "kinesisanalytics:UpdateApplication",
    "x-amplify-app": "amplify:UpdateApp",
    "x-amplify-branch": "amplify:UpdateBranch",
    "x-amplify-branch-create": "amplify:CreateBranch",
    "x-fis-update": "fis:UpdateExperimentTemplate",
    "x-imagebuilder-update": "imagebuilder:UpdateImagePipeline",
    "x-servicecatalog-artifact": "servicecatalog:CreateProvisioningArtifact",
    "x-servicecatalog-principal": "servicecatalog:AssociatePrincipalWithPortfolio",
    "x-appsync-resolver": "appsync:CreateResolver",
    "x-appsync-resolver-update": "appsync:UpdateResolver",
    "x-appsync-function": "appsync:UpdateFunction",
    "x-iot-template": "iot:CreateProvisioningTemplateVersion",
    "x-iot-command": "iot:StartCommandExecution",
    "x-iot-job": "iot:CreateJob",
    "x-lambda-web-revision": "lambda:CreateWebFunctionRevision",
    "x-ecs-express": "ecs:UpdateExpressGatewayService",
    "x-emr-editor": "elasticmapreduce:OpenEditorInConsole",
    "x-emr-session": "elasticmapreduce:StartSession",
    "x-transfer-access": "transfer:UpdateAccess",
    "x-deadline-job": "deadline:CreateJob",
    "x-deadline-environment": "deadline:CreateQueueEnvironment",
}
"""Calls that change what runs under a role, or who is let in to run it, without the role being passed again."""

TAKES_A_ROLE = """
    airflow-serverless:CreateWorkflow airflow:CreateEnvironment amplify:CreateApp apigateway:PATCH apigateway:POST
    apigateway:PUT appstream:CreateFleet appstream:CreateImageBuilder appsync:CreateDataSource appsync:UpdateDataSource
    autoscaling:CreateAutoScalingGroup batch:CreateComputeEnvironment bedrock:CreateAgent bedrock:CreateFlow
    bedrock:UpdateAgent bedrock:UpdateFlow braket:CreateJob cloudformation:CreateResource cloudformation:UpdateResource
    codedeploy:CreateDeploymentGroup codedeploy:UpdateDeploymentGroup datasync:CreateLocationS3 deadline:CreateFleet
    deadline:CreateQueue ec2:RunScheduledInstances ecs:CreateDaemon ecs:CreateExpressGatewayService ecs:CreateService
    ecs:CreateTaskSet ecs:RunTask ecs:StartTask ecs:UpdateDaemon eks:CreateAddon eks:CreateCapability
    eks:CreateFargateProfile eks:CreateNodegroup eks:UpdateAddon emr-serverless:AccessLivyEndpoints
    firehose:CreateDeliveryStream firehose:UpdateDestination fis:CreateExperimentTemplate gamelift:CreateFleet
    glue:CreateCrawler glue:CreateMLTransform glue:StartBlueprintRun glue:UpdateCrawler greengrass:AssociateRoleToGroup
    iot:CreateProvisioningTemplate iot:CreateTopicRule iot:ReplaceTopicRule kafkaconnect:CreateConnector
    kendra:CreateDataSource kinesisanalytics:CreateApplication lakeformation:RegisterResource lambda:CreateMicrovmImage
    lambda:CreateWebFunction lambda:RunMicrovm mediaconvert:CreateJob omics:StartRun osis:CreatePipeline
    redshift:CreateCluster redshift:ModifyClusterIamRoles s3:CreateJob sagemaker:CreateAutoMLJob
    sagemaker:CreateAutoMLJobV2 sagemaker:CreateCluster sagemaker:CreateDomain sagemaker:CreateHyperParameterTuningJob
    sagemaker:CreateModel sagemaker:CreateMonitoringSchedule sagemaker:CreateUserProfile sagemaker:UpdateCluster
    servicecatalog:CreateConstraint ssm:CreateActivation ssm:UpdateManagedInstanceRole transfer:CreateAccess
"""
"""Calls that hand a role of the caller's choice to something that acts for him: each a path with iam:PassRole."""

PASSED = {
    f"x-passed-{'-'.join(action.split(':')).lower()}": f"iam:PassRole {action}" for action in TAKES_A_ROLE.split()
}

ALL = {name: frozenset(actions.split()) for name, actions in (PUBLISHED | FURTHER | CHANGED_LATER | PASSED).items()}
