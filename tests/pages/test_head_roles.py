"""What each head looks like, on the Attention page."""

from dataclasses import replace

import pytest

from core.config import TINY
from core.gpt import build_model
from core.interventions import Edit
from core.roles import PLACES
from tests.pages.conftest import open_page, shown_text
from views import catalogue
from views.cache import head_scores, look_at_layer, roles
from views.look import Look
from views.phrases import phrases
from views.summaries import looked_up, roles_rule, roles_sentence, scores_of_head
from views.text import percent

ATTENTION = "pages/model/attention.py"
BUNDLED = Look(catalogue.BUNDLED)


def test_the_roles_and_the_chosen_heads_scores_are_said():
    page = open_page(ATTENTION, layer=1, head=2)
    captions = "\n".join(caption.value for caption in page.caption)
    assert roles_sentence(head_scores(BUNDLED)) in captions
    assert scores_of_head(head_scores(BUNDLED), 1, 2) in captions
    assert "layer 1, head 2 " in shown_text(page)
    assert roles_rule(head_scores(BUNDLED)) in captions


def test_the_page_opens_on_a_head_with_a_role_that_looks_where_the_picture_shows():
    page = open_page(ATTENTION)
    here = page.session_state["here"]
    assert head_scores(BUNDLED).roles[here.layer][here.head][0] == "induction"
    weights = look_at_layer(BUNDLED, here.prompt.ids, here.layer).head("weights", here.layer, here.head)
    share, count = looked_up(weights, here.prompt.ids)
    assert f"For the {count} tokens that occurred before, {percent(share)} of the attention" in shown_text(
        page
    )
    before = here.prompt.ids.index(here.prompt.ids[here.token])
    assert before < here.token
    assert weights[here.token].argmax() == before + 1  # the arcs of the first sight: to what followed "king"


def test_a_head_that_is_off_changes_no_label_and_a_switch_is_another_model():
    before = head_scores(BUNDLED)
    assert head_scores(replace(BUNDLED, edits=(Edit(kind="head", layer=0, head=0),))) is before
    without_mask = head_scores(replace(BUNDLED, causal=False))
    assert without_mask.chance != before.chance
    assert without_mask.at(0, 0) != before.at(0, 0)


def does(role: str) -> tuple[str, str]:
    """What one head of a role does, and several."""
    name = f"does_{role.replace(' ', '_')}"
    one, several = (phrases("attention")[form].partition(" (")[0] for form in (f"{name}_one", name))
    return one.removeprefix("1 "), several.removeprefix("{count} ")


def test_an_untrained_model_has_diffuse_heads_alone():
    scores = head_scores(Look(catalogue.UNTRAINED))
    said = shown_text(open_page(ATTENTION, model=catalogue.UNTRAINED))
    assert roles_sentence(scores) in said
    assert does("diffuse")[1] in said
    counted, _, absent = roles_sentence(scores).partition(" No head is ")
    assert absent.startswith("an induction head at 16 tokens")
    assert not any(words in counted for role in PLACES for words in does(role))


@pytest.fixture
def short_context(monkeypatch):
    monkeypatch.setattr(roles, "model_of", lambda look: build_model(replace(TINY, context_length=5)))
    roles.scores_unedited.clear()
    yield
    roles.scores_unedited.clear()


@pytest.mark.usefixtures("short_context")
def test_a_context_too_short_to_measure_is_said():
    page = open_page(ATTENTION)
    assert not page.exception
    assert "too short to measure" in shown_text(page)
    assert "has no measured role" in shown_text(page)
