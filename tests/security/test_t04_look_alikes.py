"""Names that look like others: homoglyphs, zero-width and right-to-left characters."""

from __future__ import annotations

import pytest

from infra.runbook_scripts.signers import identity
from redress.domain.grammar import is_arn, is_policy_safe
from redress.domain.harmless import flagged, harmless
from tests.security.hostile_notices import shown
from tests.unit.fix import builders

UNSEEN = "\u034f\u115f\u17b4\u180b\u2800\u3164\ufe0f\uffa0\U000e0100"
LOOK_ALIKES = (
    *("\u0430dmin", "admin\u200b", "\u202enimda", "adm\u2066in", "\uff41dmin", "admin\u0301", "adm\u00adin"),
    *(f"adm{mark}in" for mark in UNSEEN),
)
HIDDEN = "\u200b\u200c\u200d\u202a\u202e\u2066\u2069\ufeff\u00ad" + UNSEEN


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_t04_look_alikes_never_enter_a_policy(name: str) -> None:
    """A name outside ASCII is neither an ARN nor safe, and gets no fix."""
    arn = f"arn:aws:s3:::reports/{name}"
    assert not is_arn(arn)
    assert not is_policy_safe(arn)
    assert builders.plan(builders.finding("s3:PutObject", arn)).proposal is None


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_t04_look_alikes_are_pointed_out(name: str) -> None:
    """A person is told of strange letters, and hidden characters are gone."""
    assert not any(mark in harmless(name) for mark in HIDDEN)
    if not harmless(name).isascii():
        assert "outside ASCII" in flagged(name)


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_t04_look_alikes_in_notices_hide_nothing(name: str) -> None:
    """No rendering for people holds a hidden or direction-changing character."""
    forms = shown(name)
    assert forms["subject"].isascii()
    assert not any(mark in forms[form] for form in ("subject", "text") for mark in HIDDEN)


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_t04_look_alikes_are_not_the_approver(name: str) -> None:
    """Somebody whose name looks like an approver's is somebody else."""
    home = f"arn:aws:iam::{builders.ACCOUNT}:user"
    assert identity(f"{home}/{name}") != identity(f"{home}/admin")
