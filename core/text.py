"""Bytes of an uploaded file to text, whatever it was written with."""

import codecs

BYTE_ORDER_MARKS = {  # the longer ones first: UTF-32's begins like UTF-16's
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def decode_text(raw: bytes, most: int | None = None) -> tuple[str, str]:
    """The text of a file, and a sentence if some of it could not be read (else empty).

    A byte-order mark decides; without one it is UTF-8, and what is no UTF-8 becomes U+FFFD. ValueError for
    a file of more than `most` bytes, and for one that is no text at all.
    """
    if most is not None and len(raw) > most:
        raise ValueError(f"this file has {len(raw):,} bytes, and {most:,} is the most: give a part of it")
    encoding = next((name for mark, name in BYTE_ORDER_MARKS.items() if raw.startswith(mark)), "utf-8")
    if encoding.startswith("utf-8") and b"\x00" in raw:
        raise ValueError("this file holds binary data, not text: give a .txt or .md file")
    text = raw.decode(encoding, errors="replace")
    unreadable = text.count("\ufffd")
    if unreadable > max(10, len(text) // 5):
        raise ValueError(
            f"{unreadable:,} of its {len(text):,} characters cannot be read: save the file as UTF-8"
        )
    notice = (
        f"{unreadable:,} characters of the file could not be read and stand here as \ufffd."
        if unreadable
        else ""
    )
    return text, notice
