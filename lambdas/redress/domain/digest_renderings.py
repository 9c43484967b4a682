"""The digest as text for e-mail and for Amazon Q Developer in chat applications."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from redress.domain.card.safe_text import cut, neutral
from redress.domain.commands import command

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redress.domain.digest import Digest

TITLE_LIMIT = 250
DESCRIPTION_LIMIT = 8_000
"""Of the custom notification schema: docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html."""


def text(digest: Digest) -> str:
    """Returns the digest for e-mail; lines end in one line feed."""
    return "\n".join(_lines(digest)) + "\n"


def notification(digest: Digest) -> dict[str, Any]:
    """Returns the custom notification; digests share one thread."""
    description = "\n".join(f"{neutral(each)}" for each in _lines(digest))
    return {
        "version": "1.0",
        "source": "custom",
        "id": f"digest-{digest.date}",
        "content": {
            "textType": "client-markdown",
            "title": cut(neutral(digest.subject), TITLE_LIMIT),
            "description": cut(description, DESCRIPTION_LIMIT),
        },
        "metadata": {"threadId": "redress-digest", "summary": cut(neutral(digest.subject), TITLE_LIMIT)},
    }


def _lines(digest: Digest) -> Iterator[str]:
    for section in digest.sections:
        yield section.heading
        yield from (f"  {each}" for each in section.lines)
        yield ""
    yield f"All of them: {command('findings', digest.region)}"
    yield f"One of them: {command('show FINDING', digest.region)}"
