"""The Embeddings page, view by view: what is on it is what a direct computation gives."""

import numpy as np
import pytest
import torch

from core.embeddings import nearest, one_hot_product, principal_directions, swapped
from core.positions import rotate
from core.sampling import next_token_probs
from core.trace import Trace
from runs import storyteller
from tests.pages.conftest import open_page, shown_text
from views import cache
from views.cache import embeddings as tables
from views.embeddings.words import LABEL
from views.look import Look
from views.text import percent, shown

EMBEDDINGS = "pages/text/embeddings.py"
NEAR, SUMS, ORDER, PRIMER = "who is near whom", "word arithmetic", "order", "a primer"
STEPS = storyteller.steps()


def view(name: str, **state: object):
    page = open_page(EMBEDDINGS, embeddings_view=name, **state)
    assert not page.exception
    assert not page.error
    return page


def here_of(page):
    return page.session_state["here"]


def plain(page) -> str:
    return shown_text(page).replace("\\", "")


def test_what_goes_in_is_the_row_and_one_hot_gives_the_same():
    page = view("what goes in")
    here = here_of(page)
    table = cache.source(here.look)[0].tok_emb.weight
    token = here.prompt.ids[here.token]
    assert torch.equal(one_hot_product(table, token), table[token])
    text = plain(page)
    assert "differ by **0** at most" in text
    assert f"has length {shown(float(table[token].norm()))}" in text


def test_the_neighbours_are_those_of_a_direct_computation():
    page = view(NEAR)
    here = here_of(page)
    table = cache.source(here.look)[0].tok_emb.weight
    token = here.prompt.ids[here.token]
    row, score = nearest(table, table[token], 1, leave_out=(token,))[0]
    name = cache.vocabulary(here.look)[row].replace(" ", "·")
    assert f"is **{name}** (cosine {shown(score)})" in plain(page)
    page.segmented_control(key="embeddings_by").set_value("euclid").run()
    assert not page.exception


def test_the_axes_stay_while_the_checkpoint_moves():
    last, first = Look(storyteller.BUNDLED, STEPS[-1]), Look(storyteller.BUNDLED, STEPS[0])
    points, shares = tables.token_map(first, last, 2048, ())
    table, trained = (cache.source(look)[0].tok_emb.weight for look in (first, last))
    expected = (table - table.mean(0)) @ principal_directions(trained, 3)
    np.testing.assert_allclose(points, expected, atol=1e-5)
    assert sum(shares) < 0.05  # noise: three of 192 directions keep little
    assert sum(tables.token_map(last, last, 2048, ())[1]) > 0.1


@pytest.mark.parametrize("step", [STEPS[0], STEPS[-1]])
@pytest.mark.parametrize("isolated", [30, 300, "all"])
def test_the_map_is_shown_at_any_step_isolated_or_not(step: int, isolated: int | str):
    page = view(NEAR, step=step, embeddings_isolate_tokens=isolated, embeddings_3d=True)
    count = "All 2,048" if isolated == "all" else f"{isolated + 1} of 2,048"
    assert f"{count} rows" in plain(page)
    assert f"axes are those of step {STEPS[-1]:,}" in plain(page)


def test_a_token_that_was_clicked_is_looked_at_until_another_is_chosen():
    page = view(NEAR)
    here = here_of(page)
    queen = here.tokenizer.encode(" queen")[0]
    page.session_state["note_embeddings_point"] = (
        (here.choice.key, here.prompt.ids, here.token),
        queen,
    )
    page.run()
    assert "Nearest to ·queen" in plain(page)
    assert "that you clicked" in plain(page)
    page.slider(key="token").set_value(3).run()
    assert "Nearest to ·queen" not in plain(page)


def test_words_are_offered_with_their_notice():
    page = view(SUMS)
    text = shown_text(page)
    assert "SmolLM2-135M" in text
    assert "Apache License 2.0" in text
    assert "king − man + woman: nearest is queen" in plain(page)
    page.button(key="embeddings_sum_1").click().run()
    assert "walked − walk + jump: nearest is jumped" in plain(page)
    assert page.text_input(key="embeddings_start").value == "walked"


