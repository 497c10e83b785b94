"""Recordings that were damaged, or made to do damage; run in a process of its own, it reads them all.

``python -m tests.recording.mutations FOLDER`` reads every file in the folder under limits and prints a line for each
one: its name, the seconds and the most memory so far in MB, and what the reader said. What is read goes on racing then.
"""

from __future__ import annotations

import io
import resource
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

import numpy as np

from gdtui import recording
from gdtui.errors import InputError
from gdtui.recording import container
from gdtui.recording.journal_file import MAGIC, framed

Generator = np.random.Generator
MANY = 200


def members(data: bytes) -> dict[str, bytes]:
    """The members of a recording but for its checksum."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name != container.CHECKSUM}


def packed(contents: dict[str, bytes]) -> bytes:
    """The members in a container whose checksum is right: nothing but a look at them can tell."""
    return container.pack(dict(contents))


def npy(array: np.ndarray, **options: bool) -> bytes:  # type: ignore[type-arg]
    """The array as NumPy writes it."""
    file = io.BytesIO()
    np.save(file, array, **options)  # type: ignore[arg-type]
    return file.getvalue()


def npy_header(header: str, data: bytes = b"") -> bytes:
    """A .npy with any header."""
    text = header.encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + data


def zipped(contents: list[tuple[str, bytes]]) -> bytes:
    """A zip of members with any name, in any order."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents:
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def flipped(data: bytes, random: Generator) -> bytes:
    changed = bytearray(data)
    for place in random.integers(0, len(data), random.integers(1, 9)):
        changed[place] ^= 1 << random.integers(0, 8)
    return bytes(changed)


def cut(data: bytes, random: Generator) -> bytes:
    return data[: random.integers(0, len(data))]


def lengthened(data: bytes, random: Generator) -> bytes:
    more = random.bytes(int(random.integers(1, 200)))
    return [data + more, more + data, data + data][int(random.integers(0, 3))]


def holed(data: bytes, random: Generator) -> bytes:
    start, length = random.integers(0, len(data)), random.integers(1, 2000)
    return data[:start] + data[start + length :]


def edited_manifest(data: bytes, random: Generator) -> bytes:
    """A manifest with some characters exchanged, and a right checksum."""
    contents = members(data)
    text = bytearray(contents[container.MANIFEST])
    for place in random.integers(0, len(text), random.integers(1, 6)):
        text[place] = random.choice(list(b'0123456789"{}[]:,.-entrufalsx\\\n'))
    return packed(contents | {container.MANIFEST: bytes(text)})


def edited_numbers(data: bytes, random: Generator) -> bytes:
    """Arrays with some numbers exchanged, and a right checksum."""
    contents = members(data)
    evil = np.array([np.nan, np.inf, -np.inf, 1e308, -1.0, 0.0, 2.0**62])
    for name in random.choice([name for name in contents if name.endswith(".npy")], 3, replace=False):
        array = np.load(io.BytesIO(contents[name])).copy()
        if array.size:
            whole = array.dtype.kind == "i"
            choices = np.array([-1, 0, 2**62, -(2**63), 7, 10**12]) if whole else evil
            array.flat[random.integers(0, array.size)] = random.choice(choices)
            contents[name] = npy(array)
    return packed(contents)


