"""Ports as people give them on a command line."""

from __future__ import annotations

import argparse

HIGHEST = 65_535


def port(text: str) -> int:
    """Returns the number of a TCP port; 0 stands for a free one.

    Raises:
        ArgumentTypeError: There is no such port.

    """
    if not text.isascii() or not text.isdigit() or int(text) > HIGHEST:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: give a number from 1 to {HIGHEST}, or 0 for a free one")
    return int(text)
