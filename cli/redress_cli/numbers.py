"""Numbers as arguments."""

from __future__ import annotations

import argparse


def at_least_one(text: str) -> int:
    """Returns the number that the text gives.

    Raises:
        argparse.ArgumentTypeError: It gives none, or one below 1.

    """
    try:
        number = int(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is no number") from error
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number
