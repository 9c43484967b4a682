"""JSON and YAML read strictly: a key that stands twice in one map is a fault, not the last one's win."""

from __future__ import annotations

import json

import yaml


class _Loader(yaml.SafeLoader):
    """A safe loader that refuses repeated keys."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:  # noqa: FBT001, FBT002 - the library's
        """Returns the map, each key once."""
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        _check_single([str(key) for key in keys])
        return dict(super().construct_mapping(node, deep))


def _check_single(keys: list[str]) -> None:
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise ValueError(f"a map has the key {twice[0]} twice")


def read_json(text: str) -> object:
    """Returns the value of a JSON text.

    Raises:
        ValueError: It is none, or repeats a key.

    """
    return json.loads(text, object_pairs_hook=_single)


def _single(pairs: list[tuple[str, object]]) -> dict[str, object]:
    _check_single([key for key, _ in pairs])
    return dict(pairs)


def read_yaml(text: str) -> object:
    """Returns the value of a YAML text.

    Raises:
        ValueError: It repeats a key.
        yaml.YAMLError: It is none.

    """
    return yaml.load(text, Loader=_Loader)  # noqa: S506 - a subclass of the safe loader
