"""Asks AWS to decode encoded messages, only when told to, with the person's own credentials."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import BotoCoreError

from redress.adapters.decode import StsDecoder
from redress.domain.decoded import DecodeAnswer
from redress.domain.errors import Refused

if TYPE_CHECKING:
    from redress.domain.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Decoding:
    """Decodes encoded messages, each distinct one once."""

    enabled: bool = False
    _known: dict[str, DecodeAnswer] = field(default_factory=dict)

    def decode(self, verdict: Verdict) -> DecodeAnswer | None:
        """Returns what AWS answers, or None where there is nothing to decode or nobody asked."""
        if not self.enabled or verdict.encoded is None:
            return None
        if verdict.encoded not in self._known:
            self._known[verdict.encoded] = StsDecoder(_client()).decode(verdict.encoded)
        return self._known[verdict.encoded]


def _client() -> Any:  # noqa: ANN401 - boto3 clients have no static type here
    try:
        return boto3.client("sts")
    except BotoCoreError as error:
        raise Refused(f"{error}: --decode needs AWS credentials and a Region") from error
