"""Who counts as one person when signing: the runbook has the same rule (``infra/runbook_scripts/signers.py``)."""

from __future__ import annotations

_COLONS = 5


def person(signer: str, near: str) -> tuple[str, ...]:
    """Returns what all names of one person have in common: paths, letter case and sessions of a role do not count.

    Whoever may assume a role chooses his session name, so two sessions of one role are one person. In an IAM Identity
    Center role (``AWSReservedSSO_``) the session name is the user's own: there it counts.

    Args:
        signer: An ARN, or a user's name as SSM gives it.
        near: An ARN of the same account, for a user's name.

    """
    _, partition, _, _, account, *_ = near.split(":", _COLONS)
    arn = signer if signer.count(":") >= _COLONS else f"arn:{partition}:iam::{account}:user/{signer}"
    *_, account, rest = arn.split(":", _COLONS)
    kind, *names = rest.split("/")
    if kind == "assumed-role" and names:
        own = names[1:] if names[0].startswith("AWSReservedSSO_") else []
        return ("role", account, names[0].lower(), *own)
    return (kind, account, "".join(names[-1:]).lower())
