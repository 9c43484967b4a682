"""Proposals in the table, and which of them is the current one of a principal.

The runbooks read and write these items too (infra/runbook_scripts/stored.py): the names of the
attributes are an agreement.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from redress.adapters.findings_activity import target_key
from redress.adapters.table_writes import Absent, Ask, Delete, Item, Key, NotMet, OneOf, Put, Store, Update, Write
from redress.domain.codec import iso, moment
from redress.domain.errors import StaleState, Unreadable
from redress.domain.proposal import Proposal
from redress.domain.values import dataclass
from redress.domain.words import ProposalStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

PREFIX = "PROPOSAL#"
SORT = "PROPOSAL"
STATE_PREFIX = "PROPOSAL#"
TO_CANCEL = f"{STATE_PREFIX}TO_CANCEL"
"""Where the index keeps replaced proposals until λ start has cancelled their execution, if they have one."""
OPEN = (ProposalStatus.READY, ProposalStatus.MANUAL, ProposalStatus.WAITING)
"""What nobody has signed yet: a newer proposal may take its place."""
PUT_BY = "PUT_BY"
KEPT_AFTER_USE = timedelta(days=400)
PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredProposal:
    """A proposal with what has become of it.

    Attributes:
        principal: ARN of the role or user whose policies it changes.
        marks: Whatever else those who worked on it have written (``applied_at``, ``remove_at``, …).

    """

    proposal: Proposal
    status: ProposalStatus
    principal: str
    finding_ids: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    execution_id: str | None
    marks: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalsPage:
    """Proposals of one page, and where the next one starts; None after the last.

    Attributes:
        unreadable: What is wrong with the others; each by itself, so that it does not hide the rest.

    """

    proposals: tuple[StoredProposal, ...]
    next_start: Mapping[str, Any] | None
    unreadable: tuple[Unreadable, ...] = ()


class ProposalsTable:
    """The proposals of the table; every method may raise ``Retry`` and ``Unreadable``."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def proposal(self, proposal_id: str) -> Proposal | None:
        """Returns the sealed proposal, or None."""
        stored = self.get(proposal_id)
        return stored.proposal if stored else None

    def get(self, proposal_id: str) -> StoredProposal | None:
        """Returns the proposal as it is now, or None."""
        item = self._store.get(_key(proposal_id))
        return stored_proposal_of(item) if item else None

    def current(self, principal: str) -> StoredProposal | None:
        """Returns the newest proposal for this principal, whatever has become of it, or None."""
        pointer = self._store.get(_pointer(principal))
        return self.get(pointer["proposal_id"]) if pointer else None

    def by_status(
        self, status: ProposalStatus, *, limit: int = PAGE, start: Mapping[str, Any] | None = None
    ) -> ProposalsPage:
        """Returns proposals in this status, the oldest first; those that have left it meanwhile are not among them."""
        return self._page(Ask(value=f"{STATE_PREFIX}{status}", index="by_state", limit=limit, start=start), status)

    def every(
        self, status: ProposalStatus, *, skipped: Callable[[Unreadable], None] = lambda _: None
    ) -> Iterator[StoredProposal]:
        """Yields all proposals in this status that are not put by, page by page.

        Args:
            status: Of them.
            skipped: Is told of each that cannot be read.

        """
        return self._every(f"{STATE_PREFIX}{status}", status, skipped)

    def standing(self, *, skipped: Callable[[Unreadable], None] = lambda _: None) -> Iterator[StoredProposal]:
        """Yields all proposals whose change is in force, page by page: those with a lifetime first, then the others.

        Args:
            skipped: Is told of each that cannot be read.

        """
        applied = ProposalStatus.APPLIED
        yield from self._every(f"{STATE_PREFIX}{applied}", applied, skipped)
        yield from self._every(f"{STATE_PREFIX}{applied}#{PUT_BY}", applied, skipped)

    def to_cancel(self, limit: int) -> tuple[StoredProposal, ...]:
        """Returns so many of the replaced proposals whose execution nobody has cancelled yet, the oldest first."""
        ask = Ask(value=TO_CANCEL, index="by_state", limit=limit)
        return self._page(ask, ProposalStatus.SUPERSEDED).proposals

    def cancelled(self, proposal_id: str) -> None:
        """Notes that no execution of a replaced proposal is open any more.

        Raises:
            StaleState: It was not replaced.

        """
        ended = ProposalStatus.SUPERSEDED
        self.move(proposal_id, to=ended, when=(ended,))

    def replaced(self, proposal_ids: Iterable[str]) -> frozenset[str]:
        """Returns the ids of those proposals that a newer one replaced, or that were withdrawn."""
        items = self._store.get_many(_key(each) for each in proposal_ids)
        ended = (item for item in items if item.get("status") == ProposalStatus.SUPERSEDED.value)
        return frozenset(item["pk"].removeprefix(PREFIX) for item in ended)

    def make_current(
        self,
        proposal: Proposal,
        status: ProposalStatus,
        *,
        before: StoredProposal | None,
        now: datetime,
        also: Iterable[Write] = (),
    ) -> None:
        """Stores a proposal, points its principal to it, and ends the one before if nobody has signed that yet.

        Args:
            proposal: New, for this principal.
            status: READY or MANUAL.
            before: What ``current`` returned.
            now: The present.
            also: Writes that must happen with it or not at all (97 at most).

        Raises:
            StaleState: Somebody else changed the pointer, the proposal before, or what ``also`` depends on.

        """
        writes: list[Write] = [*_new(proposal, status, before), *_ended(before, now, proposal.proposal_id), *also]
        self._write(f"proposal {proposal.proposal_id} was overtaken", *writes)

    def withdraw(self, before: StoredProposal, *, now: datetime) -> None:
        """Ends a proposal that nobody has signed and that no finding asks for any more.

        Raises:
            StaleState: It is not as it was read.

        """
        pointing = (OneOf(name="proposal_id", values=(before.proposal.proposal_id,)),)
        gone = Delete(key=_pointer(before.principal), when=pointing)
        self._write(f"proposal {before.proposal.proposal_id} was taken up", gone, *_ended(before, now, ""))

    def move(
        self, proposal_id: str, *, to: ProposalStatus, when: Iterable[ProposalStatus], **marks: str | int | list[str]
    ) -> None:
        """Sets the status of a proposal, and further attributes (``execution_id``, …).

        Raises:
            StaleState: Its status is none of ``when``.

        """
        allowed = (OneOf(name="status", values=tuple(each.value for each in when)),)
        changes = {"status": to.value, "state": f"{STATE_PREFIX}{to.value}", **marks}
        update = Update(key=_key(proposal_id), assign=changes, when=allowed)
        self._write(f"proposal {proposal_id} is not in the status that this needs", update)

    def put_by(self, stored: StoredProposal) -> None:
        """Takes a proposal that nothing is due for off the list of its status, which stays what it is.

        Whoever moves it, or begins to take it back, lists it again; so does nothing happen if that is just being done.
        """
        begun = stored.marks.get("restoring_by")
        status = OneOf(name="status", values=(stored.status.value,))
        same = Absent(name="restoring_by") if begun is None else OneOf(name="restoring_by", values=(begun,))
        listed = f"{STATE_PREFIX}{stored.status.value}#{PUT_BY}"
        update = Update(key=_key(stored.proposal.proposal_id), assign={"state": listed}, when=(status, same))
        with suppress(NotMet):
            self._store.write(update)

    def _every(
        self, listed: str, status: ProposalStatus, skipped: Callable[[Unreadable], None]
    ) -> Iterator[StoredProposal]:
        start: Mapping[str, Any] | None = None
        while True:
            page = self._page(Ask(value=listed, index="by_state", limit=PAGE, start=start), status)
            for error in page.unreadable:
                skipped(error)
            yield from page.proposals
            start = page.next_start
            if start is None:
                return

    def _page(self, ask: Ask, status: ProposalStatus) -> ProposalsPage:
        page = self._store.query(ask)
        items = self._store.get_many(Key(pk=item["pk"], sk=item["sk"]) for item in page.items)
        read = [_read(item) for item in items]
        still = (each for each in read if isinstance(each, StoredProposal) and each.status is status)
        return ProposalsPage(
            proposals=tuple(sorted(still, key=lambda each: each.created_at)),
            next_start=page.next_start,
            unreadable=tuple(each for each in read if isinstance(each, Unreadable)),
        )

    def _write(self, otherwise: str, *writes: Write) -> None:
        try:
            self._store.write(*writes)
        except NotMet as error:
            raise StaleState(f"{otherwise}; read it again") from error


