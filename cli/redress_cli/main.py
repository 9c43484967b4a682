"""The ``redress`` command: finds its subcommands in one table and runs one of them.

Exit codes, the same for every subcommand: 0 done; 1 done, but something could not be read or was refused
(each said on standard error); 2 the command's words are wrong, or nothing could be done at all;
130 interrupted.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Protocol, cast

from botocore.exceptions import BotoCoreError, ClientError

from redress.domain.errors import RedressError
from redress.domain.harmless import harmless_lines
from redress_cli.advised import advised

if TYPE_CHECKING:
    from collections.abc import Sequence

# Subcommand -> module; each is imported only when it is run.
COMMANDS = {
    "explain": ("explain", "say in plain words why calls were denied; offline"),
    "findings": ("findings", "list findings"),
    "show": ("show", "show one finding, its proposal and its history"),
    "start": ("start", "ask for approval of a proposal that does not start by itself"),
    "approve": ("approve", "sign a proposal"),
    "reject": ("reject", "turn a proposal down"),
    "restore": ("restore", "ask to take an applied fix back"),
    "fixes": ("fixes", "list the fixes in force, and which of them are no longer needed"),
    "mute": ("mute", "keep quiet about a finding until a date"),
    "claim": ("claim", "say that you take care of a finding"),
    "clear": ("clear", "say that a suspicious principal is no intruder, for all its findings"),
    "dlq": ("dlq", "list what could not be processed, with reasons, and replay it"),
    "doctor": ("doctor", "say what Redress cannot see here, and what closes each gap"),
    "export": ("export", "print the audit trail as JSON lines"),
}


class Command(Protocol):
    """What a subcommand's module offers."""

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        """Adds the subcommand's arguments."""

    def run(self, arguments: argparse.Namespace) -> int:
        """Does the work and returns the exit code."""


def load(name: str) -> Command:
    """Returns the module behind a subcommand."""
    module, _ = COMMANDS[name]
    return cast("Command", import_module(f"redress_cli.{module}"))


def parser_for(name: str | None) -> argparse.ArgumentParser:
    """Returns the parser; only the named subcommand's arguments are filled in."""
    parser = argparse.ArgumentParser(prog="redress", description="From a denied AWS API call to the right fix.")
    parser.add_argument("--version", action="version", version=f"redress {version('redress')}")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command, (_, help_text) in COMMANDS.items():
        subparser = subparsers.add_parser(command, help=help_text, description=help_text)
        if command == name:
            load(command).arguments(subparser)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one subcommand and returns its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    name = next((word for word in words if word in COMMANDS), None)
    parsed = parser_for(name).parse_args(words)
    try:
        return load(parsed.command).run(parsed)
    except RedressError as error:
        sys.stderr.write(f"redress: {harmless_lines(str(error))}\n")
        return 2
    except (BotoCoreError, ClientError) as error:  # a person's own policies: no fault of ours, and no trace for him
        sys.stderr.write(f"redress: {harmless_lines(advised(error))}\n")
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 0
