"""The container of a recording: a zip of arrays, as .npy, and texts. ``numpy.load`` opens it, and so does any unzip.

The same content gives the same bytes. What is read may have been damaged, or made to do damage, so nothing is believed:
the container has to be laid out as :func:`pack` does it, no member is unpacked before the sizes of all are known, no
header is evaluated, and every byte counts into a checksum.
"""

from __future__ import annotations

import hashlib
import io
import math
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Final

import numpy as np

from gdtui.contracts import Ints, Reals
from gdtui.errors import InputError

MAGIC: Final = b"PK\x03\x04"
MANIFEST, CHECKSUM = "manifest.json", "sha256"
MOST_BYTES: Final = 128 * 2**20  # of a container
MOST_UNPACKED: Final = 256 * 2**20
MOST_MEMBERS: Final = 16_384
# Histories of racers that stand still shrink a thousandfold, so that no ratio is wrong by itself; but what is large
# when unpacked is the history of many steps, and not small when packed.
ALWAYS_UNPACKED, MOST_RATIO = 64 * 2**20, 100
_MOST_TEXT: Final = 8 * 2**20
_NAME = re.compile(rf"{re.escape(MANIFEST)}|{CHECKSUM}|states/(?:0|[1-9]\d{{0,3}})/(?:0|[1-9]\d?)/[a-z_]{{1,16}}\.npy")
_DATE = (1980, 1, 1, 0, 0, 0)
_END: Final = struct.Struct("<4s4H2LH")
_LOCAL_HEADER: Final = 30
_NPY: Final = b"\x93NUMPY\x01\x00"
_HEADER = re.compile(rb"\{'descr': '<([fi])8', 'fortran_order': False, 'shape': \((\d{1,9}),(?: (\d{1,9}))?\), \} *\n")
_LONGEST_HEADER: Final = 128
_CHUNK: Final = 2**18
_SAMPLE, _WORTH_IT = 2**16, 0.9  # what shrinks by less than a tenth is stored as it is
_DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, NotImplementedError, RuntimeError)

Member = bytes | Reals | Ints


def pack(members: Mapping[str, Member], *, compressed: bool = True) -> bytes:
    """A container of these arrays, float64 or int64 of one or two dimensions, and texts, with its checksum."""
    contents = {name: member if isinstance(member, bytes) else _npy(member) for name, member in members.items()}
    if (size := sum(map(len, contents.values()))) > MOST_UNPACKED or len(contents) >= MOST_MEMBERS:
        raise _too_large(size, MOST_UNPACKED)
    contents[CHECKSUM] = _checksum((name, len(contents[name]), [contents[name]]) for name in sorted(contents)).encode()
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in sorted(contents):
            info = zipfile.ZipInfo(name, _DATE)
            info.create_system, info.external_attr = 3, 0o600 << 16
            shrinks = compressed and _shrinks(contents[name])
            info.compress_type = zipfile.ZIP_DEFLATED if shrinks else zipfile.ZIP_STORED
            archive.writestr(info, contents[name], compresslevel=1)
    data = file.getvalue()
    if len(data) > MOST_BYTES:
        raise _too_large(len(data), MOST_BYTES)
    return data


def _too_large(size: int, most: int) -> InputError:
    reason = f"comes to {size // 2**20} MB, and {most // 2**20} is the most there can be"
    return InputError(reason, where="the recording", remedy="race fewer racers, or keep fewer checkpoints")


