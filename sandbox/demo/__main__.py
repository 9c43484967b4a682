"""``make demo``: a real denied call becomes a finding, a notice, an approval and a policy; the same call then succeeds.

Two acts, on the local AWS of ``sandbox/``: a missing permission, which is fixed and taken back again,
and an explicit deny, which ends in NoFix with its owner. Nothing is faked: the calls are made with the
restricted role's own credentials and refused by IAM enforcement.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from sandbox.demo.acts import explicit_deny, missing_permission
from sandbox.demo.stages import Stage, StageFailed, Stages
from sandbox.demo.world import World
from sandbox.deploy import deploy
from sandbox.ports import port
from sandbox.process import Sandbox, SandboxError
from sandbox.synthesize import SynthesisError, synthesize

if TYPE_CHECKING:
    from collections.abc import Sequence

INTERRUPTED = 130


def main(words: Sequence[str] | None = None) -> int:
    """Runs the demo; returns 0, 1 if a stage failed (it is named), 130 if interrupted."""
    arguments = _arguments(words)
    console = Console(highlight=False)
    stages = Stages(console)
    try:
        _run(stages, unattended=arguments.yes or not sys.stdin.isatty(), port=arguments.port)
    except (StageFailed, SandboxError, SynthesisError, BotoCoreError, ClientError) as error:
        console.print(f"\n[bold red]failed[/] in stage [bold]{stages.current}[/]: {error}")
        return 1
    except KeyboardInterrupt:
        console.print("\ninterrupted; everything the demo started is stopped")
        return INTERRUPTED
    return 0


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make demo", description="Watch a denied call become an approved fix.")
    parser.add_argument("--yes", action="store_true", help="approve without asking")
    parser.add_argument("--port", type=port, default=0, help="port of the local AWS (default: a free one)")
    return parser.parse_args(words)


def _run(stages: Stages, *, unattended: bool, port: int) -> None:
    with stages.stage("start the local AWS"):
        sandbox = Sandbox(port=port)
        sandbox.start()
    try:
        _acts(stages, sandbox, unattended=unattended)
    finally:
        sandbox.stop()


def _acts(stages: Stages, sandbox: Sandbox, *, unattended: bool) -> None:
    with stages.stage("synthesize the stack"):
        assembly = synthesize()
    with stages.stage("deploy the stack") as stage:
        deployed = deploy(sandbox, assembly)
        _say_what_was_taken_out(stage, deployed.taken_out)
    world = World(sandbox, deployed)
    with stages.stage("create the role orders-service"):
        world.create()
    missing_permission(stages, world, unattended=unattended)
    explicit_deny(stages, world)
    stages.summary()
    _goodbye(stages.console, world)


def _say_what_was_taken_out(stage: Stage, taken_out: Sequence[str]) -> None:
    for line in taken_out:
        stage.note(f"supplied or left out by the sandbox: {line}")


def _goodbye(console: Console, world: World) -> None:
    console.print("\n[bold]Made[/]", *(f"  {line}" for line in world.made), sep="\n")
    console.print(
        "\n[bold]Next[/]\n"
        "  make sandbox                      the same stack, left running: deny a call of your own\n"
        "  .venv/bin/redress explain FILE    explain any CloudTrail file or error message, offline\n"
        "  docs/deploying.md                 deploy it to a real account",
    )


if __name__ == "__main__":
    sys.exit(main())
