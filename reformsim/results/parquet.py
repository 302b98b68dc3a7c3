"""Parquet files that somebody else may have made: ordinary ones, of a bearable size, with a checksum.

A file says in its footer how large it is when it is unpacked, and is refused by that before anything
of it is. Of what a file holds only columns are taken: what other programs put into its metadata is
not looked at.
"""

from __future__ import annotations

import hashlib
import io
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from reformsim.errors import reason_of
from reformsim.reading import open_ordinary

from .durable import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

LARGEST = 2**30
"""Bytes that a file of an experiment may take when it is unpacked; ours have a tenth of that."""
LARGEST_FOOTER = 2**24
CHECKSUM = "reformsim.checksum"
"""In the metadata of a file that is read back alone: the hash of its columns, `checksum`."""
WIDTH = 8
"""Bytes of a value in memory; a column that repeats one value takes hardly any in a file."""


@contextmanager
def open_parquet(
    path: Path, largest: int = LARGEST, *, links: bool = True
) -> Iterator[pq.ParquetFile]:
    """Open a Parquet file that takes at most `largest` bytes when it is unpacked.

    Raises OSError, with a reason that ends a sentence, for anything else.
    """
    with open_ordinary(path, links=links) as file:
        yield _opened(file, largest)


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
            if sum(one.nbytes for one in pieces) > 2 * largest:
                break
        else:
            table = pa.Table.from_batches(pieces, opened.schema_arrow)
            return table.replace_schema_metadata(opened.metadata.metadata)
    except (pa.ArrowException, OSError, ValueError, KeyError, MemoryError) as error:
        raise OSError(f"it cannot be unpacked: {_line(error)}") from error
    raise OSError("it is larger than it says")


def write_checked(path: Path, table: pd.DataFrame) -> None:
    """Write a table with its checksum, whole or not at all. Raises OutputError."""
    write_whole(path, checked(table))


def checked(table: pd.DataFrame) -> bytes:
    """Return a table as a Parquet file with its checksum in it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    made = pa.Table.from_pandas(table, preserve_index=False)
    metadata = (made.schema.metadata or {}) | {CHECKSUM.encode(): checksum(made).encode()}
    sink = pa.BufferOutputStream()
    pq.write_table(made.replace_schema_metadata(metadata), sink)
    return bytes(sink.getvalue())


def is_checked(content: bytes, table: pa.Table) -> bool:
    """Return whether a file carries a checksum, which older and others' files do not.

    Raises OSError if it carries one, and its columns are not what was written.
    """
    stated = (table.schema.metadata or {}).get(CHECKSUM.encode())
    # A file whose metadata have been damaged still says somewhere that it had a checksum.
    if stated is None and CHECKSUM.encode() not in content:
        return False
    if stated != checksum(table).encode():
        raise OSError(
            "its checksum does not fit, so that its numbers are not those that were written"
        )
    return True


def checksum(table: pa.Table) -> str:
    """Return a hash over names, types and values of the columns, whatever way a file packs them."""
    digest = hashlib.sha256()
    for name in table.column_names:
        column = table[name]
        digest.update(repr((name, str(column.type), len(column), column.null_count)).encode())
        if str(column.type) in ("double", "int64"):
            digest.update(column.to_numpy().astype(f"<{column.to_numpy().dtype.str[1:]}").tobytes())
        else:
            digest.update(repr(column.to_pylist()).encode())
    return digest.hexdigest()


def _opened(file: Any, largest: int) -> pq.ParquetFile:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file.seek(0, io.SEEK_END)
        size = file.tell()
        file.seek(max(size - 8, 0))
        end = file.read(8)
        if end[4:] != b"PAR1" or size < 12:
            raise OSError("it is not a Parquet file")
        if int.from_bytes(end[:4], "little") > min(LARGEST_FOOTER, size):
            raise OSError("its description of itself is damaged or too large")
        file.seek(0)
        opened = pq.ParquetFile(file, pre_buffer=False)
        declared = _declared(opened.metadata)
    except (pa.ArrowException, ValueError, KeyError, MemoryError) as error:
        raise OSError(f"its description of itself cannot be read: {_line(error)}") from error
    if declared < 0:
        raise OSError("its description of itself is damaged")
    if declared > largest:
        raise OSError(f"it unpacks to {declared:,} bytes, and at most {largest:,} are read")
    return opened


def _declared(metadata: pq.FileMetaData) -> int:
    """Return how many bytes a file takes when it is unpacked; below 0 if it says what cannot be."""
    total = rows = 0
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        rows += group.num_rows
        for place in range(group.num_columns):
            column = group.column(place)
            values, size = column.num_values, column.total_uncompressed_size
            if min(values, size, group.num_rows) < 0 or values < group.num_rows:
                return -1
            total += max(values * WIDTH, size)
    return total if rows == metadata.num_rows else -1


def _line(error: Exception) -> str:
    return (reason_of(error).splitlines() or ["no reason is given"])[0]
