"""Generates evaluation cases that are close calls: each statement is a small change away from matching."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from tests.differential import universe as u
from tests.differential.conditions import condition
from tests.differential.wildcards import loosened_action, loosened_resource

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = dict[str, Any]
ALLOW_ALL: Json = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def generate(seed: int, count: int) -> Iterator[Json]:
    """Yields ``count`` cases; case ``n`` of a seed is always the same."""
    for index in range(count):
        yield one(seed, index)


def one(seed: int, index: int) -> Json:
    """Returns case ``index`` of a seed."""
    return _Maker(random.Random(f"{seed}:{index}")).case()  # noqa: S311 - cases, not secrets


class _Maker:
    """Makes one case."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.who = rng.choices(u.CALLERS, [who.weight for who in u.CALLERS])[0]
        self.deed = rng.choice(u.DEEDS)
        self.account = u.AWAY if self.likely(0.25) else u.HOME
        self.resource = self.deed.resource.format(self.account)
        self.context = self._context()

    def likely(self, chance: float) -> bool:
        return self.rng.random() < chance

    def case(self) -> Json:
        request = {
            "caller": self.who.arn,
            "action": self.deed.action,
            "resource": self.resource,
            "account": self.account,
            "context": self.context,
        }
        issuer = {"issuer": self.who.issuer} if self.who.issuer else {}
        return {"request": {**request, **issuer}, "policies": self._policies()}

    def _context(self) -> Json:
        keys: Json = {key: value for key, value in self.who.keys.items() if self.likely(0.8)}
        for key, values in {**u.GLOBAL_KEYS, **self.deed.keys}.items():
            if self.likely(0.35):
                keys[key] = self.rng.choice(values)
        for key, values in {**u.SEVERAL_GLOBAL, **self.deed.several}.items():
            if self.likely(0.5):
                keys[key] = self.rng.sample(values, self.rng.randint(0, len(values)))
        return keys

    def _policies(self) -> Json:
        has_account = self.who.arn not in {u.SERVICE, u.ANONYMOUS}
        policies: Json = {}
        if has_account:
            policies["identity"] = [self._plain() for _ in range(self.rng.randint(0, 3))]
            if self.who.arn != u.ROOT:
                self._maybe(policies, "boundary", 0.2, 0.5)
            if self.who.issuer:
                self._maybe(policies, "session", 0.3, 0.5)
            policies["service_control"] = self._levels(0.3, named=False)
        if self.likely(0.5 if has_account else 0.9):
            policies["resource"] = self._named()
        policies["resource_control"] = self._levels(0.15, named=True)
        if self.likely(0.1):
            policies["vpc_endpoint"] = [self._endpoint()]
        return policies

    def _maybe(self, policies: Json, layer: str, chance: float, wide: float) -> None:
        if self.likely(chance):
            policies[layer] = [ALLOW_ALL if self.likely(wide) else self._plain()]

    def _levels(self, chance: float, *, named: bool) -> list[list[Json]]:
        if not self.likely(chance):
            return []
        if named:
            return [[self._control()] for _ in range(self.rng.randint(1, 2))]
        return [self._level() for _ in range(self.rng.randint(1, 3))]

    def _level(self) -> list[Json]:
        level = [ALLOW_ALL] if self.likely(0.7) else []
        return level + [self._plain() for _ in range(self.rng.randint(0 if level else 1, 2))]

    def _control(self) -> Json:
        """A resource control policy: only Deny, for everyone, and never on all actions."""
        statement = {**self._statement(), "Effect": "Deny", "Principal": "*"}
        statement.pop("NotAction", None)
        statement["Action"] = self.rng.choice((self.deed.action, f"{self.deed.service}:*", f"{self.deed.service}:x*"))
        return {"Version": "2012-10-17", "Statement": [statement]}

    def _endpoint(self) -> Json:
        """An endpoint policy: its principal can only be everyone."""
        return self._document([{**self._statement(), "Principal": "*"} for _ in range(self.rng.randint(1, 2))])

    def _plain(self) -> Json:
        return self._document([self._statement() for _ in range(self.rng.randint(1, 3))])

    def _named(self) -> Json:
        statements = []
        for _ in range(self.rng.randint(1, 3)):
            element = "NotPrincipal" if self.likely(0.07) else "Principal"
            statements.append({**self._statement(), element: self.rng.choice(u.PRINCIPALS)})
        return self._document(statements)

    def _document(self, statements: list[Json]) -> Json:
        document: Json = {"Statement": statements if len(statements) > 1 or self.likely(0.8) else statements[0]}
        if self.likely(0.97):
            document["Version"] = "2012-10-17" if self.likely(0.97) else "2008-10-17"
        return document

    def _statement(self) -> Json:
        statement: Json = {"Effect": "Deny" if self.likely(0.22) else "Allow"}
        element = "NotAction" if self.likely(0.08) else "Action"
        statement[element] = self._listed(lambda: loosened_action(self.rng, self.deed))
        element = "NotResource" if self.likely(0.08) else "Resource"
        statement[element] = self._listed(lambda: loosened_resource(self.rng, self.resource, self.context))
        if self.likely(0.45):
            statement["Condition"] = condition(self.rng, self.context, self.deed)
        if self.likely(0.3):
            statement["Sid"] = f"S{self.rng.randint(1, 99)}"
        return statement

    def _listed(self, make: Any) -> str | list[str]:  # noqa: ANN401 - a function of no arguments
        found = [make() for _ in range(self.rng.choice((1, 1, 1, 2, 3)))]
        return found[0] if len(found) == 1 and self.likely(0.6) else found
