"""Runs one ``aws:executeScript`` function; started as a program of its own, in the interpreter that has boto3.

Standard input: ``{"script": text, "handler": name, "payload": map}``. Standard output: one line of JSON,
``{"returned": value}`` or ``{"raised": traceback}``. What the script prints goes to standard error.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from typing import Any


def main() -> None:
    """Reads the order, runs the function, answers."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    order = json.loads(sys.stdin.buffer.read())
    with answers:
        answers.write(json.dumps(_run(order["script"], order["handler"], order["payload"])))


def _run(script: str, handler: str, payload: dict[str, Any]) -> dict[str, Any]:
    try:
        names: dict[str, Any] = {"__name__": "__automation__"}
        exec(compile(script, "script.py", "exec"), names)  # noqa: S102 - running the author's script is the purpose
        return {"returned": json.loads(json.dumps(names[handler](payload, {})))}
    except BaseException:  # noqa: BLE001 - whatever the script raises is its answer
        return {"raised": traceback.format_exc(limit=-8)}


if __name__ == "__main__":
    main()
