"""Where CloudTrail's event names differ from IAM's actions, as data.

Everything that is not in here has the same name on both sides; ``event_actions`` confirms that
with the service authorization reference and calls the rest unresolved. Sources: the permissions that
each service's API reference names for the operation.
"""

from __future__ import annotations

from redress.domain.event_actions_s3 import S3_ACTIONS

ACTIONS: dict[str, tuple[str, ...]] = S3_ACTIONS | {
    "access-analyzer:GetFindingV2": ("access-analyzer:GetFinding",),
    "access-analyzer:ListFindingsV2": ("access-analyzer:ListFindings",),
    "bcm-pricing-calculator:BatchCreateBillScenarioCommitmentModification": (
        "bcm-pricing-calculator:CreateBillScenarioCommitmentModification",
    ),
    "bcm-pricing-calculator:BatchCreateBillScenarioUsageModification": (
        "bcm-pricing-calculator:CreateBillScenarioUsageModification",
    ),
    "bcm-pricing-calculator:BatchCreateWorkloadEstimateUsage": ("bcm-pricing-calculator:CreateWorkloadEstimateUsage",),
    "bcm-pricing-calculator:BatchDeleteBillScenarioCommitmentModification": (
        "bcm-pricing-calculator:DeleteBillScenarioCommitmentModification",
    ),
    "bcm-pricing-calculator:BatchDeleteBillScenarioUsageModification": (
        "bcm-pricing-calculator:DeleteBillScenarioUsageModification",
    ),
    "bcm-pricing-calculator:BatchDeleteWorkloadEstimateUsage": ("bcm-pricing-calculator:DeleteWorkloadEstimateUsage",),
    "bcm-pricing-calculator:BatchUpdateBillScenarioCommitmentModification": (
        "bcm-pricing-calculator:UpdateBillScenarioCommitmentModification",
    ),
    "bcm-pricing-calculator:BatchUpdateBillScenarioUsageModification": (
        "bcm-pricing-calculator:UpdateBillScenarioUsageModification",
    ),
    "bcm-pricing-calculator:BatchUpdateWorkloadEstimateUsage": ("bcm-pricing-calculator:UpdateWorkloadEstimateUsage",),
    "bedrock:Converse": ("bedrock:InvokeModel",),
    "bedrock:ConverseStream": ("bedrock:InvokeModelWithResponseStream",),
    "bedrock:StartAsyncInvoke": ("bedrock:InvokeModel",),
    "budgets:CreateBudget": ("budgets:ModifyBudget",),
    "budgets:CreateNotification": ("budgets:ModifyBudget",),
    "budgets:CreateSubscriber": ("budgets:ModifyBudget",),
    "budgets:DeleteBudget": ("budgets:ModifyBudget",),
    "budgets:DeleteNotification": ("budgets:ModifyBudget",),
    "budgets:DeleteSubscriber": ("budgets:ModifyBudget",),
    "budgets:DescribeBudget": ("budgets:ViewBudget",),
    "budgets:DescribeBudgetNotificationsForAccount": ("budgets:ViewBudget",),
    "budgets:DescribeBudgetPerformanceHistory": ("budgets:ViewBudget",),
    "budgets:DescribeBudgets": ("budgets:ViewBudget",),
    "budgets:DescribeNotificationsForBudget": ("budgets:ViewBudget",),
    "budgets:DescribeSubscribersForNotification": ("budgets:ViewBudget",),
    "budgets:UpdateBudget": ("budgets:ModifyBudget",),
    "budgets:UpdateNotification": ("budgets:ModifyBudget",),
    "budgets:UpdateSubscriber": ("budgets:ModifyBudget",),
    "cassandra:CreateKeyspace": ("cassandra:Create",),
    "cassandra:CreateTable": ("cassandra:Create",),
    "cassandra:DeleteKeyspace": ("cassandra:Drop",),
    "cassandra:DeleteTable": ("cassandra:Drop",),
    "cassandra:GetKeyspace": ("cassandra:Select",),
    "cassandra:GetTable": ("cassandra:Select",),
    "cassandra:ListKeyspaces": ("cassandra:Select",),
    "cassandra:ListTables": ("cassandra:Select",),
    "cassandra:ListTagsForResource": ("cassandra:Select",),
    "cassandra:UpdateTable": ("cassandra:Alter",),
    "cloudfront:CreateDistributionWithTags": ("cloudfront:CreateDistribution", "cloudfront:TagResource"),
    "cloudtrail:ListInsightsMetricData": ("cloudtrail:LookupEvents",),
    "dynamodb:BatchExecuteStatement": (
        "dynamodb:PartiQLSelect",
        "dynamodb:PartiQLInsert",
        "dynamodb:PartiQLUpdate",
        "dynamodb:PartiQLDelete",
    ),
    "dynamodb:ExecuteStatement": (
        "dynamodb:PartiQLSelect",
        "dynamodb:PartiQLInsert",
        "dynamodb:PartiQLUpdate",
        "dynamodb:PartiQLDelete",
    ),
    "dynamodb:ExecuteTransaction": (
        "dynamodb:PartiQLSelect",
        "dynamodb:PartiQLInsert",
        "dynamodb:PartiQLUpdate",
        "dynamodb:PartiQLDelete",
    ),
    "dynamodb:TransactGetItems": ("dynamodb:GetItem",),
    "dynamodb:TransactWriteItems": (
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:DeleteItem",
        "dynamodb:ConditionCheckItem",
    ),
    "ecr:ListImageReferrers": ("ecr:BatchGetImage",),
    "execute-api:DeleteConnection": ("execute-api:ManageConnections",),
    "execute-api:GetConnection": ("execute-api:ManageConnections",),
    "execute-api:PostToConnection": ("execute-api:ManageConnections",),
    "kms:ReEncrypt": ("kms:ReEncryptFrom", "kms:ReEncryptTo"),
    "lambda:GetLayerVersionByArn": ("lambda:GetLayerVersion",),
    "lambda:Invoke": ("lambda:InvokeFunction",),
    "lambda:InvokeWithResponseStream": ("lambda:InvokeFunction",),
    "neptune-graph:GetQuery": ("neptune-graph:GetQueryStatus",),
    "securityhub:BatchUpdateFindingsV2": ("securityhub:BatchUpdateFindings",),
    "securityhub:GetFindingStatisticsV2": ("securityhub:GetAdhocInsightResults",),
    "securityhub:GetFindingsV2": ("securityhub:GetFindings",),
    "sns:PublishBatch": ("sns:Publish",),
    "sqs:ChangeMessageVisibilityBatch": ("sqs:ChangeMessageVisibility",),
    "sqs:DeleteMessageBatch": ("sqs:DeleteMessage",),
    "sqs:SendMessageBatch": ("sqs:SendMessage",),
    "verifiedpermissions:BatchGetPolicy": ("verifiedpermissions:GetPolicy",),
    "verifiedpermissions:BatchIsAuthorized": ("verifiedpermissions:IsAuthorized",),
    "verifiedpermissions:BatchIsAuthorizedWithToken": ("verifiedpermissions:IsAuthorizedWithToken",),
}
"""Event (``prefix:EventName``, or ``host:EventName``) → every action it may need.

Several actions mean that the event alone doesn't tell which was refused.
"""

APIGATEWAY_VERBS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("ImportDocumentationParts", ("PUT",)),
    ("ImportApiKeys", ("POST",)),
    ("ImportApi", ("PUT",)),
    ("TagResource", ("PUT", "POST")),
    ("Create", ("POST",)),
    ("Delete", ("DELETE",)),
    ("Disable", ("DELETE",)),
    ("Export", ("GET",)),
    ("Flush", ("DELETE",)),
    ("Generate", ("POST",)),
    ("Get", ("GET",)),
    ("Import", ("POST",)),
    ("Put", ("PUT",)),
    ("Reimport", ("PUT",)),
    ("Reset", ("DELETE",)),
    ("Test", ("POST",)),
    ("Untag", ("DELETE",)),
    ("Update", ("PATCH",)),
)
"""API Gateway's actions are HTTP verbs: start of the event name → verb, the first that fits."""
