"""The words of AWS's access-denied messages, as data.

Source: IAM User Guide, "Troubleshoot access denied error messages", and messages seen in CloudTrail records.
"""

from __future__ import annotations

import re

from redress.domain.words import Effect, Layer

SAYS = re.compile(
    r"(?:[Nn]ot|n't) authorized to perform:?\s{0,3}[`'\"*]{0,2}"
    r"([A-Za-z][A-Za-z0-9-]{0,62}:(?:[A-Za-z][A-Za-z0-9_]{0,127}|\*))"
    r"|is not allowed to execute \[([A-Za-z][A-Za-z0-9-]{0,62}:[A-Za-z][A-Za-z0-9_]{0,127})\]"
)
"""The first part of every message that names an action; EC2's sentence before it names none.

STS begins with it (``Not authorized to perform sts:AssumeRoleWithWebIdentity``), and Amazon Connect names no action
but all of them (``connect:*``).
"""

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
    r"|[^\n]{0,200}(?:explicitly denies access|Public Access|access setting)[^\w(]{0,8}(?:$|\(Service|status code)",
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
CALLED_FOR = re.compile(r" by calling ([a-z0-9-]{1,63}:[A-Za-z0-9]{1,128}): ")
"""Where Route 53 says which call of another service it made as the caller."""
ON_RESOURCE = re.compile(r"\W{0,2} on resource:? ?")
TAILS = (" (Service:", " (retry", " status code:", " See details in CloudWatch", " See the details in CloudWatch", "\n")
"""How begins what SDKs and CloudFormation put behind a message."""
ANONYMOUS = "User: anonymous is not"
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
