"""The error tree: one base per decision of whoever catches it.

RedressError
├── Retry             try again later; the message goes back to its queue
├── DeadLetter        can never succeed; the message goes to the dead-letter queue with ``reason``
│   ├── MalformedRecord
│   └── Unreadable    stored text that is not what the code expects
└── Refused           a rule forbids it; tell the operator, change nothing
    └── StaleState    somebody else moved the finding or proposal first
"""

from __future__ import annotations


class RedressError(Exception):
    """Base of all errors that Redress raises on purpose; the text says what happened and what to do."""


class Retry(RedressError):  # noqa: N818 - named for the decision, not the fault
    """A temporary fault of something we depend on."""


class DeadLetter(RedressError):  # noqa: N818 - named for the decision, not the fault
    """Input that no retry will mend."""


class MalformedRecord(DeadLetter):
    """What arrived is no CloudTrail record; the text says which part is wrong."""


class Unreadable(DeadLetter):
    """What is stored cannot be read as the value it should be; the text says which part is wrong."""


class Refused(RedressError):  # noqa: N818 - named for the decision, not the fault
    """A rule that does not bend forbids the request."""


class StaleState(Refused):
    """A conditional write found another version than the one it was based on."""
