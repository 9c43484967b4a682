"""Whose bucket it is comes from AWS's record, whole or not at all."""

from __future__ import annotations

import pytest

from redress.domain.bucket_owners import bucket_of, bucket_owners
from redress.domain.codec import from_json, to_json
from redress.domain.finding import Sighting
from tests.unit.fix import builders

HOME, STRANGER = builders.ACCOUNT, "444455556666"
BUCKET = "arn:aws:s3:::reports"


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ([{"ARN": f"{BUCKET}/a.csv"}, {"ARN": BUCKET, "accountId": HOME}], (("reports", HOME),)),
        ([{"arn": BUCKET, "accountid": STRANGER}], (("reports", STRANGER),)),
        (
            [{"ARN": BUCKET, "accountId": HOME}, {"ARN": "arn:aws:s3:::x-2", "accountId": STRANGER}],
            (("reports", HOME), ("x-2", STRANGER)),
        ),
        ([{"ARN": BUCKET, "accountId": HOME}, {"ARN": BUCKET, "accountId": STRANGER}], ()),
        ([{"ARN": BUCKET, "accountId": f"{HOME}\n"}], ()),
        ([{"ARN": BUCKET, "accountId": "\uff11" * 12}], ()),
        ([{"ARN": BUCKET, "accountId": 111122223333}], ()),
        ([{"ARN": BUCKET, "accountId": "ANONYMOUS_PRINCIPAL"}], ()),
        ([{"ARN": "arn:aws:s3:::*", "accountId": HOME}], ()),
        ([{"ARN": "arn:aws:sqs:us-east-1:111122223333:jobs", "accountId": HOME}], ()),
        (
            [{"ARN": f"{BUCKET}-{number}", "accountId": HOME} for number in range(999)],
            tuple((f"reports-{number}", HOME) for number in range(20)),
        ),
        (["text", None, {}, {"ARN": 7, "accountId": HOME}], ()),
        ({"ARN": BUCKET, "accountId": HOME}, ()),
        (None, ()),
    ],
)
def test_an_owner_is_twelve_digits_beside_a_bucket(resources: object, expected: object) -> None:
    """Anything else, two owners of one bucket included, is not known; and no record makes the list long."""
    assert bucket_owners(resources) == expected


@pytest.mark.parametrize(
    ("resource", "name"),
    [
        (BUCKET, "reports"),
        (f"{BUCKET}/a/b\nc", "reports"),
        ("arn:aws-us-gov:s3:::reports/*", "reports"),
        ("arn:aws:s3:us-east-1:111122223333:accesspoint/x", None),
        ("*", None),
        ("", None),
        (None, None),
    ],
)
def test_objects_and_buckets_name_a_bucket(resource: str | None, name: str | None) -> None:
    """Access points name their account themselves, and a star names nothing."""
    assert bucket_of(resource) == name


def test_a_finding_stored_before_the_owner_was_kept_is_read() -> None:
    """A sighting without the field is one of a bucket whose owner is not known."""
    known = Sighting(
        event_id="e",
        event_time=builders.NOW,
        event_source="s3.amazonaws.com",
        event_name="GetObject",
        bucket_owner=HOME,
    )
    assert from_json(Sighting, to_json(known)) == known
    old = to_json(known).replace(f'"bucket_owner":"{HOME}",', "")
    assert from_json(Sighting, old).bucket_owner is None
