"""What an AWS error means to whoever typed the command, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore import exceptions
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from collections.abc import Mapping

_LOG_IN = "log in as for the AWS CLI, or name another profile with --profile"
_NOT_ALLOWED = "your credentials may not do this; another profile may (--profile)"
_UNREACHED = "check the network, the Region, and --endpoint-url if you gave one"
_CODES: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "AuthFailure", "ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "InvalidSignatureException",
            "RequestExpired", "SignatureDoesNotMatch", "UnrecognizedClientException",
        ),
        _LOG_IN,
    ),
    **dict.fromkeys(("AccessDenied", "AccessDeniedException", "UnauthorizedOperation"), _NOT_ALLOWED),
    "ResourceNotFoundException": "a part of the stack is gone; was it deleted, or deployed anew meanwhile?",
    "ValidationError": "is it deployed in this Region? Others: --region, --stack",
}  # fmt: skip
_KINDS: Mapping[type[BotoCoreError], str] = {
    exceptions.NoRegionError: "name one with --region",
    exceptions.InvalidRegionError: "name another with --region",
    exceptions.ProfileNotFound: "name a profile of ~/.aws/config with --profile",
    exceptions.NoCredentialsError: _LOG_IN,
    exceptions.PartialCredentialsError: _LOG_IN,
    exceptions.CredentialRetrievalError: _LOG_IN,
    exceptions.SSOError: _LOG_IN,
    exceptions.TokenRetrievalError: _LOG_IN,
    exceptions.HTTPClientError: _UNREACHED,
    exceptions.ConnectionError: _UNREACHED,
}
"""Of those that botocore raises itself; an error of a derived class has its base's advice."""


def advised(error: BotoCoreError | ClientError) -> str:
    """Returns the error's text, with what to do about it where that is known."""
    advice = _advice(error)
    return f"{str(error).rstrip('.')}: {advice}" if advice else str(error)


def _advice(error: BotoCoreError | ClientError) -> str | None:
    if isinstance(error, ClientError):
        return _CODES.get(error.response.get("Error", {}).get("Code", ""))
    return next((advice for kind, advice in _KINDS.items() if isinstance(error, kind)), None)
