# ruff: noqa: N803 - boto3's parameter names
"""A boto3 DynamoDB ``Table`` over the dictionary of ``tests.fakes.FakeStore``, for the runbooks' scripts."""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any

from redress.adapters.table_writes import Item, Key
from tests.fakes_iam import fault

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_TOKEN = re.compile(r"\s*(\(|\)|,|=|AND\b|OR\b|IN\b|attribute_not_exists|[#:]?\w+)")


class FakeBotoTable:
    """Understands the few expressions that the scripts write.

    Attributes:
        before: Called with the operation's name before it takes effect; may raise.
        after: Called afterwards; may raise.

    """

    def __init__(self, items: dict[Key, Item]) -> None:
        self.items = items
        self.before: Callable[[str], None] = lambda _: None
        self.after: Callable[[str], None] = lambda _: None

    def get_item(self, *, Key: Mapping[str, str], ConsistentRead: bool) -> dict[str, Any]:
        """Returns the item under ``Item``, or nothing."""
        assert ConsistentRead
        self.before("get_item")
        item = self.items.get(_key(Key))
        return {"Item": copy.deepcopy(item)} if item else {}

    def put_item(
        self,
        *,
        Item: dict[str, Any],
        ConditionExpression: str = "",
        ExpressionAttributeValues: Mapping[str, Any] | None = None,
    ) -> None:
        """Writes the item if the condition holds."""
        self.before("put_item")
        self._check(_key(Item), ConditionExpression, {}, ExpressionAttributeValues or {})
        self.items[_key(Item)] = copy.deepcopy(Item)
        self.after("put_item")

    def delete_item(
        self, *, Key: Mapping[str, str], ConditionExpression: str, ExpressionAttributeValues: Mapping[str, Any]
    ) -> None:
        """Deletes the item if the condition holds."""
        self.before("delete_item")
        self._check(_key(Key), ConditionExpression, {}, ExpressionAttributeValues)
        self.items.pop(_key(Key), None)
        self.after("delete_item")

    def update_item(
        self,
        *,
        Key: Mapping[str, str],
        UpdateExpression: str,
        ConditionExpression: str,
        ExpressionAttributeNames: Mapping[str, str],
        ExpressionAttributeValues: Mapping[str, Any],
    ) -> None:
        """Sets attributes if the condition holds; every name and value given must be used, as DynamoDB demands."""
        self.before("update_item")
        used = set(re.findall(r"[#:]\w+", UpdateExpression + ConditionExpression))
        assert used == {*ExpressionAttributeNames, *ExpressionAttributeValues}, used
        self._check(_key(Key), ConditionExpression, ExpressionAttributeNames, ExpressionAttributeValues)
        item = self.items.setdefault(_key(Key), dict(Key))
        for assignment in UpdateExpression.removeprefix("SET ").split(", "):
            name, value = assignment.split(" = ")
            item[ExpressionAttributeNames[name]] = copy.deepcopy(ExpressionAttributeValues[value])
        self.after("update_item")

    def _check(self, key: Key, condition: str, names: Mapping[str, str], values: Mapping[str, Any]) -> None:
        item = self.items.get(key, {})
        if condition and not _Condition(condition, item, names, values).holds():
            raise fault("ConditionalCheckFailedException")


class _Condition:
    """A recursive descent over ``attribute_not_exists``, ``=``, ``IN``, ``AND``, ``OR`` and parentheses."""

    def __init__(self, text: str, item: Item, names: Mapping[str, str], values: Mapping[str, Any]) -> None:
        self.tokens = _TOKEN.findall(text)
        self.item, self.names, self.values = item, names, values

    def holds(self) -> bool:
        """Returns whether the condition is true of the item."""
        found = self._either()
        assert not self.tokens, self.tokens
        return found

    def _either(self) -> bool:
        found = self._both()
        while self.tokens and self.tokens[0] == "OR":
            self._take("OR")
            found = self._both() or found
        return found

    def _both(self) -> bool:
        found = self._term()
        while self.tokens and self.tokens[0] == "AND":
            self._take("AND")
            found = self._term() and found
        return found

    def _term(self) -> bool:
        if self.tokens[0] == "(":
            self._take("(")
            found = self._either()
            self._take(")")
            return found
        if self.tokens[0] == "attribute_not_exists":
            self._take("attribute_not_exists", "(")
            name = self._name()
            self._take(")")
            return name not in self.item
        return self._comparison()

    def _comparison(self) -> bool:
        found = self.item.get(self._name())
        if self.tokens[0] == "=":
            self._take("=")
            wanted = self.values[self.tokens.pop(0)]
            return bool(found is not None and found == wanted)
        self._take("IN", "(")
        allowed = [self.values[self.tokens.pop(0)]]
        while self.tokens[0] == ",":
            self._take(",")
            allowed.append(self.values[self.tokens.pop(0)])
        self._take(")")
        return found in allowed

    def _name(self) -> str:
        token: str = self.tokens.pop(0)
        return self.names.get(token, token)

    def _take(self, *expected: str) -> None:
        for each in expected:
            assert self.tokens.pop(0) == each


def _key(attributes: Mapping[str, Any]) -> Key:
    return Key(pk=attributes["pk"], sk=attributes["sk"])
