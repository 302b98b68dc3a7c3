"""Ways to damage a file: functions of a generator and the file's bytes that return other bytes.

What a change cannot be done to (text that is no TOML any more) it leaves to the next one, or as it is.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import sqlite3
import tempfile
import tomllib
from datetime import date, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter

from reformsim.scenario import Scenario

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    Change = Callable[[Random, bytes], bytes]

TEXTS = (
    "", " ", "nan", "-inf", "1e308", "-1e308", "1e400", "5e-324", "-1", "0", "1", "9" * 400,
    "0." + "9" * 60, "true", "null", "x" * 5000, "\0", "\x1b]0;owned\x07", "\x1b[31m", "\u202e",
    "e\u0301", "\U0001f600", "ſ", "İ", "$5 and 10% of $100", "[red]x[/red]", "<b>&amp;</b>",
    "../../../etc/passwd", "/dev/zero", "/dev/full", "/dev/stdin", ".", "..", "/", "~", "C:\\Users\\x",
    "sweep[1]", "*", "?", "=1+1", "'; DROP TABLE runs; --", "a.b.c", "__class__", "{0}", "%s", "\\",
    '"', "'", '"""', "#", "\r", "\n", "\ufeff", "\u2028", "status_quo", "small-rural", "principal-1",
)  # fmt: skip
NUMBERS: tuple[Any, ...] = (
    0, 1, -1, 2, 3, 7, 12, 0.0, -0.0, 0.5, 1.0, 1e-320, 1e-9, 1e9, 1e308, -1e308, 2**31, 2**32 - 1,
    2**63, 10**30, 10**400, float("nan"), float("inf"), float("-inf"), True, False,
)  # fmt: skip
INSERTED = (
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\r\n", b"[[[[", b"{{{{", b"<", b"&", b"]]>", b"\"\"\"", b"'''",
    b"a.b.c = 1\n", b"x = {a = 1}\n", b"[levers]\n", b"[[events]]\n", b"= 1\n", b"\xed\xa0\x80", b"#",
    b"[" * 2000, b"a." * 3000, b"1" * 5000, b"<!DOCTYPE g [<!ENTITY a 'x'>]>", b"<default>0.9</default>",
    b"<?xml version='1.0' encoding='nonsense'?>", b"<graph/>", b"<data key='d0'>x</data>", b",,,,", b"\t",
)  # fmt: skip


# --- of any bytes


def flip_bits(rng: Random, data: bytes) -> bytes:
    """Turn one to four bits round."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 4)) if data else 0):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def truncate(rng: Random, data: bytes) -> bytes:
    """Leave out the end, or the beginning."""
    at = rng.randrange(len(data) + 1)
    return data[:at] if rng.random() < 0.8 else data[at:]


def insert(rng: Random, data: bytes) -> bytes:
    """Put something odd somewhere."""
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.choice(INSERTED) + data[at:]


def move_block(rng: Random, data: bytes) -> bytes:
    """Leave out, repeat, or overwrite with zeros a piece of it."""
    start = rng.randrange(len(data) + 1)
    end = min(len(data), start + rng.choice((1, 8, 64, 512)))
    middle = rng.choice((b"", data[start:end] * 2, bytes(end - start)))
    return data[:start] + middle + data[end:]


# --- of text


def change_token(rng: Random, data: bytes) -> bytes:
    """Put another number or word in the place of one."""
    tokens = list(re.finditer(rb"[-+\w.]+", data))
    if not tokens:
        return insert(rng, data)
    token = rng.choice(tokens)
    other = rng.choice((rng.choice(TEXTS), repr(rng.choice(NUMBERS[:-5])), None))
    new = rng.choice(tokens).group() if other is None else other.encode()
    return data[: token.start()] + new + data[token.end() :]


def change_lines(rng: Random, data: bytes) -> bytes:
    """Leave out a line, say it twice, or exchange it for another."""
    lines = data.splitlines(keepends=True)
    if not lines:
        return data
    at, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    kind = rng.randrange(3)
    if kind == 0:
        del lines[at]
    elif kind == 1:
        lines.insert(other, lines[at])
    else:
        lines[at], lines[other] = lines[other], lines[at]
    return b"".join(lines)


# --- of documents


def change_toml(rng: Random, data: bytes) -> bytes:
    """Exchange, leave out, rename or wrap a value of a TOML document."""
    try:
        document = tomllib.loads(data.decode())
    except (ValueError, RecursionError):
        return change_token(rng, data)
    change_value(rng, document)
    return "".join(f"{json.dumps(key)} = {_toml(one)}\n" for key, one in document.items()).encode(
        "utf-8", "surrogatepass"
    )


def change_json(rng: Random, data: bytes) -> bytes:
    """Do the same to a JSON document."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return change_token(rng, data)
    change_value(rng, document)
    return json.dumps(document).encode()


def change_recipe(rng: Random, data: bytes) -> bytes:
    """Do the same to a manifest, whose checksum then fits what it says."""
    try:
        recipe = json.loads(data)
        recipe.pop("checksum", None)
    except (ValueError, RecursionError, AttributeError, TypeError):
        return change_token(rng, data)
    for _ in range(rng.choice((1, 1, 2))):
        change_value(rng, recipe)
    try:
        text = json.dumps(recipe, sort_keys=True, ensure_ascii=False)
        recipe["checksum"] = hashlib.sha256(text.encode()).hexdigest()
        return json.dumps(recipe, ensure_ascii=False).encode()
    except ValueError:
        return data


def change_scenario(rng: Random, data: bytes) -> bytes:
    """Change a scenario of a manifest, so that its fingerprint fits if it can be read at all."""
    try:
        recipe = json.loads(data)
        entry = rng.choice(recipe["scenarios"])
        section = rng.choice(sorted(Scenario.model_fields.keys() & entry.keys()))
        change_value(rng, entry if rng.random() < 0.2 else {section: entry[section]})
        sections = {name: entry[name] for name in Scenario.model_fields if name in entry}
        scenario = TypeAdapter(Scenario).validate_json(json.dumps(sections))
        recipe["scenarios"][recipe["scenarios"].index(entry)]["fingerprint"] = scenario.fingerprint
    except (ValueError, RecursionError, LookupError, AttributeError, TypeError):
        return change_recipe(rng, data)
    return json.dumps(recipe, ensure_ascii=False).encode("utf-8", "replace")


def change_value(rng: Random, document: Any) -> None:
    """Change one value somewhere in dictionaries and lists."""
    places = _places(document)
    if not places:
        return
    holder, key = rng.choice(places)
    kind = rng.randrange(7)
    if kind == 0:
        del holder[key]
    elif kind == 1 and isinstance(holder, dict):
        holder[rng.choice(TEXTS)] = holder.pop(key)
    elif kind == 2:
        other, name = rng.choice(places)
        holder[key] = json.loads(json.dumps(other[name], default=str))
    elif kind == 3:
        holder[key] = rng.choice(([], {}, [holder[key]], {"a": 1}, None, [[]], [holder[key]] * 50))
    elif kind == 4:
        holder[key] = rng.choice(TEXTS)
    elif isinstance(holder[key], int | float) and kind == 5:
        holder[key] = holder[key] * rng.choice((-1, 0.5, 1.1, 10))
    else:
        holder[key] = rng.choice(NUMBERS)


def _places(document: Any) -> list[tuple[Any, Any]]:
    """Every place in a document, as what holds it and the key in that."""
    found: list[tuple[Any, Any]] = []
    pending = [document]
    while pending:
        holder = pending.pop()
        if isinstance(holder, dict):
            keys: Any = list(holder)
        elif isinstance(holder, list):
            keys = range(len(holder))
        else:
            continue
        found += [(holder, key) for key in keys]
        pending += [holder[key] for key in keys]
    return found


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return (
            "{" + ", ".join(f"{json.dumps(key)} = {_toml(one)}" for key, one in value.items()) + "}"
        )
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, date | time):
        return value.isoformat()
    return json.dumps("" if value is None else value)


# --- of tables and databases


def change_parquet(rng: Random, data: bytes) -> bytes:
    """Change columns, types, values or metadata of a Parquet file."""
    try:
        table = pq.read_table(io.BytesIO(data))
        table = _changed_table(rng, table)
        out = io.BytesIO()
        pq.write_table(table, out, compression=rng.choice(("snappy", "zstd", "none")))
    except (pa.ArrowException, OSError, ValueError, IndexError):
        return flip_bits(rng, data)
    return out.getvalue()


def _changed_table(rng: Random, table: pa.Table) -> pa.Table:
    at = rng.randrange(max(1, table.num_columns))
    name, column = table.column_names[at], table.column(at)
    other = rng.randrange(table.num_columns)
    rows = table.num_rows
    made: dict[int, Callable[[], pa.Table]] = {
        0: lambda: table.remove_column(at),
        1: lambda: table.rename_columns(
            [rng.choice(TEXTS) if i == at else n for i, n in enumerate(table.column_names)]
        ),
        2: lambda: table.set_column(at, name, column.cast(pa.string())),
        3: lambda: table.set_column(at, name, pa.nulls(rows, column.type)),
        4: lambda: table.slice(0, rng.choice((0, 1, rows // 2))),
        5: lambda: pa.concat_tables([table, table]),
        6: lambda: table.replace_schema_metadata(
            {rng.choice((b"reformsim.source", b"pandas", b"x")): rng.choice(TEXTS).encode()}
        ),
        7: lambda: table.set_column(at, name, pa.array([[1, 2]] * rows)),
        8: lambda: table.set_column(at, name, table.column(other)),
        9: lambda: table.set_column(at, name, pa.array([{"a": 1}] * rows)),
        10: lambda: table.append_column(rng.choice((*TEXTS, name)), column),
        11: lambda: table.set_column(
            at, name, pa.array([float(rng.choice(NUMBERS[:15])) for _ in range(rows)])
        ),
        12: lambda: table.set_column(at, name, column.cast(pa.string()).dictionary_encode()),
        13: lambda: table.set_column(at, name, pa.array([rng.choice(TEXTS) for _ in range(rows)])),
    }
    return made[rng.randrange(len(made))]()


def change_database(rng: Random, data: bytes) -> bytes:
    """Change a table, a row or a value of an SQLite database."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.sqlite"
        path.write_bytes(data)
        try:
            connection = sqlite3.connect(path)
            with connection:
                _change_rows(rng, connection)
            connection.close()
        except sqlite3.Error:
            return flip_bits(rng, data)
        return path.read_bytes()


def _change_rows(rng: Random, connection: sqlite3.Connection) -> None:
    asked = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
    table = rng.choice([name for (name,) in connection.execute(asked)])
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info('{table}')")]
    column = rng.choice(columns)
    some = f"rowid IN (SELECT rowid FROM '{table}' LIMIT 1 OFFSET {rng.randrange(20)})"
    value = rng.choice((rng.choice(TEXTS), rng.choice(NUMBERS[:16]), None, b"\x80\x04"))
    kind = rng.randrange(6)
    if kind == 0:
        connection.execute(f"DROP TABLE '{table}'")
    elif kind == 1:
        connection.execute(f"DELETE FROM '{table}' WHERE {some}")
    elif kind == 2:
        connection.execute(f"ALTER TABLE '{table}' RENAME COLUMN '{column}' TO 'x'")
    elif kind == 3:
        connection.execute(f"UPDATE '{table}' SET '{column}' = ?", (value,))
    else:
        connection.execute(f"UPDATE '{table}' SET '{column}' = ? WHERE {some}", (value,))


# --- of programs: what is run stays harmless, as all that is put in stands there already


def change_program(rng: Random, data: bytes) -> bytes:
    """Change the syntax of a Python file, or exchange numbers and names it has."""
    text = data.decode("utf-8", "replace")
    kind = rng.randrange(6)
    if kind == 0:
        return change_lines(rng, data)
    if kind == 1:
        return text.replace(
            "def ", rng.choice(("async def ", "class ", "defx ", "def")), 1
        ).encode()
    if kind == 2:
        return text.replace("return", rng.choice(("yield", "return None;", "retrun")), 1).encode()
    if kind == 3:
        return truncate(rng, data)
    names = sorted(set(re.findall(r"[A-Za-z_]\w*|\d[\d.]*", text)))
    if kind == 4:
        word = rng.choice(list(re.finditer(r"[A-Za-z_]\w*|\d[\d.]*", text)))
        return (text[: word.start()] + rng.choice(names) + text[word.end() :]).encode()
    at = rng.randrange(len(text))
    return (
        text[:at] + rng.choice(("(", ")", ":", "\t", "'", "\0", "é", "\\")) + text[at:]
    ).encode()


ANY = (flip_bits, truncate, insert, move_block)
TEXT = (*ANY, change_token, change_token, change_lines)
TOML = (*TEXT, change_toml, change_toml, change_toml, change_toml)
