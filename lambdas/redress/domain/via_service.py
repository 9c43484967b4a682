"""How services that use KMS for their caller are named in ``kms:ViaService``.

Source: AWS KMS developer guide, conditions-kms (services that support kms:ViaService). The value is
``NAME.REGION.amazonaws.com``, in all partitions. A service that is not listed gets no condition.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_SUFFIX = ".amazonaws.com"

UNDER_OWN_NAME = frozenset(
    {
        "aiops", "airflow", "aoss", "appfabric", "appflow", "apprunner", "apptest", "auditmanager", "backup",
        "backup-gateway", "bedrock", "cassandra", "cleanrooms-ml", "codeartifact", "codeguru-reviewer", "comprehend",
        "connect", "dms", "docdb-elastic", "dynamodb", "ec2", "ecr", "elasticfilesystem", "entityresolution", "es",
        "events", "finspace", "firehose", "forecast", "fsx", "geo", "glue", "groundstation", "healthlake",
        "iotsitewise", "kafka", "kendra", "kinesis", "kinesisvideo", "lambda", "lex", "license-manager",
        "lookoutequipment", "lookoutmetrics", "lookoutvision", "m2", "managedblockchain", "mediatailor", "memorydb",
        "mgn", "monitron", "mq", "omics", "profile", "proton", "qldb", "rds", "redshift", "redshift-serverless",
        "rekognition", "s3", "s3tables", "sagemaker", "secretsmanager", "securitylake", "ses", "sns", "sqlworkbench",
        "sqs", "ssm", "ssm-contacts", "ssm-incidents", "states", "storagegateway", "timestream", "translate", "wisdom",
        "workmail", "workspaces",
    }
)  # fmt: skip
"""Event sources that are named as in CloudTrail; Athena is left out, for which S3 uses the keys of what it reads."""

OTHER_NAMES: Mapping[str, tuple[str, ...]] = {
    "ds": ("directoryservice",),
    "elasticache": ("dax", "elasticache"),
    "email": ("ses",),
    "import-export": ("importexport",),
    "memory-db": ("memorydb",),
    "snowball": ("importexport",),
}
"""Event sources of services that go by another name or by two, of which the guide asks for both."""


def via_service(event_source: str, region: str) -> tuple[str, ...]:
    """Returns the values for a service that uses a key for its caller, by its event source or ``invokedBy``."""
    source = event_source.removesuffix(_SUFFIX)
    names = OTHER_NAMES.get(source, (source,) if source in UNDER_OWN_NAME and source != event_source else ())
    return tuple(f"{name}.{region}{_SUFFIX}" for name in names)
