"""Parquet files that somebody else may have made: ordinary ones, of a bearable size, with a checksum.

A file says in its footer how large it is when it is unpacked, and is refused by that before anything
of it is. Of what a file holds only columns are taken: what other programs put into its metadata is
not looked at.
"""

from __future__ import annotations

import hashlib
import io
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from reformsim.errors import reason_of
from reformsim.reading import open_ordinary, read_ordinary

from .durable import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

LARGEST = 2**30
"""Bytes that a file of an experiment may take when it is unpacked; ours have a tenth of that."""
LARGEST_FOOTER = 2**24
CHECKSUM = b"reformsim.sha256="
"""What stands in a file that is read back by itself before its hash, which is made with zeros there."""
WIDTH = 8
"""Bytes of a value in memory; a column that repeats one value takes hardly any in a file."""
_STATED = re.compile(re.escape(CHECKSUM) + rb"([0-9a-f]{64})")
_ZEROS = b"0" * 64


@contextmanager
def open_parquet(
    path: Path, largest: int = LARGEST, *, dictionary: Sequence[str] = ()
) -> Iterator[pq.ParquetFile]:
    """Open a Parquet file, not through a link, that takes at most `largest` bytes when unpacked.

    Columns named in `dictionary` hold texts that recur, which are not spelt out in memory: a small
    file could fill it.

    Raises OSError, with a reason that ends a sentence, for anything else.
    """
    with open_ordinary(path, links=False) as file:
        yield _opened(file, largest, dictionary)


def read_columns(content: bytes, largest: int) -> pa.Table:
    """Return the table in the content of a Parquet file, unpacked to at most `largest` bytes.

    Raises OSError for anything else.
    """
    import pyarrow as pa

    opened = _opened(io.BytesIO(content), largest)
    pieces: list[pa.RecordBatch] = []
    try:
        # In pieces, so that a footer that lies is found out before much has been unpacked.
        for piece in opened.iter_batches(batch_size=2**14, use_threads=False):
            pieces.append(piece)
            if sum(batch.nbytes for batch in pieces) > 2 * largest:
                break
        else:
            table = pa.Table.from_batches(pieces, opened.schema_arrow)
            return table.replace_schema_metadata(opened.metadata.metadata)
    except (pa.ArrowException, OSError, ValueError, KeyError, MemoryError) as error:
        raise OSError(f"it cannot be unpacked: {reason_of(error)}") from error
    raise OSError("it is larger than it says")


def read_checked(path: Path, columns: Mapping[str, str], largest: int) -> pa.Table:
    """Return what `write_checked` wrote, with columns of these names and Arrow types.

    Raises OSError, with a reason that ends a sentence, if that is not what is there.
    """
    content = read_ordinary(path, largest, links=False)
    if not is_checked(content):
        raise OSError("it has no checksum")
    table = read_columns(content, largest)
    if {field.name: str(field.type) for field in table.schema} != dict(columns):
        raise OSError("it has other columns than this version writes")
    return table


def write_checked(path: Path, table: pd.DataFrame) -> None:
    """Write a table with its checksum, whole or not at all. Raises OutputError."""
    write_whole(path, checked(table))


def checked(table: pd.DataFrame) -> bytes:
    """Return a table as a Parquet file with its checksum in it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    made = pa.table({name: pa.array(table[name].tolist()) for name in table.columns})
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(sink, made.schema, store_schema=False) as writer:
        writer.write_table(made)
        writer.add_key_value_metadata({"checksum": CHECKSUM + _ZEROS})
    content = bytes(sink.getvalue())
    digest = hashlib.sha256(content).hexdigest().encode()
    return content.replace(CHECKSUM + _ZEROS, CHECKSUM + digest)


def is_checked(content: bytes) -> bool:
    """Return whether a file has a checksum, which older and others' files do not.

    It is over every byte and looked at before anything is read, as libraries end the process over
    some that are damaged. Raises OSError if a file has one, and is not what was written.
    """
    stated = _STATED.search(content)
    if stated is None:
        # A hash that has been damaged is none any more.
        if CHECKSUM in content:
            raise OSError("its checksum is damaged")
        return False
    plain = content.replace(stated[0], CHECKSUM + _ZEROS)
    if stated[1].decode() != hashlib.sha256(plain).hexdigest():
        raise OSError("its checksum does not fit: it is not what was written")
    return True


def _opened(file: Any, largest: int, dictionary: Sequence[str] = ()) -> pq.ParquetFile:
    import pyarrow as pa
    import pyarrow.parquet as pq

    size = file.seek(0, io.SEEK_END)
    file.seek(max(size - 8, 0))
    end = file.read(8)
    if end[4:] != b"PAR1" or size < 12:
        raise OSError("it is not a Parquet file")
    if int.from_bytes(end[:4], "little") > min(LARGEST_FOOTER, size):
        raise OSError("its description of itself is damaged or too large")
    file.seek(0)
    try:
        opened = pq.ParquetFile(file, pre_buffer=False, read_dictionary=list(dictionary))
        declared = _declared(opened.metadata)
    except (pa.ArrowException, OSError, ValueError, KeyError, MemoryError) as error:
        raise OSError(f"its description of itself cannot be read: {reason_of(error)}") from error
    if declared < 0:
        raise OSError("its description of itself is damaged")
    if declared > largest:
        raise OSError(f"it unpacks to {declared:,} bytes, and at most {largest:,} are read")
    return opened


def _declared(metadata: pq.FileMetaData) -> int:
    """Return how many bytes a file takes when it is unpacked; below 0 if it says what cannot be.

    What it says of its columns is left alone: PyArrow ends the process over some that are damaged.
    """
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    rows, sizes = [group.num_rows for group in groups], [group.total_byte_size for group in groups]
    if min(rows, default=0) < 0 or min(sizes, default=0) < 0 or sum(rows) != metadata.num_rows:
        return -1
    return int(max(sum(sizes), metadata.num_rows * metadata.num_columns * WIDTH))
