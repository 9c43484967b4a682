"""Texts that name no action, as data: trouble that comes under a denial's code, and what else such a text means.

Sources: messages seen in CloudTrail records and printed by SDKs, and the services' own troubleshooting pages.
"""

from __future__ import annotations

from redress.domain.message_grammar import LINKED_ROLE
from redress.domain.words import Kind

LOOK_ALIKES: tuple[tuple[str, Kind], ...] = (
    # A switch of the account, or of the resource.
    ("IAM user access not activated", Kind.SERVICE_SETTING),
    ("User not enabled for cost explorer access", Kind.SERVICE_SETTING),
    ("inked account doesn't have access to", Kind.SERVICE_SETTING),
    ("You don't have access to the model with the specified model ID", Kind.SERVICE_SETTING),
    ("You invoked an unsupported model", Kind.SERVICE_SETTING),
    ("Systems Manager's instance management role is not configured", Kind.SERVICE_SETTING),
    ("BlockPublicAcls", Kind.SERVICE_SETTING),
    ("BlockPublicPolicy", Kind.SERVICE_SETTING),
    ("object protected by object lock", Kind.SERVICE_SETTING),
    ("Cross-account pass role is not allowed", Kind.SERVICE_SETTING),
    ("not authorized to invoke this API operation", Kind.SERVICE_SETTING),
    # Grants that a service keeps beside IAM: Lake Formation, OpenSearch, Kubernetes, Identity Center.
    ("Insufficient Lake Formation permission", Kind.SERVICE_SETTING),
    ("requester is not authorized to access requested permissions", Kind.SERVICE_SETTING),
    ("does not have any privilege on specified resource", Kind.SERVICE_SETTING),
    ("no permissions for [", Kind.SERVICE_SETTING),
    (' in API group "', Kind.SERVICE_SETTING),
    ("You must be logged in to the server", Kind.SERVICE_SETTING),
    ("GetRoleCredentials operation: No access", Kind.SERVICE_SETTING),
    ("ForbiddenException: No access", Kind.SERVICE_SETTING),
    # Calls that only one account of an organization may make, or only an organization.
    ("you must be a user of the management account", Kind.SERVICE_SETTING),
    ("can only be made by accounts in an AWS Organization", Kind.SERVICE_NOT_ENABLED),
    # A role that a service was handed.
    ("Check the trust relationships for your role", Kind.ROLE_TRUST),
    (" to assume the provided role", Kind.ROLE_TRUST),
    (" cannot be assumed by ", Kind.ROLE_TRUST),
    (" is unable to assume ", Kind.ROLE_TRUST),
    (" was unable to assume ", Kind.ROLE_TRUST),
    ("Trust policy of the role provided is invalid", Kind.ROLE_TRUST),
    ("is not authorized to create managed-rule", Kind.OTHER_PRINCIPAL),
    ("IAM Role is not authorized to access the Log Destination", Kind.OTHER_PRINCIPAL),
    ("dms-vpc-role is not configured properly", Kind.OTHER_PRINCIPAL),
    ("execution role does not have permissions to call ", Kind.OTHER_PRINCIPAL),
    ("Role provided does not have sufficient permissions", Kind.DLM_ROLE),
    # Not switched on, not subscribed to, not there.
    ("is not subscribed to", Kind.SERVICE_NOT_ENABLED),
    ("needs a subscription for the service", Kind.SERVICE_NOT_ENABLED),
    ("accept terms and subscribe", Kind.SERVICE_NOT_ENABLED),
    ("required AWS Marketplace actions", Kind.SERVICE_NOT_ENABLED),
    ("INVALID_PAYMENT_INSTRUMENT", Kind.SERVICE_NOT_ENABLED),
    ("is not enabled for this account", Kind.SERVICE_NOT_ENABLED),
    ("Macie is not enabled", Kind.SERVICE_NOT_ENABLED),
    ("has not been onboarded", Kind.SERVICE_NOT_ENABLED),
    ("complete AWS Audit Manager setup", Kind.SERVICE_NOT_ENABLED),
    ("our account must be verified", Kind.SERVICE_NOT_ENABLED),
    ("account is currently being verified", Kind.SERVICE_NOT_ENABLED),
    ("is not authorized to use this service", Kind.SERVICE_NOT_ENABLED),
    ("Unable to determine service/operation name to be authorized", Kind.SERVICE_NOT_ENABLED),
    # The credentials.
    ("security token included in the request is invalid", Kind.CREDENTIALS),
    ("security token included in the request is expired", Kind.CREDENTIALS),
    ("Session token not found or invalid", Kind.CREDENTIALS),
    ("Signature expired", Kind.CREDENTIALS),
    ("Access Key Id you provided does not exist", Kind.CREDENTIALS),
    # Too much, too often.
    ("Rate exceeded", Kind.THROTTLED),
    ("Too many requests", Kind.THROTTLED),
    ("Too many tokens", Kind.THROTTLED),
    ("its quota", Kind.QUOTA),
    ("your quota", Kind.QUOTA),
    ("service quota", Kind.QUOTA),
    ("quota exceeded", Kind.QUOTA),
    ("limit exceeded", Kind.QUOTA),
    ("Insufficient capacity", Kind.CAPACITY),
    ("sufficient capacity", Kind.CAPACITY),
)
"""Texts that come with a denial's error code and that no policy change of the caller would mend."""

