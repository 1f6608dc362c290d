"""The ways in which a person brings a model, and what is said when it cannot be."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import streamlit as st

from core.numbers import NumberTokenizer
from core.tokenizer import CharTokenizer
from runs import StoreError
from runs.assumptions import FactsAsked
from runs.bringing import bring
from runs.offered import Offered, from_path, from_server, from_uploads, to_choose_from
from runs.server_folder import bring_from
from runs.settings import settings
from views import cache, gpt2_download, state, ui
from views.bring_question import NOTE, Question, answers_to
from views.prompt import read_prompt
from views.text import prose, safe
from views.turns import busy

Offer = Callable[[Path], Offered]
UPLOAD, PATH, FOLDER, GPT2 = "A file from your computer", "A path", "The server's folder", "GPT-2 itself"
TYPES = ["safetensors", "pth", "pt", "bin", "ckpt", "json", "txt", "pkl", "zip"]
ROUND, MOST_ROUNDS = "bring_round", 10**6  # a new uploader after each import: the old one's bytes are let go
NO_ANSWERS: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True)
class Source:
    """What the person has put in, not yet read."""

    sign: str  # tells whether it is still the same
    offer: Offer


def ways_in() -> None:
    """Choose a way, put something in, and bring it."""
    ways = [UPLOAD, *([] if settings().strangers else [PATH]), *([FOLDER] if offered_here() else []), GPT2]
    way = state.choice(
        st.segmented_control, "Where it is", ways, default=UPLOAD, required=True, key="bring_way", **ui.KEEP
    )
    if way == GPT2:
        gpt2_download.draw(attempt)
        return
    source = {PATH: by_path, FOLDER: by_folder}.get(way, by_upload)()
    answers = answers_to(source.sign) if source else {}
    if st.button("Bring it in", icon=":material/login:", key="bring_go"):
        if source is None:
            st.warning("There is nothing yet: choose a file first.", icon=":material/block:")
        else:
            attempt(source.offer, answers, source.sign)


def offered_here() -> list[str]:
    """What lies in the server's folder."""
    return to_choose_from(cache.store().home)


def by_upload() -> Source | None:
    """Files through the browser."""
    most = int(st.get_option("server.maxUploadSize"))
    larger = "ask whoever runs this server" if settings().strangers else "use *A path* instead"
    files = st.file_uploader(
        f"The files of one model, or one zip: up to {most} MB each. For larger ones {larger}.",
        TYPES,
        accept_multiple_files=True,
        key=f"bring_upload_{state.counted(ROUND, MOST_ROUNDS)}",
    )
    if not files:
        return None

    def offer(folder: Path) -> Offered:
        for file in files:
            file.seek(0)  # an attempt before this one may have read it
        return from_uploads([(file.name, file) for file in files], folder)

    return Source(" ".join(file.file_id for file in files), offer)


def by_path() -> Source | None:
    """A file or folder in the server's own folder; nothing is copied through the browser."""
    home = cache.store().home
    written = st.text_input(
        f"A file or folder inside {safe(str(bring_from(home)))}",
        placeholder="out-shakespeare-char/ckpt.pt",
        key="bring_path",
        max_chars=1000,
        **ui.KEEP,
    )
    return Source(written, lambda folder: from_path(home, written, folder)) if written.strip() else None


def by_folder() -> Source | None:
    """One of the models that whoever runs the server has laid there."""
    store, names = cache.store(), offered_here()
    name = st.selectbox("In the folder of the server", names, key="bring_folder")
    return Source(name, lambda folder: from_server(store.home, name, folder)) if name in names else None


def attempt(offer: Offer, answers: Mapping[str, object] = NO_ANSWERS, sign: str = "") -> None:
    """Bring it, and look into it from now on; or say in one sentence why not, and what was put in stays."""
    try:
        with busy("Reading it, and holding the model against the file …"):
            model_id = bring(cache.store().home, offer, state.known_owner(), ask=True, **answers)
    except FactsAsked as asked:
        state.note(NOTE, Question(sign, asked.emb_dim, asked.facts))
        st.rerun()
    except (ValueError, StoreError, OSError) as error:
        st.warning(prose(sentence(str(error))), icon=":material/block:")
        return
    state.note(NOTE, None)
    state.count_on(ROUND, MOST_ROUNDS, 1)
    cache.forget_lists()
    state.go_to_model(model_id, prompt_for(model_id))
    st.rerun()


def sentence(reason: str) -> str:
    """A reason as a sentence of its own."""
    return f"Nothing was brought: {reason}{'' if reason.endswith(('.', ')')) else '.'}"


def prompt_for(model_id: str) -> str | None:
    """A prompt that the model can read, if it can read next to nothing of the present one."""
    brought = cache.store().brought()
    tokenizer, config = brought.tokenizer(model_id), brought.about(model_id).config
    if len(read_prompt(state.prompt_text(), tokenizer, config.context_length).ids) > 1:
        return None
    if isinstance(tokenizer, NumberTokenizer):
        once = [str(number % tokenizer.vocab_size) for number in (5, 17, 42, 9, 26, 1)]
        return " ".join(once * 2)
    if isinstance(tokenizer, CharTokenizer):
        return "".join(tokenizer.characters[:12]) * 2
    return None
