"""Shows a Block Kit message as a web page, about as Slack's desktop program would: for pictures and for eyes.

What Slack would interpret is interpreted here too (``<!channel>``, ``<address|text>``, ``*bold*``), so that a message
that lets such a thing through looks wrong.
"""

from __future__ import annotations

import html
import re
import subprocess
import tempfile
from pathlib import Path
from shutil import which
from typing import Any

WIDTH = 720
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "chrome")
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--hide-scrollbars",
    "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions", "--disable-sync", "--disable-lcd-text",
)  # fmt: skip
STYLE = """
body { margin: 0; padding: 20px 24px; width: 672px; background: #fff; color: #1d1c1d;
  font: 15px/1.46 'Noto Sans', 'DejaVu Sans', sans-serif; }
.from { font-weight: 700; margin-bottom: 4px; } .from span { font-weight: 400; font-size: 12px; color: #616061; }
.from b { background: #eee; font-size: 10px; padding: 1px 4px; border-radius: 3px; color: #616061; margin: 0 6px; }
.header { font-size: 18px; font-weight: 700; margin: 6px 0 8px; } .section { margin: 8px 0; white-space: pre-wrap; }
.fields { display: grid; grid-template-columns: 1fr 1fr; gap: 8px 16px; }
.fields > div { white-space: pre-wrap; overflow-wrap: anywhere; }
.actions { margin: 10px 0; } .actions a { display: inline-block; border: 1px solid #bbb; border-radius: 4px;
  padding: 5px 12px; margin-right: 8px; font-weight: 700; font-size: 14px; color: #1d1c1d; text-decoration: none; }
.actions a.primary { background: #007a5a; border-color: #007a5a; color: #fff; }
.context { font-size: 13px; color: #616061; margin: 10px 0; white-space: pre-wrap; }
hr { border: 0; border-top: 1px solid #ddd; margin: 12px 0; } .mention { background: #fff3b0; color: #1264a3; }
code { font: 12px 'DejaVu Sans Mono', monospace; background: #f8f8f8; border: 1px solid #ddd; border-radius: 3px;
  padding: 1px 3px; color: #c01343; }
pre { font: 12px/1.5 'DejaVu Sans Mono', monospace; background: #f8f8f8; border: 1px solid #ddd; border-radius: 4px;
  padding: 8px; margin: 4px 0 0; white-space: pre-wrap; overflow-wrap: anywhere; }
"""
SPAN = re.compile(r"```(.*?)```|`([^`\n]+)`|<([!@#]?[^<>|\n]+)(?:\|([^<>\n]*))?>|(?<!\w)\*([^*\n]+)\*(?!\w)", re.DOTALL)


def page(message: dict[str, Any]) -> str:
    """Returns the message as an HTML page that loads nothing."""
    blocks = "".join(_block(block) for block in message["blocks"])
    name = '<div class="from">Redress<b>APP</b><span>3:31 AM</span></div>'
    return f"<!doctype html><meta charset='utf-8'><style>{STYLE}</style><body>{name}{blocks}"


def browser() -> str | None:
    """Returns the path of a Chromium, or None."""
    return next((path for path in map(which, PROGRAMS) if path), None)


def picture(message: dict[str, Any], path: Path, *, program: str) -> None:
    """Writes a PNG of the message, as high as it is."""
    measure = "<script>document.title=Math.ceil(document.body.getBoundingClientRect().height)</script>"
    text = page(message)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "page.html"
        source.write_text(text + measure, encoding="utf-8")
        command = [program, *QUIET, f"--user-data-dir={folder}/profile"]
        shown = _run([*command, f"--window-size={WIDTH},800", "--dump-dom", source.as_uri()])
        found = re.search(r"<title>(\d+)</title>", shown)
        height = int(found[1]) if found else 1_200
        _run([*command, f"--window-size={WIDTH},{height}", f"--screenshot={path}", source.as_uri()])


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)  # noqa: S603 - a program of the system, on our own page
    return done.stdout


def _block(block: dict[str, Any]) -> str:
    if block["type"] == "divider":
        return "<hr>"
    if block["type"] == "actions":
        return f'<div class="actions">{"".join(map(_button, block["elements"]))}</div>'
    if block["type"] == "context":
        return f'<div class="context">{"".join(map(_text, block["elements"]))}</div>'
    if "fields" in block:
        return f'<div class="section fields">{"".join(f"<div>{_text(each)}</div>" for each in block["fields"])}</div>'
    return f'<div class="{html.escape(block["type"])}">{_text(block["text"])}</div>'


def _button(button: dict[str, Any]) -> str:
    style = html.escape(button.get("style", ""))
    return f'<a class="{style}" href="{html.escape(button["url"])}">{_text(button["text"])}</a>'


def _text(text: dict[str, Any]) -> str:
    return html.escape(text["text"]) if text["type"] == "plain_text" else mrkdwn(text["text"])


def mrkdwn(text: str) -> str:
    """Returns Slack's markup as HTML."""
    shown, at = "", 0
    for found in SPAN.finditer(text):
        shown += _plain(text[at : found.start()]) + _span(found)
        at = found.end()
    return shown + _plain(text[at:])


def _span(found: re.Match[str]) -> str:
    fence, code, target, label, bold = found.groups()
    if fence is not None or code is not None:
        return f"<pre>{_plain(fence)}</pre>" if fence is not None else f"<code>{_plain(code)}</code>"
    if bold is not None:
        return f"<b>{_plain(bold)}</b>"
    return f'<span class="mention">{_plain(label or target)}</span>'


def _plain(text: str) -> str:
    return html.escape(html.unescape(text))
