"""boto3 clients, made when first used and kept for the life of the process."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from collections.abc import Callable

CONNECT_SECONDS = 2
READ_SECONDS = 8
ATTEMPTS = 4


@cache
def client(service: str, *, region: str | None = None) -> Any:  # noqa: ANN401 - boto3 makes the methods at run time
    """Returns the boto3 client of this service, the same one each time.

    Each costs 7 to 40 ms to make, so nothing asks for one before it is needed. The endpoint, the
    credentials and the Region come from where boto3 looks for them (``AWS_ENDPOINT_URL`` included).

    Args:
        service: boto3's name of the service (``dynamodb``).
        region: Where not the function's own Region.

    """
    make: Callable[..., Any] = boto3.client  # its stubs want a literal service name
    return make(service, region_name=region, config=_CONFIG)


def details_client(region: str | None) -> Any:  # noqa: ANN401 - boto3 makes the methods at run time
    """Returns the ``iam-toolbox`` client of a Region, or None where this boto3 does not know the service."""
    known = boto3.session.Session().get_available_services()
    return client("iam-toolbox", region=region) if "iam-toolbox" in known else None


_CONFIG = Config(
    connect_timeout=CONNECT_SECONDS,
    read_timeout=READ_SECONDS,
    retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
    user_agent_extra="redress",
)
