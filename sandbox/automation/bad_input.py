"""The fault of a step whose inputs break a rule of its action."""

from __future__ import annotations


class BadInput(ValueError):  # noqa: N818 - named for what it is
    """The step fails before it does anything; the text says which rule."""
