import streamlit as st

from core.gpt import GPTModel
from views import components, journey, ui
from views.lessons import lesson
from views.phrases import phrase
from views.road import ROAD, file_of
from views.tables.named import road

here = ui.page_header("home")
stops = journey.stops(here)
wanted = components.road(
    stops,
    layers=here.config.n_layers,
    key="home_road",
    label=f"The road from text to the next token, through {here.model_name}",
)
ui.below("home_road", lambda: road(stops))
if wanted in {station.path for part in ROAD.values() for station in part}:
    st.switch_page(file_of(wanted), query_params={})
st.header(ui.safe(journey.sentence(here)))
words = lesson("home")
for column, text in zip(st.columns(2, gap="large"), (words.notice, words.truths), strict=True):
    column.markdown(text)
ui.show_code(GPTModel.final_vectors, GPTModel.forward, label=phrase("home", "code"))
