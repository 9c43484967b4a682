"""The words of AWS's access-denied messages, as data.

Source: IAM User Guide, "Troubleshoot access denied error messages", and messages seen in CloudTrail records.
"""

from __future__ import annotations

import re

from redress.domain.words import Effect, Kind, Layer

SAYS = re.compile(
    r"not authorized to perform:?\s{0,3}[`'\"]?([A-Za-z][A-Za-z0-9-]{0,62}:[A-Za-z][A-Za-z0-9_]{0,127})"
    r"|is not allowed to execute \[([A-Za-z][A-Za-z0-9-]{0,62}:[A-Za-z][A-Za-z0-9_]{0,127})\]"
)
"""The first part of every message that names an action; EC2's sentence before it names none."""

ENCODED_LABEL = "Encoded authorization failure message:"
DETAILS_LINK = "Go to https://"

LAYER_NAMES: dict[str, Layer] = {
    "identity-based policy": Layer.IDENTITY_BASED_POLICY,
    "identity policy": Layer.IDENTITY_BASED_POLICY,
    "resource-based policy": Layer.RESOURCE_BASED_POLICY,
    "resource policy": Layer.RESOURCE_BASED_POLICY,
    "role trust policy": Layer.RESOURCE_BASED_POLICY,
    "permissions boundary": Layer.PERMISSIONS_BOUNDARY,
    "permissions boundary policy": Layer.PERMISSIONS_BOUNDARY,
    "session policy": Layer.SESSION_POLICY,
    "sessions policy": Layer.SESSION_POLICY,
    "service control policy": Layer.SERVICE_CONTROL_POLICY,
    "resource control policy": Layer.RESOURCE_CONTROL_POLICY,
    "vpc endpoint policy": Layer.VPC_ENDPOINT_POLICY,
}

_NAMES = "|".join(sorted(LAYER_NAMES, key=len, reverse=True))
_ANY_POLICY = r"[a-z][a-z -]{2,40}? policy"

REASON = re.compile(
    rf"(?<![^\s*`'\"])(?:because no (?P<implicit>{_NAMES}|{_ANY_POLICY}) allows the "
    r"[`'\"]?(?P<allowed>[A-Za-z0-9_:-]{1,128})"
    rf"|with (?:an )?explicit deny(?: in (?:an?|the) (?P<explicit>{_NAMES}|{_ANY_POLICY}))?"
    r"(?P<transitively> transitively through an? service control policy)?"
    r"(?:\W{0,3}: ?(?P<arn>arn:[^\s\"'`]{1,2048}))?"
    rf"|because of an? (?P<unsaid>{_NAMES})"
    r"|because (?P<other>the resource does not exist in this Region|public (?:ACLs|access control lists|policies) )"
    r"|(?P<endpoint>denied due to a VPC endpoint policy))",
    re.IGNORECASE,
)
"""One reason; a message of AWS holds at most one."""

AFTER_REASON = re.compile(
    r"(?:[`'\"]? action)?[^\w(]{0,8}(?:$|Encoded authorization|Go to https|\(|status code|retry)"
    r"| ?[a-z]{0,6}$| in [a-z -]{0,40}\.{3}$"
    r"|[^\n]{0,200}(?:explicitly denies access|Public Access|access setting)\W{0,3}$",
    re.IGNORECASE,
)
"""What may follow a reason; anything else means that it stands inside somebody's text."""

CUT_BEHIND = re.compile(r"[`'\"]?(?: a?c?t?i?o?n?)?\.{3}")
"""A reason that the text breaks off behind."""

OTHER_REASONS: tuple[tuple[str, Layer, Effect], ...] = (
    # KMS puts "not found", implicit and explicit into one sentence.
    ("the resource does not exist", Layer.RESOURCE_BASED_POLICY, Effect.UNKNOWN),
    ("public ", Layer.UNKNOWN, Effect.EXPLICIT_DENY),
)

