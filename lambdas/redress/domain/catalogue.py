"""What the domain asks of the IAM service authorization reference."""

from __future__ import annotations

from typing import Protocol

from redress.domain.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceType:
    """A resource type that an action supports.

    Attributes:
        name: As in the service authorization reference (``bucket``, ``object``).
        arn_formats: With variables (``arn:${Partition}:s3:::${BucketName}``).
        required: Whether the action always needs one of this type.
        condition_keys: Keys that this resource type adds.

    """

    name: str
    arn_formats: tuple[str, ...]
    required: bool = False
    condition_keys: tuple[str, ...] = ()


class Catalogue(Protocol):
    """Facts on IAM actions; unknown services and actions answer with None, False or an empty tuple."""

    def __hash__(self) -> int:
        """Returns a hash: what was looked up in a catalogue is remembered by it."""

    def proper_case(self, action: str) -> str | None:
        """Returns the action as IAM spells it (``sns:publish`` → ``sns:Publish``), or None if there is none."""

    def access_level(self, action: str) -> str | None:
        """Returns ``List``, ``Read``, ``Write``, ``Tagging, Write`` or ``Permissions management, Write``, or None."""

    def resource_types(self, action: str) -> tuple[ResourceType, ...]:
        """Returns the resource types that the action supports; empty means it needs ``*``."""

    def condition_keys(self, action: str) -> tuple[str, ...]:
        """Returns the action's condition keys, those of its resource types included."""

    def actions(self, service: str) -> tuple[str, ...]:
        """Returns every action of a service prefix, fully prefixed."""
