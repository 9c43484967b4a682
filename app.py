"""Synthesizes Redress into ``cdk.out``, without credentials, Docker, git or look-ups.

Knobs are the object ``redress`` in cdk.json's context (docs/configuration.md); override some with
``cdk synth -c redress='{"min_approvals": 2}'`` or with ``CDK_CONTEXT_JSON``.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from infra import names
from infra.knobs import KnobError
from infra.runbooks import RunbookError
from infra.settings import merge, read_knobs
from scripts.build_asset import BuildError, build

import aws_cdk as cdk  # isort: skip - after infra, which chooses the Node

from infra.stack import RedressStack  # isort: skip

if TYPE_CHECKING:
    from infra.knobs import Knobs

ROOT = Path(__file__).resolve().parent


def make_app() -> cdk.App:
    """Returns the app, ready to synthesize.

    Raises:
        KnobError: The knobs can't work.
        BuildError: The functions' asset can't be built.

    """
    context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    app = cdk.App(
        outdir=os.environ.get("CDK_OUTDIR", str(ROOT / "cdk.out")), context=context, analytics_reporting=False
    )
    knobs = read_knobs(merge(context["redress"], app.node.try_get_context("redress")))
    add_stack(app, knobs)
    return app


def add_stack(app: cdk.App, knobs: Knobs) -> RedressStack:
    """Returns the stack, added to ``app``."""
    asset = build()
    description = "Redress: denied AWS API calls become approved, least-privilege, verified and reversible fixes"
    return RedressStack(
        app, names.STACK, knobs=knobs, asset=asset.archive, asset_digest=asset.digest, description=description
    )


def main() -> int:
    """Synthesizes, and returns the exit code."""
    try:
        make_app().synth()
    except (KnobError, RunbookError, BuildError) as error:
        print(f"redress: {error}", file=sys.stderr)  # noqa: T201 - a command's message
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
