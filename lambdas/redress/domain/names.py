"""The Action and Resource elements: lists of names and patterns.

docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html and reference-arns.html.
AWS is not exact about patterns at the edge: a star that ends a field "can" reach over the next colon,
text that is no ARN is refused. So resources are read in two ways. Where matching less is safe (Allow with
Resource, Deny with NotResource) a wildcard stays in its field; where matching more is safe, it reaches anywhere.
A wildcard in the resource type is "not allowed" by one page, and used by AWS's own managed policies
(ROSAInstallerPolicy: ``security-group*/*``); it is a wildcard like any other.
"""

from __future__ import annotations

from collections.abc import Callable

from redress.domain.values import dataclass
from redress.domain.variables import Parts, arn_template, has_variable
from redress.domain.wildcards import ARN_FIELDS, Test, arn_test, from_policy, glob_test, has_wildcard, meet


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """A list of actions or resources.

    Attributes:
        exact: Names without wildcards.
        tests: Those with.
        varying: Those with policy variables.
        fits: Makes the test of a varying one when its variables are filled in.
        everything: Whether ``*`` is among them.
        texts: Those without variables, as they stand; of resources only.

    """

    exact: frozenset[str]
    tests: tuple[Test, ...]
    varying: tuple[Parts, ...] = ()
    fits: Callable[[str], Test] = arn_test
    everything: bool = False
    texts: tuple[str, ...] = ()

    def has(self, text: str) -> bool:
        """Returns whether an exact name or a wildcard without variables matches."""
        if self.everything or text in self.exact:
            return True
        for test in self.tests:  # noqa: SIM110 - the innermost step of every evaluation; a generator costs twice as much
            if test(text):
                return True
        return False

    def touches(self, pattern: str) -> bool:
        """Returns whether a name may match some of what the pattern stands for."""
        return bool(self.varying) or any(meet(text, pattern) for text in self.texts)


def actions_of(names: tuple[str, ...]) -> Names:
    """Returns an Action element; its case does not matter."""
    folded = [name.lower() for name in names]
    return Names(
        exact=frozenset(name for name in folded if not has_wildcard(name)),
        tests=tuple(glob_test(from_policy(name)) for name in folded if has_wildcard(name)),
        everything="*" in folded,
    )


def resources_of(names: tuple[str, ...], *, variables: bool, wide: bool) -> Names:
    """Returns a Resource element.

    Args:
        names: The element's texts.
        variables: Whether the policy's version knows policy variables.
        wide: Whether matching too much is the safe side.

    """
    varying = frozenset(name for name in names if variables and has_variable(name))
    fixed = [name for name in names if name not in varying]
    reach = glob_test if wide else arn_test
    short = [name for name in fixed if wide and name.startswith("arn:") and not _is_whole(name)]
    return Names(
        exact=frozenset(name for name in fixed if not has_wildcard(name)),
        tests=(
            *(reach(from_policy(name)) for name in fixed if has_wildcard(name)),
            *(glob_test(from_policy(f"{name}:*")) for name in short),
        ),
        varying=tuple(arn_template(name) for name in names if name in varying),
        fits=reach,
        everything="*" in fixed,
        texts=(*fixed, *(f"{name}:*" for name in short)),
    )


def _is_whole(name: str) -> bool:
    return name.count(":") >= ARN_FIELDS - 1
