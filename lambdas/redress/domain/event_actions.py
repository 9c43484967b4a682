"""From eventSource and eventName to IAM actions, for records whose message names none.

The same name on both sides is the rule, and holds only if the catalogue confirms it; a table
holds the exceptions. Everything else is unresolved: an action is never guessed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from redress.domain.event_actions_table import ACTIONS, PREFIXES

if TYPE_CHECKING:
    from redress.domain.catalogue import Catalogue

_HOST = ".amazonaws.com"
_LAMBDA_VERSION = re.compile(r"(?<=[a-z])20\d{6}(?:v\d{1,2})?$|(?<=[a-z])20\d\d_\d\d_\d\d$")
_EVENT_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,127}")


def prefix_of(event_source: str) -> str:
    """Returns the IAM prefix of an event source (``monitoring.amazonaws.com`` → ``cloudwatch``), unconfirmed."""
    host = event_source.removesuffix(".cn").removesuffix(_HOST)
    return PREFIXES.get(host) or host.partition(".")[0]


def actions_of_event(event_source: str, event_name: str, catalogue: Catalogue) -> tuple[str, ...]:
    """Returns the IAM actions that an API call may need, as IAM spells them; empty where unresolved.

    Args:
        event_source: ``lambda.amazonaws.com``.
        event_name: ``GetFunction20150331v2``.
        catalogue: Confirms that an action exists.

    """
    if not _EVENT_NAME.fullmatch(event_name):
        return ()
    prefix = prefix_of(event_source)
    name = _LAMBDA_VERSION.sub("", event_name)
    mapped = ACTIONS.get(f"{prefix}:{name}")
    if mapped is None:
        proper = catalogue.proper_case(f"{prefix}:{name}")
        return (proper,) if proper else ()
    known = tuple(catalogue.proper_case(action) for action in mapped)
    return tuple(action for action in known if action)


def action_of_event(event_source: str, event_name: str, catalogue: Catalogue) -> str | None:
    """Returns the one action that an API call needs, or None where it is unresolved or may be one of several."""
    actions = actions_of_event(event_source, event_name, catalogue)
    return actions[0] if len(actions) == 1 else None
