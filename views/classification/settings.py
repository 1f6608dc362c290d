"""What a classifier is to learn, from the page's controls: which texts, which token is read, what learns."""

from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.class_data import CLASS_DATA
from core.classify import READS, TRAINED
from core.labelled import Labelled
from core.text import decode_text
from runs.tuning import LONGEST_CSV, Base, Classify, Lora
from views import state, ui
from views.cache import classification as cached
from views.here import Here
from views.text import safe

OWN = "own"
LONGEST, USUAL = 256, 40  # tokens of a text
READ = {"first": "first", "last": "last", "last_real": "last before padding", "mean": "mean of all"}
LEARNS = {"head": "the new layer", "last_block": "and the last block", "all": "everything"}
assert set(READ) == set(READS)
assert set(LEARNS) == set(TRAINED)


@dataclass(frozen=True)
class Settings:
    """The controls, checked: what a fine-tuning is made of."""

    data: str | None
    csv: str | None
    read: str
    trained: str
    length: int

    @property
    def texts(self) -> Labelled:
        """The labelled texts. ValueError for a table that cannot be learned from."""
        return cached.bundled_texts(self.data) if self.csv is None else cached.own_table(self.csv).data

    def made(self, base: Base, lora: Lora | None) -> Classify:
        """The fine-tuning of a model. ValueError, in a sentence, for one that cannot be."""
        return Classify(
            base=base,
            data=self.data,
            csv=self.csv,
            read=self.read,
            trained=self.trained,
            length=self.length,
            lora=lora,
        )


def choose(here: Here) -> Settings:
    """The controls, side by side; a table of one's own gets its field below."""
    left, end = st.columns([1.3, 1], gap="large", vertical_alignment="bottom")
    middle, right = st.columns([1.02, 1], gap="small")
    titles = {key: data.title for key, data in CLASS_DATA.items()} | {OWN: "My own table …"}
    data = state.choice(
        left.selectbox,
        "Texts with labels",
        list(titles),
        format_func=lambda key: titles.get(key, key),
        key="classification_data",
        **ui.KEEP,
    )
    read = choice(middle, "The answer is read from the token", READ, "last", "classification_read")
    trained = choice(right, "What learns", LEARNS, "all", "classification_trained")
    with end:
        length = length_slider(min(here.config.context_length, LONGEST))
    csv = own_table() if data == OWN else None
    return Settings(None if data == OWN else data, csv, read, trained, length)


def choice(place: DeltaGenerator, label: str, options: dict[str, str], first: str, key: str) -> str:
    """One of a few, by its words."""
    return state.choice(
        place.segmented_control,
        label,
        list(options),
        format_func=lambda one: options.get(one, one),
        default=first,
        required=True,
        key=key,
        **ui.KEEP,
    )


def length_slider(longest: int) -> int:
    """To how many tokens each text is cut or filled up; a model that reads fewer has a shorter slider."""
    if longest < 2:
        return 1
    if state.controls("classification_").get("length", 0) > longest:
        state.set_control("classification_length", longest)
    return st.slider(
        "Length (tokens)", 1, longest, min(USUAL, longest), key="classification_length", **ui.KEEP
    )


def own_table() -> str:
    """A table to paste or upload; what was written before stays if a file cannot be read."""
    given = st.file_uploader(
        "Upload a table (.csv, .tsv, .txt), or paste it below",
        ["csv", "tsv", "txt"],
        key="classification_upload",
        max_upload_size=2,
    )
    if given is not None and state.is_new("classification_uploaded", given.file_id):
        take(given.getvalue())
    return st.text_area(
        "Two columns, the text and its label: 2 to 10 classes, at least 10 rows of each",
        height=160,
        placeholder='text,label\n"What a day, what a day!",happy\nIt rains again,sad',
        key="classification_csv",
        persist_state="session",
    )


def take(raw: bytes) -> None:
    """The text of a file into the field."""
    try:
        text, notice = decode_text(raw, LONGEST_CSV)
    except ValueError as problem:
        st.warning(safe(str(problem)), icon=":material/description:")
        return
    state.set_control("classification_csv", text)
    if notice:
        st.warning(safe(notice), icon=":material/description:")