_CREATE_LINKED = (
    "The account lacks the service-linked role, which an administrator creates once: "
    "aws iam create-service-linked-role --aws-service-name "
)
_LINKED = (
    "The account lacks the service's service-linked role, which an administrator creates once with "
    "iam:CreateServiceLinkedRole."
)
_MARKETPLACE = (
    "The first call of such a model subscribes the account to it in AWS Marketplace: let an administrator enable it "
    "once, and give its callers no Marketplace permissions."
)
_KEY_FOR_LOGS = "The key's own policy must let the logs service of this Region use it; or there is no such key there."

REMARKS: tuple[tuple[str, str], ...] = (
    (f"{LINKED_ROLE}EC2 Spot Instances", f"{_CREATE_LINKED}spot.amazonaws.com"),
    (f"{LINKED_ROLE}EC2 Spot Fleet", f"{_CREATE_LINKED}spotfleet.amazonaws.com"),
    ("default Service-Linked Role for Auto Scaling could not be created", f"{_CREATE_LINKED}autoscaling.amazonaws.com"),
    ("Unable to create the service-linked role", _LINKED),
    (
        "is not authorized to create managed-rule",
        (
            "The state machine's role needs events:PutRule, events:PutTargets and events:DescribeRule on the rule that "
            "Step Functions keeps for the service it waits for: rule/StepFunctionsGetEventsFor…Rule."
        ),
    ),
    (
        "IAM Role is not authorized to access the Log Destination",
        "The state machine's role needs the actions on log deliveries, such as logs:CreateLogDelivery.",
    ),
    (
        "execution role does not have permissions to call ",
        "Before it makes the change Lambda checks what the function's own role may do: the text names the call.",
    ),
    (
        "dms-vpc-role is not configured properly",
        "That role must trust dms.amazonaws.com and needs AWS's managed policy AmazonDMSVPCManagementRole.",
    ),
    (
        "You are not authorized to use launch template",
        "Auto Scaling tries the launch as the caller, who may lack ec2:RunInstances, ec2:CreateTags or iam:PassRole.",
    ),
    (
        "Access to KMS is not allowed",
        (
            "Not the secret was refused but the KMS key that encrypts it: look at kms:Decrypt in the caller's policies "
            "and in the key's own."
        ),
    ),
    ("not allowed to be used with Arn 'arn:", _KEY_FOR_LOGS),
    ("KMS key provided is invalid for use with CloudWatch Logs", _KEY_FOR_LOGS),
    ("required AWS Marketplace actions", _MARKETPLACE),
    (
        "INVALID_PAYMENT_INSTRUMENT",
        "AWS Marketplace wants a valid payment method of the account that pays the bill.",
    ),
    (
        "Unable to determine service/operation name to be authorized",
        "The service does not know this operation at this endpoint: check the Region, the path and the method.",
    ),
    (
        "You don't have permissions to access this resource",
        (
            "AWS Organizations answers so to accounts that are neither the management account nor a delegated "
            "administrator, whatever their policies allow."
        ),
    ),
    (
        "Access to topic rule ",
        "AWS IoT answers so for a rule that does not exist, too.",
    ),
    (
        "Access denied for operation '",
        (
            "CloudFormation leaves out what was refused: look for the event of the service that it called, "
            "by the same role at the same time."
        ),
    ),
    (
        "The ciphertext refers to a customer master key that does not exist",
        (
            "KMS says so of a key that is not in this Region, too: look at the Region, at the key's own policy, and at "
            "kms:Decrypt in the caller's policies."
        ),
    ),
)
"""What a text that names no action means, one sentence each."""