def stored_proposal_of(item: Item) -> StoredProposal:
    """Returns the proposal that an item holds.

    Raises:
        Unreadable: The item is no proposal.

    """
    known = {"pk", "sk", "body", "digest", "status", "principal", "finding_ids", "created_at", "expires_at"}
    try:
        return StoredProposal(
            proposal=Proposal(proposal_id=item["pk"].removeprefix(PREFIX), digest=item["digest"], body=item["body"]),
            status=ProposalStatus(item["status"]),
            principal=item["principal"],
            finding_ids=tuple(item["finding_ids"]),
            created_at=moment(item["created_at"]),
            expires_at=moment(item["expires_at"]),
            execution_id=item.get("execution_id"),
            marks={name: value for name, value in item.items() if name not in known},
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Unreadable(f"item {item.get('pk')!r} is no proposal: {error!r}") from error


def _read(item: Item) -> StoredProposal | Unreadable:
    try:
        return stored_proposal_of(item)
    except Unreadable as error:
        return error


def _new(proposal: Proposal, status: ProposalStatus, before: StoredProposal | None) -> tuple[Put, Put]:
    content = proposal.content
    principal = content["principal"]["arn"]
    pointer = _pointer(principal)
    unmoved = OneOf(name="proposal_id", values=(before.proposal.proposal_id,)) if before else Absent()
    named = {"proposal_id": proposal.proposal_id, "digest": proposal.digest}
    return (
        Put(item=_item(proposal, status, content), when=(Absent(),)),
        Put(item={"pk": pointer.pk, "sk": pointer.sk, **named}, when=(unmoved,)),
    )


def _item(proposal: Proposal, status: ProposalStatus, content: Mapping[str, Any]) -> Item:
    key = _key(proposal.proposal_id)
    return {
        "pk": key.pk,
        "sk": key.sk,
        "item_type": "proposal",
        "state": f"{STATE_PREFIX}{status.value}",
        "last_seen": content["created_at"],
        "status": status.value,
        "body": proposal.body,
        "digest": proposal.digest,
        "principal": content["principal"]["arn"],
        "finding_ids": list(content["finding_ids"]),
        "created_at": content["created_at"],
        "expires_at": content["expires_at"],
    }


def _ended(before: StoredProposal | None, now: datetime, by: str) -> tuple[Update, ...]:
    if before is None or before.status not in OPEN:
        return ()
    changes = {
        "status": ProposalStatus.SUPERSEDED.value,
        "state": TO_CANCEL,
        "superseded_by": by,
        "superseded_at": iso(now),
        "ttl": int((now + KEPT_AFTER_USE).timestamp()),
    }
    unsigned = (OneOf(name="status", values=tuple(each.value for each in OPEN)),)
    return (Update(key=_key(before.proposal.proposal_id), assign=changes, when=unsigned),)


def _key(proposal_id: str) -> Key:
    return Key(pk=f"{PREFIX}{proposal_id}", sk=SORT)


def _pointer(principal: str) -> Key:
    return Key(pk=target_key(principal), sk="CURRENT")