def test_what_direction_1_tells_is_said_and_can_be_left_in():
    page = view(NEAR, embeddings_table=LABEL, embeddings_word="war", embeddings_word_rest=False)
    assert "rank correlation 0.8" in plain(page)
    assert "Nearest to war" in plain(page)


@pytest.mark.parametrize("bad", ["blorptastic", "<script>", "", "王"])
def test_a_word_that_is_not_there_is_said(bad: str):
    for name, key in ((NEAR, "embeddings_word"), (SUMS, "embeddings_minus")):
        text = plain(view(name, embeddings_table=LABEL, **{key: bad}))
        assert text.count("is not among the 5,000 words") == 1


@pytest.mark.parametrize("isolated", [30, 1000])
def test_words_can_be_isolated_in_both_maps(isolated: int):
    page = view(
        NEAR,
        embeddings_table=LABEL,
        embeddings_isolate=isolated,
        embeddings_word_3d=True,
        embeddings_word_by="euclid",
    )
    assert f"{isolated + 1:,} words. These 3 directions" in plain(page)


def test_a_swap_moves_what_it_says():
    page = view(ORDER)
    here = here_of(page)
    ids = here.prompt.ids
    model = cache.source(here.look)[0]
    with torch.inference_mode():
        one, other = (model(torch.tensor([some]))[0, -1] for some in (ids, swapped(ids, 1, 4)))
    moved = (next_token_probs(one) - next_token_probs(other)).abs().sum().item() / 2
    assert f"moves {percent(moved)} of" in plain(page)
    assert "own row differs by 0:" in plain(page)
    assert f"key in block 0, head {here.head}, that is turned" in plain(page)


def test_scores_by_distance_are_those_of_the_models_own_turning():
    page = view(ORDER, layer=2, head=1)
    from views.embeddings.order import distance_scores

    here = here_of(page)
    model = cache.source(here.look)[0]
    trace = Trace()
    ids = torch.tensor([here.prompt.ids])
    with torch.inference_mode():
        model(ids, trace)
        att = model.trf_blocks[2].att
        queries, keys = (att.split_heads(W(trace["blocks.2.norm1"])) for W in (att.W_query, att.W_key))
    found = distance_scores(here)
    scale = here.config.head_dim**-0.5
    for distance in (0, 1, 9, 60):
        turned = rotate(queries, torch.full((ids.shape[1],), distance))
        mean = (turned @ keys.transpose(-2, -1)).mean((-2, -1))[0] * scale
        np.testing.assert_allclose(found[:, distance], mean, atol=1e-4)
    assert f"highest {found[1].argmax()} tokens back" in plain(page)


def test_the_turning_alone_can_be_drawn():
    assert "only the distance counts" in plain(view(ORDER, embeddings_turned="the turning alone"))


def test_two_arrows_at_a_right_angle_have_nothing_in_common():
    page = view(PRIMER)
    page.button(key="embeddings_try_3").click().run()
    assert "|a| |b| cos 90° = 2 · 2 · 0.00 = **0.00**" in plain(page)
    assert "nothing in common" in plain(page)
    page.slider(key="embeddings_angle_b").set_value(30).run()
    assert "= **4.00**" in plain(page)


@pytest.mark.parametrize(
    ("tensor", "shape"),
    [
        ("ids: the prompt", "(21,)"),
        ("one token's row", "(192,)"),
        ("the prompt's rows", "(21, 192)"),
        ("the token table", "(2048, 192)"),
        ("weights of all heads", "(6, 21, 21)"),
    ],
)
def test_a_tensor_says_its_shape(tensor: str, shape: str):
    assert f"has the shape **{shape}**" in plain(view(PRIMER, embeddings_tensor=tensor))


@pytest.mark.parametrize("name", ["what goes in", NEAR, SUMS, ORDER, PRIMER])
@pytest.mark.parametrize("prompt", ["a", "<b>$x$</b> é 👩‍👩‍👧", "The old king went. " * 100])
def test_any_text_in_any_view(name: str, prompt: str):
    view(name, prompt=prompt)


@pytest.mark.parametrize("name", ["what goes in", NEAR, ORDER, PRIMER])
def test_an_untrained_model_in_any_view(name: str):
    view(name, model="untrained")
