import streamlit as st

from core.assembly import assemble
from core.gpt2_names import ways_of
from core.gpt2_reference import gpt2_logits
from views import bring, bring_found, bring_list, cache, ui
from views.frame import lost_store

here = ui.page_header("bring")
if cache.store() is None:
    lost_store.show()
    st.stop()
found = bring_found.found_here(here)
if found.is_example:
    bring.ways_in()
else:
    with st.expander("Bring another", icon=":material/login:"):
        bring.ways_in()
bring_found.picture(found)
bring_list.vocabulary_picker(here)
bring_found.sign_of_life(here, found)
bring_list.mine()
ui.explain("bring", **bring_found.numbers(found))
ui.show_code(ways_of, assemble, gpt2_logits, label="How names become places, and what the proof computes")