def crafted(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Recordings that somebody took pains with."""
    contents = members(data)
    manifest, x = contents[container.MANIFEST], "states/0/0/x.npy"
    everything = list(contents.items())
    yield "objects", packed(contents | {x: npy(np.array([Touch()], dtype=object), allow_pickle=True)})
    yield "complex", packed(contents | {x: npy(np.zeros(2, dtype=complex))})
    yield "big endian", packed(contents | {x: npy(np.zeros(2, dtype=">f8"))})
    yield "float32", packed(contents | {x: npy(np.zeros(2, dtype="<f4"))})
    yield "Fortran order", packed(contents | {"states/0/0/records.npy": npy(np.zeros((90, 9), order="F"))})
    yield "no dimensions", packed(contents | {x: npy(np.array(1.0))})
    yield "nothing in it", packed(contents | {x: npy(np.zeros(0))})
    yield "another length", packed(contents | {x: npy(np.zeros(3))})
    lying = "{'descr': '<f8', 'fortran_order': False, 'shape': (%s,), }"
    yield "shape of 10^12", packed(contents | {x: npy_header(lying % 10**12, b"\0" * 16)})
    yield "shape beyond 64 bits", packed(contents | {x: npy_header(lying % "999999999, 999999999", b"\0" * 16)})
    yield "negative shape", packed(contents | {x: npy_header(lying % -2, b"\0" * 16)})
    yield "code in a header", packed(contents | {x: npy_header("__import__('os').system('touch PWNED')")})
    yield "long header", packed(contents | {x: b"\x93NUMPY\x01\x00\xff\xff" + b"[" * 600_000})
    yield "later npy version", packed(contents | {x: contents[x].replace(b"NUMPY\x01", b"NUMPY\x03")})
    yield "bomb", zipped([*everything[:1], (container.CHECKSUM, b"0" * 64), (x, b"\0" * 2**27)])
    yield "bomb of a manifest", zipped([(container.MANIFEST, b" " * 2**27), (container.CHECKSUM, b"0" * 64)])
    with mock.patch.object(container, "_MOST_TEXT", 2**30):
        yield "large manifest", packed(contents | {container.MANIFEST: manifest + b" " * 9 * 2**20})
    yield "duplicates", _duplicated(data)
    yield "no checksum", zipped(everything)
    yield "outside", zipped([("../../evil.npy", b"x"), *everything, (container.CHECKSUM, b"0" * 64)])
    yield "absolute", zipped([("/tmp/evil.npy", b"x"), *everything, (container.CHECKSUM, b"0" * 64)])
    yield "unsorted", zipped([*reversed(everything), (container.CHECKSUM, b"0" * 64)])
    yield "a thousand brackets", packed(contents | {container.MANIFEST: b"[" * 100_000})
    deep = b'{"kind":"gdtui recording","format":1,"result":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    yield "deep", packed(contents | {container.MANIFEST: deep})
    yield "deep schedule", packed(contents | {container.MANIFEST: _with_deep_schedule(manifest)})
    yield (
        "long number",
        packed(contents | {container.MANIFEST: manifest.replace(b'"step": 90', b'"step": ' + b"9" * 5000)}),
    )
    yield "not UTF-8", packed(contents | {container.MANIFEST: manifest.replace(b"rosenbrock", b"\xff\xfe")})
    yield "later format", packed(contents | {container.MANIFEST: manifest.replace(b'"format": 1', b'"format": 2')})
    yield "another kind", packed(contents | {container.MANIFEST: manifest.replace(b"gdtui recording", b"a cake")})
    yield "no states", packed({container.MANIFEST: manifest})
    yield (
        "a result of no label",
        packed(
            contents
            | {
                container.MANIFEST: manifest.replace(
                    b'"result": [\n  {\n   "label": "gd"', b'"result": [\n  {\n   "label": {}'
                )
            }
        ),
    )
    yield "unknown optimizer", packed(contents | {container.MANIFEST: manifest.replace(b'"adam"', b'"eval"')})
    control = rb"\u001b]0;PWN\u001b\\\u009b2J"
    yield (
        "control characters",
        packed(contents | {container.MANIFEST: manifest.replace(b'"label": "gd"', b'"label": "' + control + b'"')}),
    )
    quadratic = b'[objective]\\nname = \\"quadratic\\"\\ndimension = 10000\\nmatrix = ['
    yield "other objective", packed(contents | {container.MANIFEST: manifest.replace(b"[objective]", quadratic)})
    dotted = b"title" + b".a" * 20_000 + b" = 1\\n"
    yield (
        "dotted key",
        packed(contents | {container.MANIFEST: manifest.replace(b'"scenario": "', b'"scenario": "' + dotted)}),
    )
    yield "nothing", b""
    yield "an end alone", b"PK\x05\x06" + b"\0" * 18
    yield "a magic alone", container.MAGIC
    yield "a journal's magic alone", MAGIC
    yield "a journal of nothing", MAGIC + framed(b"")
    yield "a journal with a long entry", MAGIC + b"GDTJ" + b"\xff" * 8 + b"\0" * 4
    yield "a journal of another file", MAGIC + framed(zipped([("a", b"b")]))
    yield "many members", zipped([(f"states/0/{i}/x.npy", b"") for i in range(20_000)])


class Touch:
    """What would run if anybody unpickled it."""

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        import os

        return os.system, ("touch PWNED",)


def _duplicated(data: bytes) -> bytes:
    contents = sorted(members(data).items())
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in [contents[0], *contents]:
            info = zipfile.ZipInfo("manifest.json" if name == contents[0][0] else name, (1980, 1, 1, 0, 0, 0))
            archive.filelist, before = [], archive.filelist
            archive.NameToInfo.clear()
            archive.writestr(info, content)
            archive.filelist = [*before, *archive.filelist]
    return file.getvalue()


def _with_deep_schedule(manifest: bytes) -> bytes:
    deep = b'"schedule": ' + b'[{"name":"join","phases":' * 5000 + b"1" + b"}]" * 5000
    return manifest.replace(b'"schedule": {\n        "name": "constant"\n       }', deep)


def write_all(data: bytes, folder: Path, seed: int = 0) -> dict[str, bytes]:
    """``MANY`` mutations of a recording, in files; returns their contents by file name."""
    random = np.random.default_rng(seed)
    made = dict(crafted(data))
    ways = (flipped, cut, lengthened, holed, edited_manifest, edited_numbers)
    for count in range(len(made), MANY):
        way = ways[count % len(ways)]
        made[f"{way.__name__} {count}"] = way(data, random)
    for name, content in made.items():
        (folder / f"{name}.gdtui").write_bytes(content)
    return made


def most_memory() -> float:
    """The most memory this program has used so far, in MB. Unlike getrusage's, it is not that of who started it."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def main(folder: str) -> None:
    limit = 1200 * 2**20  # of address space, which libraries take more of than they use
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    whole = []
    for path in sorted(Path(folder).glob("*.gdtui")):
        began = time.perf_counter()
        try:
            read = recording.read(path)
            read.snapshot(3)
            said = "OK"
            whole.append(read)
        except InputError as error:
            said = str(error)
        print(f"{path.stem}\t{time.perf_counter() - began:.3f}\t{most_memory():.0f}\t{said}")
    for read in whole:
        try:
            read.race(steps=read.step + 20).advance(20)
            said = "raced on"
        except InputError as error:
            said = str(error)
        print(f"{read.path.stem}\t\t\t{said}")


if __name__ == "__main__":
    main(sys.argv[1])
