"""Findings full of hostile text, and every form in which people are shown them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from redress.domain.card import Place, compose, renderings
from redress.domain.no_fix import no_fix
from redress.domain.words import NoFixReason, State
from tests.unit.fix import builders

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redress.domain.finding import Finding


def finding(text: str) -> Finding:
    """Returns a finding with this text in every field that a caller can choose."""
    role = replace(
        builders.ROLE,
        session_name=text,
        session_arn=f"arn:aws:sts::{builders.ACCOUNT}:assumed-role/app/{text}",
        invoked_by=text,
    )
    found = builders.finding("s3:PutObject", f"arn:aws:s3:::reports/{text}", principal=role)
    last = replace(
        found.last, user_agent=text, session_name=text, message=text, source_ip=text, request_id=text, event_name=text
    )
    answer = no_fix(NoFixReason.UNSAFE_TEXT, text)
    return replace(found, last=last, cause=text, notes=(text,), state=State.NO_FIX, no_fix=answer, actor=text)


def shown(text: str) -> Mapping[str, str]:
    """Returns every rendering of that finding by name."""
    made = finding(text)
    rendered = renderings(compose(made, proposal=None, place=Place(region="us-east-1", partition="aws")), made)
    return {name: str(getattr(rendered, name)) for name in ("subject", "text", "chat", "slack", "machine")}
