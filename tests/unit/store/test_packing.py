"""JSON of findings is packed into few bytes and comes back as it was."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redress.adapters import table_packing
from redress.adapters.table_packing import pack, unpack
from redress.domain.errors import Unreadable


@given(st.text(alphabet=st.characters()))
def test_round_trip(text: str) -> None:
    """Any text comes back, unpaired surrogates included."""
    assert unpack(pack(text)) == text


def test_dictionary_never_changes() -> None:
    """What was packed once must stay readable: a dictionary in use is never edited, another one is added."""
    checksums = {version: zlib.crc32(words) for version, words in table_packing._DICTIONARIES.items()}
    assert checksums == {1: CHECKSUM}


CHECKSUM = 2249092128

BAD = [b"", b"\x01", b"\x07abc", pack("x" * 500)[:-3], b"\x01\xff\xff\xff"]


@pytest.mark.parametrize("packed", BAD)
def test_foreign_bytes_are_refused(packed: bytes) -> None:
    """Bytes that were not packed here, or not wholly, are unreadable."""
    with pytest.raises(Unreadable):
        unpack(packed)


def test_no_bombs() -> None:
    """What unpacks to more than any finding holds is refused."""
    with pytest.raises(Unreadable, match="too long"):
        unpack(pack("x" * (table_packing.LARGEST + 1)))
