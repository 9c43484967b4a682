"""One structure written in the formats that people commit: JSON for CloudFormation, Python, HCL, shell.

Every value is written as a literal of its format by its own quoting rule; texts are ASCII (``grammar`` sees to
it). No format puts two closing braces side by side, because the text travels through SSM Automation, where
``}}`` ends a variable.
"""

from __future__ import annotations

import json
import shlex
from typing import Any

from redress.domain.proposal import canonical_json

_STEP = 4


def as_json(value: object) -> str:
    """Returns the value as JSON over several lines (CloudFormation reads JSON, and YAML contains it)."""
    return json.dumps(value, indent=2, ensure_ascii=True)


def as_python(value: object, indent: int) -> str:
    """Returns the value as a Python literal over several lines; texts, lists and mappings of texts only."""
    # A JSON text of ASCII is a Python text.
    return json.dumps(value, indent=_STEP, ensure_ascii=True).replace("\n", "\n" + " " * indent)


def as_hcl(value: object, indent: int = 0) -> str:
    """Returns the value as a Terraform expression; ``${`` and ``%{`` in texts lose their meaning."""
    text = json.dumps(value, indent=2, ensure_ascii=True, separators=(",", " : "))
    plain = text.replace("${", "$${").replace("%{", "%%{")
    return plain.replace("\n", "\n" + " " * indent)


def as_shell(*words: str) -> str:
    """Returns the words as one shell command, each quoted where it needs to be."""
    return " ".join(shlex.quote(word) for word in words)


def as_argument(value: Any) -> str:  # noqa: ANN401 - any JSON value
    """Returns the value as compact JSON for a command's argument."""
    return canonical_json(value)
