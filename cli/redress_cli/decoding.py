"""Asks AWS to decode encoded messages, only when told to, with the person's own credentials."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import BotoCoreError

from redress.adapters.decode import DecodingClient, StsDecoder
from redress.domain.decoded import DecodeAnswer
from redress.domain.errors import Refused
from redress.domain.words import DecodeStatus
from redress_cli.aws import region

if TYPE_CHECKING:
    from redress.domain.verdict import Verdict

NOT_ASKED = (
    "Part of the message is encoded: run this again with --decode and credentials of the account that was denied, "
    "which need sts:DecodeAuthorizationMessage."
)
NOT_PERMITTED = (
    "Your credentials may not decode the message: sts:DecodeAuthorizationMessage was denied.",
    'Allow sts:DecodeAuthorizationMessage on "*" for them; it reads, and changes nothing.',
)
CHECK = "Check the credentials (aws sts get-caller-identity) and the network, then run the command again."


def _client() -> Any:  # noqa: ANN401 - boto3 clients have no static type here
    try:
        return boto3.client("sts", region_name=region())
    except BotoCoreError as error:
        raise Refused(f"{error}: --decode needs AWS credentials and a Region") from error


@dataclass(frozen=True, slots=True)
class Decoding:
    """Decodes encoded messages, each distinct one once."""

    enabled: bool = False
    client: Callable[[], DecodingClient] = _client
    _known: dict[str, DecodeAnswer] = field(default_factory=dict)

    def decode(self, verdict: Verdict) -> DecodeAnswer | None:
        """Returns what AWS answers, what to do where nobody asked, or None where there is nothing to decode."""
        if verdict.encoded is None:
            return None
        if not self.enabled:
            return DecodeAnswer(status=DecodeStatus.PRESENT, notes=(NOT_ASKED,))
        if verdict.encoded not in self._known:
            self._known[verdict.encoded] = _in_your_words(StsDecoder(self.client()).decode(verdict.encoded))
        return self._known[verdict.encoded]


def _in_your_words(told: DecodeAnswer) -> DecodeAnswer:
    # The decoder speaks of the deployed stack's role; here it is the person's own credentials.
    if told.status is DecodeStatus.NOT_PERMITTED:
        return replace(told, notes=NOT_PERMITTED)
    if told.status is DecodeStatus.FAILED:
        return replace(told, notes=(*told.notes[:1], CHECK))
    return told
