import streamlit as st

from core.bpe import apply_merge, merge_steps
from core.library import languages, library
from views import cache, components, state, ui
from views.encodings import LARGE, NAMES, all_encodings, decoded, in_words, tokens_per_character
from views.figures.languages import language_costs
from views.figures.tokens import compression_curve, token_counts
from views.merging import compression, split_with, step_sentence
from views.prompt import clean_text
from views.text import prose

here = ui.page_header("tokenizer")
text, _ = clean_text(state.prompt_text())
with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
    name = st.segmented_control(
        "Encoding", NAMES, default="GPT-2", required=True, key="tokenizer_encoding", **ui.KEEP
    )
    unknown = st.toggle("Words: add <|unk|>", key="tokenizer_unknown", **ui.KEEP)
    special = st.toggle("Byte pairs: read <|endoftext|>", key="tokenizer_special", **ui.KEEP)
    large = list(LARGE) if st.toggle("Compare GPT-4 and GPT-4o", key="tokenizer_large", **ui.KEEP) else [name]
with st.spinner("Building a large vocabulary, once …"):
    found = all_encodings(here, text, unknown=unknown, special=special, large=large)
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
counts = {encoding: len(one.pieces) for encoding, one in found.items()}
size = f"{len(chosen.pieces):,} tokens from a vocabulary of {chosen.tokenizer.vocab_size:,}"
st.caption(f"{size} · {len(text):,} characters")

left, right = st.columns(2, vertical_alignment="center")
ids = " ".join(str(piece.id) for piece in chosen.pieces[:40])
written = left.text_input("And back: token ids to text", ids, placeholder="15496 11 995")
if written.strip():
    try:
        right.markdown(f"→ {prose(decoded(chosen.tokenizer, written))}")
    except ValueError as error:
        right.warning(ui.safe(str(error)), icon=":material/block:")

st.subheader("What the same text costs in each encoding")
ui.figure(
    token_counts(list(counts), list(counts.values()), len(text), ui.palette()),
    key="tokenizer_counts",
    alt=f"GPT-2 makes {counts['GPT-2']} tokens of the text, characters {counts['characters']}",
)

st.subheader("What the same sentence costs in six languages")
costs = tokens_per_character(found)
seen, caption = in_words(costs)
drawn = language_costs(list(languages()), costs, ui.palette())
ui.figure(drawn, key="tokenizer_languages", alt=seen, caption=caption)

st.subheader("Learn a vocabulary: glue the most frequent pair, again and again")
left, right = st.columns([1, 2])
corpus = left.selectbox(
    "Learn from", list(library()), format_func=lambda key: library()[key].label, key="tokenizer_corpus"
)
left.caption(library()[corpus].about)
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
own, tokens = counts["this model's"], counts["GPT-2"]
ui.explain("tokenizer", tokens=tokens, characters=len(text), bytes=len(text.encode()), own=own)
ui.show_code(type(chosen.tokenizer).encode, merge_steps, apply_merge)