def _shrinks(content: bytes) -> bool:
    """Whether compressing is worth its time: the digits of a path rarely repeat."""
    middle = max(0, (len(content) - _SAMPLE) // 2)
    sample = content[middle : middle + _SAMPLE]
    return len(zlib.compress(sample, 1)) < _WORTH_IT * len(sample)


def _npy(array: Reals | Ints) -> bytes:
    dtype = array.dtype.newbyteorder("<")
    shape = ", ".join(map(str, array.shape)) + ("," if array.ndim == 1 else "")
    header = f"{{'descr': '{dtype.str}', 'fortran_order': False, 'shape': ({shape}), }}".encode()
    padding = -(len(_NPY) + 2 + len(header) + 1) % 64
    header += b" " * padding + b"\n"
    return _NPY + struct.pack("<H", len(header)) + header + array.astype(dtype, copy=False).tobytes()


def _checksum(contents: Iterable[tuple[str, int, Iterable[bytes]]]) -> str:
    """The sha256 of the members' names, lengths and bytes, in the order of their names."""
    digest = hashlib.sha256()
    for name, length, pieces in contents:
        digest.update(f"{name} {length}\n".encode())
        for piece in pieces:
            digest.update(piece)
    return digest.hexdigest()


class Container:
    """A container that was read: checked as a whole, its arrays unpacked when they are asked for.

    Raises an :class:`InputError` for anything that :func:`pack` does not make.
    """

    def __init__(self, data: bytes, where: str) -> None:
        self._where = where
        try:
            self._archive = self._opened(data)
            self._members = {info.filename: info for info in self._archive.infolist()}
            self._check_checksum()
        except InputError as error:
            raise error.at(where) from None
        except _DAMAGED as error:
            raise self._damaged(str(error)) from None

    def _opened(self, data: bytes) -> zipfile.ZipFile:
        if len(data) > MOST_BYTES:
            raise InputError(f"is larger than {MOST_BYTES // 2**20} MB", remedy="is it a recording?")
        if not data.startswith(MAGIC) or len(data) < _END.size:
            raise InputError("is not a recording", remedy="give a file that `gdtui run --out` wrote")
        signature, disk, first_disk, here, members, length, offset, comment = _END.unpack(data[-_END.size :])
        if signature != b"PK\x05\x06" or disk or first_disk or comment or here != members:
            raise InputError("is cut off or has something behind its end", remedy="fetch it again")
        if members > MOST_MEMBERS or offset + length + _END.size != len(data):
            raise InputError("its directory is not one of a recording", remedy="fetch it again")
        archive = zipfile.ZipFile(io.BytesIO(data))
        self._check_directory(archive.infolist(), offset, len(data))
        return archive

    def _check_directory(self, members: list[zipfile.ZipInfo], end: int, packed: int) -> None:
        names = [info.filename for info in members]
        if any(a >= b for a, b in pairwise(names)) or not {MANIFEST, CHECKSUM} <= set(names):
            raise InputError("its members are not those of a recording", remedy="fetch it again")
        unpacked, place = sum(info.file_size for info in members), 0
        if unpacked > min(MOST_UNPACKED, max(ALWAYS_UNPACKED, MOST_RATIO * packed)):
            raise InputError(f"unpacks to {unpacked:,} bytes", remedy="a recording does not")
        for info in members:
            plain = not (info.flag_bits or info.extra or info.comment) and info.date_time == _DATE
            stored = info.compress_type == zipfile.ZIP_STORED and info.compress_size == info.file_size
            if not plain or not _NAME.fullmatch(info.filename) or info.header_offset != place:
                raise InputError(f"has a member {info.filename!r} that no recording has", remedy="fetch it again")
            if not stored and info.compress_type != zipfile.ZIP_DEFLATED:
                raise InputError(f"its member {info.filename} is packed as in no recording", remedy="fetch it again")
            place += _LOCAL_HEADER + len(info.filename) + info.compress_size
        if place != end:
            raise InputError("holds more than its members", remedy="fetch it again")

    def _check_checksum(self) -> None:
        found = _checksum(
            (name, info.file_size, self._pieces(info)) for name, info in self._members.items() if name != CHECKSUM
        )
        if self.text(CHECKSUM) != found.encode():
            raise InputError("its checksum is not that of its content", remedy="it was changed: fetch it again")

    def _pieces(self, info: zipfile.ZipInfo) -> Iterable[bytes]:
        with self._archive.open(info) as member:
            while piece := member.read(_CHUNK):
                yield piece

    def __contains__(self, name: object) -> bool:
        return name in self._members

    def text(self, name: str) -> bytes:
        """A member that is no array."""
        if self._members[name].file_size > _MOST_TEXT:
            raise InputError(f"its {name} is larger than {_MOST_TEXT // 2**20} MB", where=self._where)
        return self._archive.read(name)

    def reals(self, name: str, shape: tuple[int | None, ...]) -> Reals:
        """A float64 array of that shape, None being any length; read-only."""
        return self._array(name, shape, "f")

    def ints(self, name: str, shape: tuple[int | None, ...]) -> Ints:
        """An int64 array of that shape, None being any length; read-only."""
        return self._array(name, shape, "i").view(np.int64)

    def _array(self, name: str, shape: tuple[int | None, ...], kind: str) -> Reals:
        try:
            data = self._archive.read(name)
        except KeyError:
            raise InputError("is missing", where=self._where, key=name, remedy="fetch it again") from None
        begin = len(_NPY) + 2
        length = int.from_bytes(data[begin - 2 : begin], "little")
        header = _HEADER.fullmatch(data, begin, min(begin + length, _LONGEST_HEADER * 2))
        if not data.startswith(_NPY) or header is None:
            raise InputError("is not an array of a recording", where=self._where, key=name)
        found = tuple(int(size) for size in header.groups()[1:] if size is not None)
        fits = len(found) == len(shape) and all(w in (None, f) for f, w in zip(found, shape, strict=True))
        if header[1] != kind.encode() or not fits or len(data) - header.end() != 8 * math.prod(found):
            asked = " × ".join("any" if size is None else str(size) for size in shape)
            raise InputError(f"is not {asked} numbers of its kind", where=self._where, key=name)
        flat: Reals = np.frombuffer(data, dtype=f"<{kind}8", offset=header.end())
        return flat.reshape(found)

    def _damaged(self, reason: str) -> InputError:
        return InputError(f"is damaged: {reason or 'cannot be unpacked'}", where=self._where, remedy="fetch it again")
