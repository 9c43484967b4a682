"""From eventSource and eventName to IAM actions, for records whose message names none.

The same name on both sides is the rule, and holds only if the catalogue confirms it; a table
holds the exceptions. Everything else is unresolved: an action is never guessed.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from redress.domain.event_actions_prefixes import PREFIXES
from redress.domain.event_actions_table import ACTIONS, APIGATEWAY_VERBS

if TYPE_CHECKING:
    from redress.domain.catalogue import Catalogue

_HOST = ".amazonaws.com"
_VERSION = re.compile(r"(?<=[a-z])20\d{6}(?:v\d{1,2})?$|(?<=[a-z])20\d\d_\d\d_\d\d$")
_LONGEST = 512
_EVENT_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,127}")


def prefix_of(event_source: str) -> str:
    """Returns the IAM prefix of an event source (``monitoring.amazonaws.com`` → ``cloudwatch``), unconfirmed."""
    host = _host_of(event_source)
    return PREFIXES.get(host) or host.partition(".")[0]


def actions_of_event(event_source: str, event_name: str, catalogue: Catalogue) -> tuple[str, ...]:
    """Returns the IAM actions that an API call may need, as IAM spells them; empty where unresolved.

    Args:
        event_source: ``lambda.amazonaws.com``.
        event_name: ``GetFunction20150331v2``.
        catalogue: Confirms that an action exists.

    """
    # No service and no operation has such a name; a caller who invents one must not fill the memory with it.
    return _actions(event_source, event_name, catalogue) if len(event_source) + len(event_name) <= _LONGEST else ()


@lru_cache(maxsize=4096)
def _actions(event_source: str, event_name: str, catalogue: Catalogue) -> tuple[str, ...]:
    known = [catalogue.proper_case(action) for action in _candidates(event_source, event_name)]
    return tuple([action for action in known if action])


def _candidates(event_source: str, event_name: str) -> tuple[str, ...]:
    if not _EVENT_NAME.fullmatch(event_name):
        return ()
    name = _VERSION.sub("", event_name)
    prefix = prefix_of(event_source)
    same = f"{prefix}:{name}"
    return ACTIONS.get(f"{_host_of(event_source)}:{name}") or ACTIONS.get(same) or (same, *_verbs(prefix, name))


def _verbs(prefix: str, name: str) -> tuple[str, ...]:
    if prefix != "apigateway":
        return ()
    verbs = next((verbs for start, verbs in APIGATEWAY_VERBS if name.startswith(start)), ())
    return tuple([f"apigateway:{verb}" for verb in verbs])


def _host_of(event_source: str) -> str:
    return event_source.removesuffix(".cn").removesuffix(_HOST)
