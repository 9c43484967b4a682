"""Times the message analysis of access-undenied-aws on records from standard input; runs in its environment.

Only what needs no AWS account: the codes that it accepts, the principal, the message by its patterns.
"""

from __future__ import annotations

import importlib
import json
import logging
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

CODES = ("AccessDenied", "Client.UnauthorizedOperation")


def main() -> None:
    """Prints one line of JSON: seconds for loading and for working, round by round, and how many were answered."""
    logging.disable(logging.CRITICAL)
    sys.modules.setdefault("pkg_resources", _resources())
    event: Any = importlib.import_module("access_undenied_aws.event")
    data: Any = importlib.import_module("access_undenied_aws.event_permission_data")
    config = SimpleNamespace(cross_account_role_name="none", account_id="", session=None, iam_client=None)
    lines = sys.stdin.read().splitlines()
    told: dict[str, Any] = {"what": "access-undenied-aws, its message analysis", "load": [], "work": []}
    for _ in range(int(sys.argv[1])):
        start = time.perf_counter()
        records = [json.loads(line) for line in lines]
        middle = time.perf_counter()
        answered = raised = 0
        for record in records:
            if record.get("errorCode") not in CODES:
                continue
            try:
                data.EventPermissionData.from_event(event.Event(record), config)
                answered += 1
            except Exception:  # noqa: BLE001 - a peer's faults are counted
                raised += 1
        told["load"].append(middle - start)
        told["work"].append(time.perf_counter() - middle)
    told |= {"records": len(lines), "answered": answered, "raised": raised}
    sys.stdout.write("\n" + json.dumps(told) + "\n")


def _resources() -> ModuleType:
    """Returns the one function of setuptools that the package still asks for, and that newer ones have no more."""
    module: Any = ModuleType("pkg_resources")
    module.resource_filename = _file_of
    stands_in: ModuleType = module
    return stands_in


def _file_of(module: str, name: str) -> str:
    found = find_spec(module.partition(".")[0])
    return str(Path(str(found and found.origin)).parent / name)


main()
