"""How long a zip's list of files is, read before the list: one of a million files takes half a minute."""

import os
from pathlib import Path
from typing import BinaryIO

END, END_64, WHERE_64 = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"  # how the records at the end begin
LENGTH, LENGTH_64, LENGTH_WHERE, LONGEST_COMMENT = 22, 56, 20, 65535  # bytes


def directory_bytes(file: BinaryIO | Path) -> float:
    """Bytes of a zip's list of files, as its end states it; 0 for what is no zip, infinite if unclear."""
    if isinstance(file, Path):
        with file.open("rb") as opened:
            return directory_bytes(opened)
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - LONGEST_COMMENT - LENGTH - LENGTH_WHERE - LENGTH_64))
    last = file.read()
    file.seek(0)
    at = len(last) - LENGTH if last[-LENGTH:].startswith(END) else last.rfind(END)
    if at < 0:
        return 0
    before = last[:at]
    if before[-LENGTH_WHERE:].startswith(WHERE_64):  # it may be larger than 4 GiB
        record = before[:-LENGTH_WHERE][-LENGTH_64:]
        return int.from_bytes(record[40:48], "little") if record.startswith(END_64) else float("inf")
    return int.from_bytes(last[at + 12 : at + 16], "little")
