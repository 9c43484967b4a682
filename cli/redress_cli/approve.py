"""``redress approve``: signs a proposal, or the taking back of one, after showing what it does and its digest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redress_cli.signing import sign, signing_arguments

if TYPE_CHECKING:
    import argparse


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the subcommand's arguments."""
    signing_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Sends Approve to SSM; returns 0, or 1 if the person thought better of it."""
    return sign(arguments, "Approve")
