"""What is taken out of events before anything is stored, by rule.

CloudTrail leaves out most secrets itself, but not all: request parameters may hold user data, environment
variables and passwords, and messages may hold encoded authorization messages, signed addresses and tokens.
Access key *ids* are no secrets and stay: they say which key to look for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

REDACTED = "[redacted]"
TEXT_LIMIT = 1_024
"""Characters of any one text; CloudTrail's own limit for messages."""
DEPTH_LIMIT = 12
MEMBER_LIMIT = 200
"""Members of one list or object that are kept."""

_SECRET_NAME = re.compile(
    r"""passw | secret(?!.?(id|arn|name)) | token(?!.?(type|arn)) | credential(?!.?(id|report)) | private.?key
      | ^pin$ | api.?key(?!.?(id|source)) | user.?data | environment | variables | connection.?string | auth.?data
      | certificate.?body | key.?material | plain.?text | cipher.?text | signature | session.?key | saml.?assertion
      | otp | mfa.?code | authentication.?code | authorization.?header | webhook | dsn""",
    re.IGNORECASE | re.VERBOSE,
)
_SECRET_TEXTS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(Encoded authorization failure message:\s*)\S+", re.IGNORECASE), rf"\1{REDACTED}"),
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL), REDACTED),
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]+\.?[\w-]*"), REDACTED),  # JSON web tokens
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w+/=.~-]{8,}"), rf"\1 {REDACTED}"),
    (re.compile(r"(?i)(X-Amz-(?:Signature|Credential|Security-Token)=)[^&\s\"']+"), rf"\1{REDACTED}"),
    (re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"), REDACTED),  # name and password in an address
    (
        re.compile(
            r"""(?i)((?<!:)(?:pass(?:word|wd|phrase)?|secret(?:_?access_?key)?|api_?key|token|pwd)\\*["']?\s*[=:]\s*)"""
            r"""("[^"]{0,200}"|'[^']{0,200}'|\\+["'][^"'\\]{0,200}\\*["']?|[^\s"'&,;]+)""",
        ),
        rf"\1{REDACTED}",
    ),
    (re.compile(r"(?i)(--?(?:pass(?:word|wd|phrase)?|secret|api-?key|token|pwd)[ =])\S+"), rf"\1{REDACTED}"),
    (re.compile(r"\b(?:gh[opsur]_|github_pat_|glpat-|xox[abpr]-|sk_live_|rk_live_|npm_|pypi-)[\w-]{10,}"), REDACTED),
    (re.compile(r"hooks\.slack\.com/services/[\w/-]+"), f"hooks.slack.com/services/{REDACTED}"),
    (
        re.compile(r"(?<![A-Za-z0-9/+=])(?:FwoGZXIvYXdz|IQoJb3JpZ2lu|FQoGZXIvYXdz|FQoDYXdz)[A-Za-z0-9/+=]{20,}"),
        REDACTED,
    ),
    (
        re.compile(
            r"(?<![A-Za-z0-9/+=])(?=[a-z0-9/+]*[A-Z])(?=[A-Z0-9/+]*[a-z])(?=[A-Za-z/+]*[0-9])"
            r"[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])"
        ),
        REDACTED,
    ),
)


def redact_text(text: str, limit: int = TEXT_LIMIT) -> str:
    """Returns the text with what looks like a secret replaced, at most ``limit`` characters long."""
    for pattern, instead in _SECRET_TEXTS:
        text = pattern.sub(instead, text)
    return text[:limit]


def redact(value: object) -> Any:  # noqa: ANN401 - JSON has no narrower type
    """Returns parsed JSON with secrets replaced: by the name of a member, and by the look of a text.

    What is nested too deep, and members beyond a limit, are left out and said so; the result is never
    bigger than what went in, apart from those words.
    """
    return _redact(value, 0)


def _redact(value: object, depth: int) -> Any:  # noqa: ANN401 - JSON has no narrower type
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, Mapping | list | tuple) and depth >= DEPTH_LIMIT:
        return "[nested too deep]"
    if isinstance(value, Mapping):
        return _redact_members(value, depth)
    if isinstance(value, list | tuple):
        kept = [_redact(each, depth + 1) for each in value[:MEMBER_LIMIT]]
        return kept if len(value) <= MEMBER_LIMIT else [*kept, f"[{len(value) - MEMBER_LIMIT} more]"]
    return value


def _redact_members(value: Mapping[Any, object], depth: int) -> dict[str, Any]:
    kept = list(value.items())[:MEMBER_LIMIT]
    secret = _says_secret(value)
    shown = {
        str(name)[:TEXT_LIMIT]: REDACTED
        if secret and "value" in str(name).lower()
        else _member(str(name), content, depth)
        for name, content in kept
    }
    if len(value) > MEMBER_LIMIT:
        shown["[more]"] = len(value) - MEMBER_LIMIT
    return shown


_NAMES = frozenset({"name", "key", "parametername", "variablename", "optionname", "headername"})
"""Members whose text says what the members beside them hold: tags, environment variables, parameters of a database."""


def _says_secret(value: Mapping[Any, object]) -> bool:
    named = (text for name, text in value.items() if str(name).lower() in _NAMES)
    return any(isinstance(text, str) and is_secret_name(text) for text in named)


def is_secret_name(name: str) -> bool:
    """Returns whether what goes by this name is kept secret by whoever named it so."""
    return _SECRET_NAME.search(name) is not None


def _member(name: str, content: object, depth: int) -> Any:  # noqa: ANN401 - JSON has no narrower type
    if is_secret_name(name) and content not in (None, "", [], {}, True, False):
        return REDACTED
    return _redact(content, depth + 1)
