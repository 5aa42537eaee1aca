"""``tables.parquet``: the cells of ``tables.csv`` as Apache Parquet, for programs that read columns.

The smallest file that the format allows (https://parquet.apache.org/docs/file-format/): one row group, one page a column,
plain values, gzip. A library for it would weigh more than everything else that writes a release together.
"""

from __future__ import annotations

import gzip
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from survey_app.protection.protected import ProtectedTables
from survey_app.report.tables_csv import COLUMNS, cells_in_order, row_of

_MAGIC: Final = b"PAR1"
_INT32, _BYTE_ARRAY = 1, 6
_REQUIRED, _OPTIONAL = 0, 1
_PLAIN, _RLE = 0, 3
_GZIP: Final = 2
_DATA_PAGE: Final = 0
_VERSION: Final = 1
# Types of Thrift's compact protocol, in which Parquet writes its headers.
_I32, _I64, _BINARY, _LIST, _STRUCT = 5, 6, 8, 9, 12
_LONG_LIST: Final = 15
_Field = tuple[int, int, bytes]  # id, type, content


def parquet(protected: ProtectedTables) -> bytes:
    """Return the file: texts as in ``tables.csv``, ``value`` a number, or null where it is withheld."""
    cells = tuple(cells_in_order(protected))
    file, chunks = bytearray(_MAGIC), []
    rows = [row_of(cell) for cell in cells]
    for place, name in enumerate(COLUMNS):
        texts = [row[place] for row in rows]
        column = _numbers(name, [cell.value for cell in cells]) if name == "value" else _texts(name, texts)
        chunks.append(column.chunk(len(file), len(cells)))
        file += column.page(len(cells))
    footer = _footer(chunks, len(cells), len(file) - len(_MAGIC))
    return bytes(file + footer + struct.pack("<I", len(footer)) + _MAGIC)


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    kind: int
    content: bytes

    def page(self, rows: int) -> bytes:
        packed = gzip.compress(self.content, mtime=0)
        header = _struct(
            (1, _I32, _zigzag(_DATA_PAGE)),
            (2, _I32, _zigzag(len(self.content))),
            (3, _I32, _zigzag(len(packed))),
            (
                5,
                _STRUCT,
                _struct(
                    *((number, _I32, _zigzag(said)) for number, said in ((1, rows), (2, _PLAIN), (3, _RLE), (4, _RLE)))
                ),
            ),
        )
        return header + packed

    def chunk(self, start: int, rows: int) -> bytes:
        page = self.page(rows)
        whole = len(page) - len(gzip.compress(self.content, mtime=0)) + len(self.content)
        about = _struct(
            (1, _I32, _zigzag(self.kind)),
            (2, _LIST, _list(_I32, [_zigzag(_PLAIN), _zigzag(_RLE)])),
            (3, _LIST, _list(_BINARY, [_text(self.name)])),
            (4, _I32, _zigzag(_GZIP)),
            (5, _I64, _zigzag(rows)),
            (6, _I64, _zigzag(whole)),
            (7, _I64, _zigzag(len(page))),
            (9, _I64, _zigzag(start)),
        )
        return _struct((2, _I64, _zigzag(start)), (3, _STRUCT, about))


def _texts(name: str, values: Iterable[str]) -> _Column:
    encoded = (value.encode() for value in values)
    return _Column(name, _BYTE_ARRAY, b"".join(struct.pack("<I", len(each)) + each for each in encoded))


def _numbers(name: str, values: Sequence[int | None]) -> _Column:
    """Write which are known, one bit each, and then those that are."""
    groups = -(-len(values) // 8)
    bits = sum((value is not None) << place for place, value in enumerate(values)).to_bytes(groups, "little")
    known = _varint(groups << 1 | 1) + bits
    told = b"".join(struct.pack("<i", value) for value in values if value is not None)
    return _Column(name, _INT32, struct.pack("<I", len(known)) + known + told)


def _footer(chunks: Sequence[bytes], rows: int, size: int) -> bytes:
    root = _struct((4, _BINARY, _text("tables")), (5, _I32, _zigzag(len(COLUMNS))))
    group = _struct((1, _LIST, _list(_STRUCT, chunks)), (2, _I64, _zigzag(size)), (3, _I64, _zigzag(rows)))
    return _struct(
        (1, _I32, _zigzag(_VERSION)),
        (2, _LIST, _list(_STRUCT, [root, *(_describe(name) for name in COLUMNS)])),
        (3, _I64, _zigzag(rows)),
        (4, _LIST, _list(_STRUCT, [group])),
        (6, _BINARY, _text("survey-app")),
    )


def _describe(name: str) -> bytes:
    if name == "value":
        return _struct((1, _I32, _zigzag(_INT32)), (3, _I32, _zigzag(_OPTIONAL)), (4, _BINARY, _text(name)))
    utf8 = _zigzag(0)
    string = _struct((1, _STRUCT, _struct()))
    return _struct(
        (1, _I32, _zigzag(_BYTE_ARRAY)),
        (3, _I32, _zigzag(_REQUIRED)),
        (4, _BINARY, _text(name)),
        (6, _I32, utf8),
        (10, _STRUCT, string),
    )


# -- Thrift's compact protocol -------------------------------------------------------------------------------------------


def _struct(*fields: _Field) -> bytes:
    written, last = bytearray(), 0
    for number, kind, content in fields:
        written += bytes([(number - last) << 4 | kind]) + content
        last = number
    return bytes(written + b"\0")


def _list(kind: int, parts: Sequence[bytes]) -> bytes:
    short = len(parts) < _LONG_LIST
    head = bytes([len(parts) << 4 | kind]) if short else bytes([0xF0 | kind]) + _varint(len(parts))
    return head + b"".join(parts)


def _text(text: str) -> bytes:
    encoded = text.encode()
    return _varint(len(encoded)) + encoded


def _zigzag(number: int) -> bytes:
    return _varint(number << 1)


def _varint(number: int) -> bytes:
    written = bytearray()
    while number > 0x7F:  # noqa: PLR2004 - seven bits a byte
        written.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*written, number])
