"""A journal as bytes: containers one after the other, each with its length and checksum before it."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator
from typing import BinaryIO, Final

from gdtui.errors import InputError
from gdtui.recording.container import MOST_BYTES as MOST_OF_AN_ENTRY

MAGIC: Final = b"gdtui journal 1\n"
_HEAD: Final = struct.Struct("<4sQ32s")
_TAG: Final = b"GDTJ"


def framed(entry: bytes) -> bytes:
    """The entry with what says whether it is whole."""
    return _HEAD.pack(_TAG, len(entry), hashlib.sha256(entry).digest()) + entry


def entries(file: BinaryIO, size: int, where: str) -> Iterator[bytes]:
    """The entries that are whole, of a journal of ``size`` bytes. The file is left at the end of the last one."""
    file.seek(len(MAGIC))
    while entry := _next(file, size):
        yield entry
    if file.tell() == len(MAGIC):
        raise InputError("its first entry is not whole", where=where, remedy="there is nothing to go on from")


def _next(file: BinaryIO, size: int) -> bytes | None:
    begin = file.tell()
    head = file.read(_HEAD.size)
    if len(head) == _HEAD.size:
        tag, length, digest = _HEAD.unpack(head)
        if tag == _TAG and 0 < length <= min(MOST_OF_AN_ENTRY, size - begin - _HEAD.size):
            entry = file.read(length)
            if hashlib.sha256(entry).digest() == digest:
                return entry
    file.seek(begin)
    return None
