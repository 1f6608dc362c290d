"""Download GPT-2 from the Hugging Face hub, on from the byte where an earlier try broke off.

huggingface_hub knows what the hub states of a file, proxies and the offline mode. The bytes we fetch
ourselves, by plain HTTP, for its own download begins anew in every process. By hand:
`python -m core.download gpt2 FOLDER`.
"""

import errno
import os
import re
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from threading import Thread

from core.download_parts import Stated, check_digest, check_room, drop_others, install, only_one
from core.download_progress import Progress, ProgressFile, part_of, progress_file_of
from core.gpt2_sizes import FILES, SIZES, WEIGHTS, Size, hub

SECONDS = 15.0  # for a first answer, names and proxies included; and for each piece of a file
ATTEMPTS = 3  # in a row that bring nothing
PAUSE = 2.0  # seconds before the next attempt
MOST = 16 * 2**30  # bytes; whoever states more is not the hub

Report = Callable[[Progress], None]


class NoHub(ValueError):
    """There is no way to the hub from here."""

    def __init__(self, why: str, size: Size, folder: Path) -> None:
        super().__init__(f"{why}. {size.by_hand(folder)}.")
        self.why = why


def download(name: str, folder: Path, report: Report = lambda progress: None) -> None:
    """Put GPT-2 of one of the SIZES into a folder. A ValueError is a sentence that says what to do."""
    if name not in SIZES:
        raise ValueError(f"there is no GPT-2 called {name!r}: choose one of {', '.join(SIZES)}")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")  # read when huggingface_hub is imported
    size, part = SIZES[name], part_of(folder)
    with in_sentences(size, folder), only_one(part):
        report(Progress("asking", done=sum(path.stat().st_size for path in part.glob("*.partial"))))
        stated = [ask_about(size, file) for file in FILES]
        drop_others(part, stated)
        for one in stated:
            fetch(one, part, report)
            if one.file == WEIGHTS:
                report(Progress("checking", one.bytes, one.bytes))
            check_digest(one, part)
        install(stated, part, folder)


@contextmanager
def in_sentences(size: Size, folder: Path) -> Iterator[None]:
    """Turn what a network, a hub and a disk can do wrong into a ValueError."""
    from huggingface_hub.errors import HfHubHTTPError, HTTPError, OfflineModeIsEnabled

    try:
        yield
    except OfflineModeIsEnabled as error:
        raise NoHub("HF_HUB_OFFLINE is set on this server: it asks nobody", size, folder) from error
    except HfHubHTTPError as error:
        raise ValueError(refusal(error.response)) from error
    except (HTTPError, TimeoutError) as error:
        why = f"this server cannot reach {hub()} ({reason_of(error)})"
        raise NoHub(why, size, folder) from error
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        told = "the disk is full: make room, and it goes on from there" if full else reason_of(error)
        raise ValueError(f"the files cannot be written to {folder.parent}: {told}") from error


def reason_of(error: Exception) -> str:
    """What a library says of a failure, without its number; at least its name."""
    return re.sub(r"^\[Errno -?\d+\] ", "", str(error)) or type(error).__name__


def refusal(response: object) -> str:
    """What an answer other than yes means, and what to do."""
    code = response.status_code
    asked = str(response.request.url).partition("?")[0]  # without a signature
    if code == 429:
        wait = response.headers.get("Retry-After", "")
        when = f"in {wait} seconds" if wait.isdigit() else "in some minutes"
        return f"the hub has had too many requests from this network (429): try again {when}"
    if code in (401, 403, 407, 451):
        return f"the hub, or a proxy on the way, refuses {asked} ({code}): ask whoever runs this network"
    if code in (404, 410):
        return f"the hub has no file {asked} ({code}): if HF_ENDPOINT names a mirror, it lacks this model"
    return f"the hub is out of order ({code}): try again later, what is here is kept"


def ask_about(size: Size, file: str) -> Stated:
    """Size and hash of a file. ValueError if what answers is no hub: a login page of the network, say."""
    from huggingface_hub import get_hf_file_metadata

    found = answer_of(partial(get_hf_file_metadata, size.address(file), token=False, timeout=SECONDS))
    digest, is_large = found.etag or "", file == WEIGHTS
    is_hash = len(digest) == (64 if is_large else 40) and set(digest) <= set("0123456789abcdef")
    if not found.commit_hash or not is_hash or not 0 < (found.size or 0) <= MOST:
        raise ValueError(
            f"{hub()} states neither size nor hash of {file}, so it is no hub: "
            "look whether this network wants a login, or whether HF_ENDPOINT is right"
        )
    return Stated(file, size.address(file, found.commit_hash), found.size, digest)


def answer_of(ask: Callable[[], object]) -> object:
    """What a call returns, or TimeoutError: HTTP's time-outs are for each address, and for no name server."""
    answer: Future = Future()

    def wait() -> None:
        try:
            answer.set_result(ask())
        except Exception as error:
            answer.set_exception(error)

    Thread(target=wait, daemon=True).start()
    with suppress(TimeoutError):
        return answer.result(timeout=SECONDS)
    if answer.done():
        return answer.result()
    raise TimeoutError(f"no answer in {SECONDS:.0f} s")


def fetch(stated: Stated, part: Path, report: Report) -> None:
    """Bring a file to its stated size: when the line breaks, ask for the rest, as long as that helps."""
    from huggingface_hub.errors import HfHubHTTPError, HTTPError

    here, failures = stated.here(part), 0
    here.touch()
    check_room(part, stated.bytes - here.stat().st_size)
    while (have := here.stat().st_size) < stated.bytes:
        why = "the hub sent nothing"
        try:
            fetch_rest(stated, here, report)
        except HfHubHTTPError:
            raise
        except (HTTPError, TimeoutError) as error:
            why = reason_of(error)
        failures = 0 if here.stat().st_size > have else failures + 1
        if failures == ATTEMPTS:
            raise ValueError(
                f"the download broke off at byte {have:,} of {stated.bytes:,} ({why}): "
                "what is here is kept, and the next try goes on from there"
            )
        time.sleep(PAUSE if failures else 0)


def fetch_rest(stated: Stated, here: Path, report: Report) -> None:
    """Append what is missing; a server that cannot begin in the middle sends the file anew."""
    from huggingface_hub import get_session, hf_raise_for_status

    have, session = here.stat().st_size, get_session()
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    request = session.build_request("GET", stated.address, headers=headers, timeout=SECONDS)
    with closing(answer_of(partial(session.send, request, stream=True))) as response:
        hf_raise_for_status(response)
        with here.open("ab" if response.status_code == 206 else "wb") as file:
            for piece in response.iter_bytes():
                check_room(here.parent, len(piece))
                file.write(piece)
                if stated.file == WEIGHTS:
                    report(Progress("downloading", file.tell(), stated.bytes))
                if file.tell() > stated.bytes:
                    return  # more than was stated: the hash will say so


def main(name: str, folder: str) -> int:
    """Download in a process of its own, its progress and its end in a file beside the folder."""
    os.nice(10)
    log = ProgressFile(progress_file_of(Path(folder)))
    try:
        download(name, Path(folder), log.write)
    except Exception as error:
        if isinstance(error, ValueError):
            sys.stderr.write(f"{error}\n")
        else:
            traceback.print_exc()
        log.end(getattr(error, "why", reason_of(error)))
        return 1
    log.path.unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
