"""Reads renderings as the programs do that show them, and says what they would make of the text."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redress.domain.card import Renderings

OURS = re.compile(r"https://(?:[a-z0-9-]+\.console\.aws\.amazon\.com|docs\.example\.com)/[A-Za-z0-9/_.?=#&;-]*")
FENCE = re.compile(r"```[^`]*```|`[^`]+`")
LABEL = re.compile(r"^\*[A-Z][A-Za-z? ]{1,30}\*(?=\s|$)", re.MULTILINE)
MARKUP = re.compile(r"[*_~`<>\[\]@]|:[\w+'-]+:|://|www\.", re.IGNORECASE)
ENTITY = re.compile(r"&(?!amp;|lt;|gt;)")
LEFT_EDGE = re.compile(r"$|[A-Z][A-Z ]+$|(?:News|Worry\?|Now|AWS|Seen|Next|Press) +\S|The |An? |In a call ")


def faults_of(shown: Renderings, *, limits: bool = True) -> list[str]:
    """Returns what is wrong with any rendering: markup, mentions, links, hidden characters, forged lines, limits."""
    chat, slack = json.loads(shown.chat), json.loads(shown.slack)
    return [
        *_subject(shown.subject),
        *_plain(shown.text),
        *_chat(chat),
        *_slack(slack),
        *_json(json.loads(shown.machine)),
        *_attributes(shown),
        *(size_faults(chat, slack) if limits else ()),
    ]


def size_faults(chat: dict[str, Any], slack: dict[str, Any]) -> Iterator[str]:
    """Yields each limit of the two chat formats that is broken."""
    content = chat["content"]
    yield from _long("chat title", content["title"], 250)
    yield from _long("chat description", content["description"], 8_000)
    yield from (fault for step in content["nextSteps"] for fault in _long("chat step", step, 350))
    yield from (fault for word in content["keywords"] for fault in _long("chat keyword", word, 75))
    yield from block_faults(slack)


def block_faults(slack: dict[str, Any]) -> Iterator[str]:
    """Yields each limit of Block Kit that is broken."""
    if not 1 <= len(slack["blocks"]) <= 50:
        yield f"{len(slack['blocks'])} blocks"
    for block in slack["blocks"]:
        limit = {"header": 150, "section": 3_000}.get(block["type"], 0)
        yield from _long(block["type"], block["text"]["text"], limit) if "text" in block else ()
        yield from (f"{len(block['fields'])} fields",) if len(block.get("fields", "x")) > 10 else ()
        yield from (fault for each in block.get("fields", ()) for fault in _long("field", each["text"], 2_000))
        for element in block.get("elements", ()):
            if element["type"] == "button":
                yield from _long("button", element["text"]["text"], 75)
                yield from _long("address", element["url"], 3_000)


def units(text: str) -> int:
    """Returns the length as JavaScript counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def texts(value: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    """Yields every string in a JSON value, keys included."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from (key, *texts(inner))
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, str):
        yield value


def _long(what: str, text: str, limit: int) -> Iterator[str]:
    if not 1 <= units(text) <= limit:
        yield f"{what} of {units(text)} units"


def _subject(subject: str) -> Iterator[str]:
    if not (0 < len(subject) < 100 and all(" " <= letter <= "~" for letter in subject)):
        yield f"subject {subject!r}"


def _plain(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        if not line.isprintable():
            yield f"hidden in {line!r}"
        if not line.startswith("  ") and not LEFT_EDGE.match(line):
            yield f"at the left edge: {line!r}"
        yield from _links(line)


def _links(text: str) -> Iterator[str]:
    rest = OURS.sub("", text)
    yield from (f"a link in {rest!r}",) if re.search(r"://|www\.", rest, re.IGNORECASE) else ()


def _chat(chat: dict[str, Any]) -> Iterator[str]:
    content = chat["content"]
    for text in (content["title"], content["description"], *content["nextSteps"]):
        yield from mrkdwn_faults(text)
    yield from mrkdwn_faults(chat["metadata"]["summary"])


def mrkdwn_faults(text: str) -> Iterator[str]:
    """Yields what a chat program would interpret in a text, our own labels and code spans apart."""
    for line in text.split("\n"):
        yield from (f"hidden in {line!r}",) if not line.isprintable() else ()
    yield from (f"half an entity in {text!r}",) if ENTITY.search(OURS.sub("", text)) else ()
    for span in FENCE.findall(text):
        yield from (f"brackets in {span!r}",) if re.search(r"[<>]", span) else ()
    found = MARKUP.search(LABEL.sub("", OURS.sub("", FENCE.sub(" ", text))))
    yield from (f"{found[0]!r} in {text!r}",) if found else ()


def _slack(slack: dict[str, Any]) -> Iterator[str]:
    yield from mrkdwn_faults(slack["text"])
    for block in slack["blocks"]:
        yield from (fault for shown in _text_objects(block) for fault in _text_faults(shown))
        for element in block.get("elements", ()):
            if "url" in element and not OURS.fullmatch(element["url"]):
                yield f"a button to {element['url']}"


def _text_objects(value: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        if value.get("type") in {"plain_text", "mrkdwn"}:
            yield value
        yield from (shown for inner in value.values() for shown in _text_objects(inner))
    if isinstance(value, list):
        yield from (shown for inner in value for shown in _text_objects(inner))


def _text_faults(shown: dict[str, Any]) -> Iterator[str]:
    if not shown["text"].strip():
        yield "an empty text"
    if shown["type"] == "mrkdwn":
        yield from () if shown.get("verbatim") is True else ("not verbatim",)
        yield from mrkdwn_faults(shown["text"])
    elif shown.get("emoji") is not False or not shown["text"].replace("\n", "").isprintable():
        yield f"plain text {shown!r}"


def _json(machine: dict[str, Any]) -> Iterator[str]:
    yield from (f"hidden in {text!r}" for text in texts({**machine, "patches": {}}) if not text.isprintable())


def _attributes(shown: Renderings) -> Iterator[str]:
    for name, value in shown.attributes.items():
        text = value["StringValue"]
        if not (1 <= len(text) <= 256 and text.isprintable()):
            yield f"attribute {name} {text!r}"
