"""The table of names in lines that a person can read."""

import pytest
from safetensors.torch import save_file

from core.foreign import read_weights
from tests.core.nanogpt_reference import NanoGPT
from tests.runs.strangers import NANOGPT, lively, save_gpt2
from views.components.name_table import group_data
from views.figures.heads import heads_bars
from views.names import groups_of
from views.theme import LIGHT


@pytest.fixture(scope="module")
def gpt2_rows(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gpt2")
    save_gpt2(folder, vocab_size=100, n_layer=12)
    return read_weights(folder).rows


def test_twelve_layers_are_one_line_for_each_kind(gpt2_rows):
    once, blocks = groups_of(gpt2_rows)
    assert len(gpt2_rows) == 197
    assert {line.name for line in once.lines.values()} >= {"transformer.wte.weight", "transformer.wpe.weight"}
    assert len(blocks.lines) == 12
    data = group_data("blocks", blocks)
    assert (data["theirs"], data["ours"]) == ("transformer.h.0…11.", "trf_blocks.0…11.")


def test_queries_keys_and_values_lie_side_by_side_in_one_matrix(gpt2_rows):
    lines = {line.name: line for line in groups_of(gpt2_rows)[1].lines.values()}
    joined = lines["attn.c_attn.weight"]
    assert (joined.shape, joined.how, joined.wide) == ("32 × 96", "transposed, cut into Q, K, V", True)
    assert [(target.name, target.part) for target in joined.targets] == [
        ("att.W_query.weight", "query"),
        ("att.W_key.weight", "key"),
        ("att.W_value.weight", "value"),
    ]
    assert lines["mlp.c_fc.weight"].how == "transposed"
    assert lines["ln_1.weight"].how == "as it is"


def test_what_the_file_has_not_is_one_line(tmp_path):
    state = lively(NanoGPT(bias=False, **NANOGPT)).state_dict()
    del state["lm_head.weight"]
    save_file(state, tmp_path / "nano.safetensors")
    once, blocks = groups_of(read_weights(tmp_path / "nano.safetensors", n_heads=3).rows)
    lines = {(line.name, line.how): line for line in blocks.lines.values()}
    zeros = lines["", "zeros: the file has no bias"]
    assert len(zeros.targets) == 8
    assert not lines["attn.c_attn.weight", "cut into Q, K, V"].wide
    assert any(line.how.startswith("tied") and not line.name for line in once.lines.values())


def test_the_bars_of_heads_show_every_number_and_the_chosen_one():
    drawn = heads_bars({1: 3.0, 2: 2.5, 4: 4.0}, LIGHT, chosen=2)
    assert list(drawn.data[0].x) == ["1", "2", "4"]
    assert list(drawn.data[0].y) == [3.0, 2.5, 4.0]
    assert list(drawn.data[0].marker.color).index(LIGHT.query) == 1
    assert drawn.layout.yaxis.title.text == "nats a token"
