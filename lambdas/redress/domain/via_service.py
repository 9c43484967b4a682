"""How services that use KMS for their caller are named in ``kms:ViaService``.

Source: AWS KMS developer guide, conditions-kms (services that support kms:ViaService). The value is
``NAME.REGION.amazonaws.com``. A service that is not listed gets no condition.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

KMS_CALLERS: Mapping[str, str] = {
    "s3.amazonaws.com": "s3",
    "ec2.amazonaws.com": "ec2",
    "secretsmanager.amazonaws.com": "secretsmanager",
    "ssm.amazonaws.com": "ssm",
    "rds.amazonaws.com": "rds",
    "lambda.amazonaws.com": "lambda",
    "sqs.amazonaws.com": "sqs",
    "sns.amazonaws.com": "sns",
    "dynamodb.amazonaws.com": "dynamodb",
    "kinesis.amazonaws.com": "kinesis",
    "firehose.amazonaws.com": "firehose",
    "elasticfilesystem.amazonaws.com": "elasticfilesystem",
    "redshift.amazonaws.com": "redshift",
    "backup.amazonaws.com": "backup",
    "glue.amazonaws.com": "glue",
    "ecr.amazonaws.com": "ecr",
    "codeartifact.amazonaws.com": "codeartifact",
    "fsx.amazonaws.com": "fsx",
    "es.amazonaws.com": "es",
    "kafka.amazonaws.com": "kafka",
    "elasticache.amazonaws.com": "elasticache",
    "sagemaker.amazonaws.com": "sagemaker",
    "states.amazonaws.com": "states",
    "timestream.amazonaws.com": "timestream",
    "workspaces.amazonaws.com": "workspaces",
    "dms.amazonaws.com": "dms",
    "import-export.amazonaws.com": "importexport",
}
"""CloudTrail event source (or ``invokedBy``) to the name in the condition value."""
