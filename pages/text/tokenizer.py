import streamlit as st

from core.bpe import apply_merge, merge_steps
from core.library import library
from views import cache, components, state, ui
from views.encodings import all_encodings
from views.figures.tokens import compression_curve, token_counts
from views.merging import compression, split_with, step_sentence
from views.prompt import clean_text

here = ui.page_header("tokenizer")
text, _ = clean_text(state.prompt_text())
left, right = st.columns([3, 1], vertical_alignment="bottom")
unknown = right.toggle("Words: add <|unk|>", key="tokenizer_unknown", persist_state="session")
found = all_encodings(here, text, unknown)
name = left.segmented_control(
    "Encoding", list(found), default="GPT-2", required=True, key="tokenizer_encoding", persist_state="session"
)
chosen = found[name]

if not text:
    st.info("0 tokens. Write something into *Prompt*, on the left.", icon=":material/edit:")
elif chosen.problem:
    st.warning(ui.safe(chosen.problem), icon=":material/block:")
else:
    components.token_chips(
        chosen.pieces,
        picked=here.token if name == "this model's" else None,
        key="tokenizer_chips",
        label=f"The prompt as {len(chosen.pieces)} tokens",
        on_pick=state.pick_token if name == "this model's" else None,
    )
counts = [len(one.pieces) for one in found.values()]
st.caption(
    f"{len(chosen.pieces):,} tokens from a vocabulary of {chosen.vocab_size:,} · {len(text):,} characters"
)

st.subheader("What the same text costs in each encoding")
ui.figure(
    token_counts(list(found), counts, len(text), ui.palette()),
    key="tokenizer_counts",
    alt=f"GPT-2 makes {counts[0]} tokens of the text, characters {counts[2]}",
)

st.subheader("Learn a vocabulary: glue the most frequent pair, again and again")
left, right = st.columns([1, 2])
corpus = left.selectbox(
    "Learn from", list(library()), format_func=lambda key: library()[key].title, key="tokenizer_corpus"
)
step = right.slider("Merges learned", 0, 400, 40, key="tokenizer_merges", persist_state="session")
merges = cache.merges_of(corpus, 400)
st.markdown(step_sentence(merges, step))
components.token_chips(
    split_with(clean_text(text)[0][:2000], [pair for pair, _ in merges[:step]]),
    key="tokenizer_merged",
    label=f"The prompt after {step} merges",
)
curve = compression(corpus, merges)
done = min(step, len(merges))
ui.figure(
    compression_curve(curve, done, ui.palette()),
    key="tokenizer_curve",
    alt=f"After {step} merges the text needs {curve[done]:,} tokens instead of {curve[0]:,}",
)
ui.explain("tokenizer", tokens=counts[0], characters=len(text), bytes=len(text.encode()), own=counts[1])
ui.show_code(merge_steps, apply_merge)