AUTHORIZATION_ID = re.compile(r"authorization[- ](?:id: |details/)([0-9a-z]{16,256})")
API_PREFIX = re.compile(r"API: ([a-z0-9-]{1,63}:[A-Za-z0-9]{1,128}) ")
ON_RESOURCE = re.compile(r"\W{0,2} on resource:? ?")
PRINCIPAL = re.compile(r"[Uu]ser:? [`'\"]?(arn:[^\s`'\"]{1,2048})|(?:^|\s)(arn:[^\s`'\"]{1,2048}) is $")
QUEUE_URL = re.compile(
    r"Access to the resource https://(?:sqs\.([a-z0-9-]{1,32})|([a-z0-9-]{1,32})\.queue)\.amazonaws\.com(\.cn)?"
    r"/(\d{12})/([A-Za-z0-9_.-]{1,80}) is denied"
)
BRACKETED = re.compile(r"Not authorized to (?:invoke function|access resource) \[?(arn:[^\s\]]{1,2048})")
ASSUMED_BY_SERVICE = " is not authorized to perform: sts:AssumeRole on arn:"
"""What a service says that can't assume the role it was handed (``CodeBuild is not …``)."""
LINKED_ROLE = "permission to create the service-linked role for "
"""What EC2 says where the caller would have had to create its service-linked role first."""
ROLE_ARN = re.compile(r"arn:aws[a-z-]{0,16}:iam::\d{12}:role/[A-Za-z0-9+=,.@_/-]{1,512}")
WHOLE_BLOB = re.compile(r"[A-Za-z0-9_=-]{100,10240}")

LOOK_ALIKES: tuple[tuple[str, Kind], ...] = (
    ("IAM user access not activated", Kind.SERVICE_SETTING),
    ("User not enabled for cost explorer access", Kind.SERVICE_SETTING),
    ("You don't have access to the model with the specified model ID", Kind.SERVICE_SETTING),
    ("Systems Manager's instance management role is not configured", Kind.SERVICE_SETTING),
    ("BlockPublicAcls", Kind.SERVICE_SETTING),
    ("BlockPublicPolicy", Kind.SERVICE_SETTING),
    ("Insufficient Lake Formation permission", Kind.SERVICE_SETTING),
    ("Cross-account pass role is not allowed", Kind.SERVICE_SETTING),
    ("not authorized to invoke this API operation", Kind.SERVICE_SETTING),
    ("Check the trust relationships for your role", Kind.ROLE_TRUST),
    ("is authorized to assume the provided role", Kind.ROLE_TRUST),
    ("is not authorized to create managed-rule", Kind.OTHER_PRINCIPAL),
    ("IAM Role is not authorized to access the Log Destination", Kind.OTHER_PRINCIPAL),
    ("dms-vpc-role is not configured properly", Kind.OTHER_PRINCIPAL),
    ("Role provided does not have sufficient permissions", Kind.DLM_ROLE),
    ("is not subscribed to", Kind.SERVICE_NOT_ENABLED),
    ("needs a subscription for the service", Kind.SERVICE_NOT_ENABLED),
    ("is not enabled for this account", Kind.SERVICE_NOT_ENABLED),
    ("Macie is not enabled", Kind.SERVICE_NOT_ENABLED),
    ("complete AWS Audit Manager setup", Kind.SERVICE_NOT_ENABLED),
    ("security token included in the request is invalid", Kind.CREDENTIALS),
    ("security token included in the request is expired", Kind.CREDENTIALS),
    ("Signature expired", Kind.CREDENTIALS),
    ("Access Key Id you provided does not exist", Kind.CREDENTIALS),
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
"""Texts that come with a denial's error code and that no policy change would mend."""

_CREATE_LINKED = (
    "The account lacks the service-linked role, which an administrator creates once: "
    "aws iam create-service-linked-role --aws-service-name "
)
REMARKS: tuple[tuple[str, str], ...] = (
    (f"{LINKED_ROLE}EC2 Spot Instances", f"{_CREATE_LINKED}spot.amazonaws.com"),
    (f"{LINKED_ROLE}EC2 Spot Fleet", f"{_CREATE_LINKED}spotfleet.amazonaws.com"),
    (
        "is not authorized to create managed-rule",
        "The state machine's role needs events:PutRule, events:PutTargets and events:DescribeRule.",
    ),
    (
        "IAM Role is not authorized to access the Log Destination",
        "The state machine's role needs the actions on log deliveries, such as logs:CreateLogDelivery.",
    ),
    (
        "dms-vpc-role is not configured properly",
        "That role must trust dms.amazonaws.com and needs AWS's managed policy AmazonDMSVPCManagementRole.",
    ),
    (
        "You are not authorized to use launch template",
        "Auto Scaling tries the launch as the caller, who may lack ec2:RunInstances, ec2:CreateTags or iam:PassRole.",
    ),
)
"""What a text that names no action means, one sentence each."""
