"""Packs a PNG tighter: pictures of text deflate far better unfiltered than as Chromium writes them."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def smaller(png: bytes) -> bytes:
    """Returns the same picture in fewer bytes; of 8-bit colours without interlacing, which is what Chromium takes."""
    chunks = list(_chunks(png))
    header = dict(chunks)[b"IHDR"]
    width, _, depth, colours, *_, interlaced = struct.unpack(">IIBBBBB", header)
    if (depth, colours, interlaced) != (8, 2, 0):
        return png
    packed = zlib.decompress(b"".join(data for name, data in chunks if name == b"IDAT"))
    data = zlib.compress(b"".join(b"\0" + row for row in _rows(packed, 3 * width)), 9)
    parts = ((b"IHDR", header), (b"IDAT", data), (b"IEND", b""))
    return SIGNATURE + b"".join(_chunk(name, part) for name, part in parts)


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(SIGNATURE)
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += 12 + length


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _rows(packed: bytes, length: int) -> Iterator[bytes]:
    above = bytearray(length)
    for at in range(0, len(packed), length + 1):
        row = bytearray(packed[at + 1 : at + 1 + length])
        _unfilter(packed[at], row, above)
        yield bytes(row)
        above = row


def _unfilter(method: int, row: bytearray, above: bytearray) -> None:
    if method == 2:
        row[:] = bytes((one + up) & 255 for one, up in zip(row, above, strict=True))
    elif method:
        for place in range(len(row)):
            left, corner = (row[place - 3], above[place - 3]) if place >= 3 else (0, 0)
            row[place] = (row[place] + _guess(method, left, above[place], corner)) & 255


def _guess(method: int, left: int, up: int, corner: int) -> int:
    if method == 1:
        return left
    if method == 3:
        return (left + up) // 2
    distances = (abs(up - corner), abs(left - corner), abs(left + up - 2 * corner))
    return (left, up, corner)[distances.index(min(distances))]
