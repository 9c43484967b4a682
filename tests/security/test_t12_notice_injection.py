"""Markup, links, mentions and line breaks in every name that a caller chooses."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

import pytest
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

from redress.domain.harmless import flagged, harmless
from tests.security.hostile_notices import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

MENTIONS = ("<!channel>", "<!here>", "<!everyone>", "<@U0123456>", "<https://evil.example|the console>")
BREAKS = ("x\nApproved by: everybody", "x\r\nSubject: paid", "x\u2028Approved: yes", "x\x1b[2Jy", "x\x00y")


def marked_up(value: object) -> Iterator[str]:
    """Yields the texts in which Slack looks for markup: all but those of the type ``plain_text``."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        yield from (text for each in value for text in marked_up(each))
    elif isinstance(value, dict) and value.get("type") != "plain_text":
        yield from (text for each in value.values() for text in marked_up(each))


@pytest.mark.parametrize("text", MENTIONS)
def test_t12_notice_injection_into_chat(text: str) -> None:
    """No mention and no disguised link is left where chats look for markup."""
    forms = shown(text)
    assert not [found for found in marked_up(json.loads(forms["slack"])) if text in found]
    assert not [found for found in marked_up(json.loads(forms["chat"])) if text in found]


@pytest.mark.parametrize("text", BREAKS)
def test_t12_notice_injection_of_lines(text: str) -> None:
    """No hostile text starts a line of its own, in the subject least of all."""
    forms = shown(text)
    assert "\n" not in forms["subject"]
    assert "\r" not in forms["subject"]
    lines = [line.strip() for line in forms["text"].splitlines()]
    assert not [line for line in lines if line.startswith(("Approved", "Subject: paid"))]
    assert not any(mark in forms["text"] for mark in "\r\x00\x1b\u2028")


@pytest.mark.parametrize("text", [*MENTIONS, *BREAKS, '"}', "\\", "{{ x }}"])
def test_t12_notice_injection_leaves_json_whole(text: str) -> None:
    """Machines read the same members whatever the text is."""
    for name in ("chat", "slack", "machine"):
        assert set(json.loads(shown(text)[name])) == set(json.loads(shown("plain")[name]))


@pytest.mark.parametrize("text", BREAKS)
def test_t12_notice_injection_into_logs(text: str) -> None:
    """A log line is one JSON object on one line, and the text is one value in it."""
    entry = logging.LogRecord("redress", logging.INFO, "", 0, "new finding", None, None)
    entry.action = text
    line = LambdaPowertoolsFormatter().format(entry)
    assert "\n" not in line
    assert "\r" not in line
    assert json.loads(line)["action"] == text


@pytest.mark.parametrize("text", BREAKS)
def test_t12_notice_injection_into_terminals(text: str) -> None:
    """What the command prints has no escape sequences and stays on its line."""
    for printed in (harmless(text), flagged(text)):
        assert printed.isprintable()
