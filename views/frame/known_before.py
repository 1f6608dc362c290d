"""People whom this server knew before it had a cookie of its own: what was theirs stays theirs."""

from views.frame.identity import BYTES, owner_of


def known_before(cookies: dict[str, str]) -> bytes | None:
    """The token in Streamlit's cookie, if somebody with this token has runs or models here; else None.

    That cookie is neither signed nor hidden from scripts, so it names nobody new.
    """
    from views import cache  # only now: the lifespan has imported it

    token, store = streamlit_token(cookies.get("_streamlit_xsrf", "")), cache.store()
    if token is None or store is None:
        return None
    person = owner_of(token)
    return token if store.runs(person) or store.brought().entries(person) else None


def streamlit_token(cookie: str) -> bytes | None:
    """The token of a cookie `2|mask|masked token|time`; None if it is not one of 16 bytes."""
    try:
        _, mask, masked, _ = cookie.split("|")
        mask, masked = bytes.fromhex(mask), bytes.fromhex(masked)
        token = bytes(byte ^ mask[i % len(mask)] for i, byte in enumerate(masked))
    except (ValueError, ZeroDivisionError):
        return None
    return token if len(token) == BYTES else None
