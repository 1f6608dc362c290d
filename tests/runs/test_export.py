"""What is taken home from a run, table, zip and TensorBoard's files: all is in it, and nothing in it runs."""

import csv
import json
import math
import subprocess
import sys
import time
import zipfile
from dataclasses import replace
from io import BytesIO, StringIO

import pytest
import torch

from core.tokenizer_facts import tokenizer_from
from core.training import TrainEvent
from core.weights import load_model
from runs import EvalEvent, Recipe, tensorboard
from runs.export import events_csv, model_bundle
from runs.prepare import prepared
from runs.training import Training
from tests.runs.tiny import RECIPE, with_train


def rows_of(table: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(table, newline="")))


def sample_in(sample: str) -> str:
    return rows_of(events_csv([EvalEvent(0, 1.0, 2.0, sample, 0.5)]))[0]["sample"]


def test_the_table_holds_every_field_of_every_event() -> None:
    first, second = rows_of(
        events_csv([EvalEvent(0, 3.5, 3.75, "Once", 0.25), TrainEvent(0, 64, 3.5, 0.1, 1e-3)])
    )
    assert first == {
        "kind": "evaluation",
        "step": "0",
        "tokens_seen": "",
        "loss_nats": "",
        "grad_norm": "",
        "learning_rate": "",
        "train_loss_nats": "3.5",
        "validation_loss_nats": "3.75",
        "seconds": "0.25",
        "sample": "Once",
    }
    assert list(second.values()) == ["train", "0", "64", "3.5", "0.1", "0.001", "", "", "", ""]


def test_without_events_there_is_the_header_alone() -> None:
    assert events_csv([]).splitlines() == [
        "kind,step,tokens_seen,loss_nats,grad_norm,learning_rate,"
        "train_loss_nats,validation_loss_nats,seconds,sample"
    ]


def test_no_digit_of_a_loss_is_lost() -> None:
    loss = torch.tensor(math.pi).item()
    assert float(rows_of(events_csv([TrainEvent(0, 1, loss, 0.0, 0.0)]))[0]["loss_nats"]) == loss


def test_what_is_no_number_is_an_empty_cell() -> None:
    events = [TrainEvent(1, 2, math.nan, math.inf, -math.inf), EvalEvent(2, math.nan, math.inf, "", 1.0)]
    train, evaluation = rows_of(events_csv(events))
    assert (train["loss_nats"], train["grad_norm"], train["learning_rate"]) == ("", "", "")
    assert (evaluation["train_loss_nats"], evaluation["validation_loss_nats"]) == ("", "")


def test_a_number_below_zero_stays_a_number() -> None:
    assert rows_of(events_csv([TrainEvent(0, 1, -0.5, 0.0, 0.0)]))[0]["loss_nats"] == "-0.5"


@pytest.mark.parametrize(
    "sample",
    ["two\nlines", "DOS\r\nlines", "a\rb", 'she "said", he; said', " 熊 – ’ 🐻", "", "\0\x1b[31m", "'"],
)
def test_any_other_text_is_kept_as_it_is(sample) -> None:
    assert sample_in(sample) == sample


def test_half_a_character_becomes_a_replacement_sign() -> None:
    assert sample_in("a\ud83db") == "a\ufffdb"


@pytest.fixture(scope="module", params=["char", "word", "bpe"])
def trained(request):
    model = replace(RECIPE.model, vocab_size=300)
    recipe = with_train(replace(RECIPE, tokenizer=request.param, model=model), steps=3)
    training = Training.begin(prepared(recipe))
    assert len(list(training.events())) == 3
    training.model.eval()
    return recipe, training.model, training.prepared.tokenizer, 3


def test_the_model_of_a_bundle_is_the_same(trained, tmp_path) -> None:
    recipe, model, tokenizer, _ = trained
    with zipfile.ZipFile(BytesIO(model_bundle(*trained))) as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path)
    loaded = load_model(tmp_path / "model.safetensors")
    again = tokenizer_from(json.loads((tmp_path / "tokenizer.json").read_text(encoding="utf-8")))
    ids = tokenizer.encode("the quick fox")
    assert again.encode("the quick fox") == ids
    assert again.decode(ids) == tokenizer.decode(ids)
    with torch.inference_mode():
        assert torch.equal(loaded(torch.tensor([ids])), model(torch.tensor([ids])))
    assert Recipe.from_json((tmp_path / "recipe.json").read_text(encoding="utf-8")) == recipe


def test_the_readme_says_what_works(trained, tmp_path, monkeypatch) -> None:
    with zipfile.ZipFile(BytesIO(model_bundle(*trained))) as archive:
        archive.extractall(tmp_path)
    readme = (tmp_path / "README.txt").read_text(encoding="utf-8")
    assert "after 3 of 3 updates" in readme
    code = "\n".join(line[4:] for line in readme.splitlines() if line.startswith("    "))
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    exec(code, names)
    assert names["model"].config == trained[1].config
    assert names["tokenizer"].vocab_size == trained[2].vocab_size
    listed = {
        line.split()[0] for line in readme.splitlines() if ".json  " in line or ".safetensors  " in line
    }
    assert listed | {"README.txt"} == {path.name for path in tmp_path.iterdir()}


def test_the_same_model_gives_the_same_bytes(trained, monkeypatch) -> None:
    first = model_bundle(*trained)
    monkeypatch.setattr(time, "time", lambda: 2e9)
    assert model_bundle(*trained) == first


EVENTS = [
    EvalEvent(0, 3.5, 3.75, "# not a title\nhalf a character: \ud83d", 0.25),
    TrainEvent(0, 64, 3.5, 0.125, 1e-3),
    TrainEvent(1, 128, math.nan, math.inf, 2e-3),
    EvalEvent(2, 2.5, 3.0, "Once", 0.5),
]


def curves_in(folder) -> dict[str, list[tuple[int, float]]]:
    """What TensorBoard itself reads from a folder."""
    reader = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    found = reader.EventAccumulator(str(folder)).Reload()
    return {
        tag: [(event.step, event.value) for event in found.Scalars(tag)] for tag in found.Tags()["scalars"]
    } | {
        tag: [(event.step, event.tensor_proto.string_val[0].decode()) for event in found.Tensors(tag)]
        for tag in found.Tags()["tensors"]
    }


def test_tensorboard_reads_the_zip_and_the_server_never_imports_it(tmp_path) -> None:
    if not tensorboard.available():
        pytest.skip("TensorBoard is not installed")
    before = set(sys.modules)
    with zipfile.ZipFile(BytesIO(tensorboard.tensorboard_zip(iter(EVENTS)))) as archive:
        archive.extractall(tmp_path)
    assert not [name for name in set(sys.modules) - before if "tensorboard" in name]
    assert {path.name for path in tmp_path.iterdir()} == {"README.txt", "events.out.tfevents.0"}
    curves = curves_in(tmp_path)
    assert curves["loss/train"] == [(0, 3.5), (2, 2.5)]
    assert curves["loss/validation"] == [(0, 3.75), (2, 3.0)]
    assert curves["loss/each_update"][0] == (0, 3.5)
    assert math.isnan(curves["loss/each_update"][1][1])
    assert curves["update/gradient_norm"] == [(0, 0.125), (1, math.inf)]
    assert [step for step, _ in curves["update/learning_rate"]] == [0, 1]
    assert curves["update/tokens_seen"] == [(0, 64), (1, 128)]
    samples = [(0, "    # not a title\n    half a character: \ufffd"), (2, "    Once")]
    assert curves["sample/text_summary"] == samples


def test_events_are_written_to_a_folder(tmp_path) -> None:
    pytest.importorskip("tensorboard")
    tensorboard.write_events(EVENTS[:2], tmp_path)
    assert curves_in(tmp_path)["loss/train"] == [(0, 3.5)]


def test_without_tensorboard_a_sentence_says_what_to_install(monkeypatch) -> None:
    monkeypatch.setattr(tensorboard, "available", lambda: False)
    with pytest.raises(ValueError, match="pip install tensorboard"):
        tensorboard.tensorboard_zip(EVENTS)


@pytest.mark.parametrize("here", [True, False])
def test_whether_it_is_there_is_asked_by_name_alone(here, monkeypatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object() if here else None)
    assert tensorboard.available() is here


def test_a_child_that_fails_or_hangs_is_told_in_a_sentence(monkeypatch) -> None:
    def hang(*args: object, **options: object) -> None:
        raise subprocess.TimeoutExpired("python", 120)

    failed = subprocess.CompletedProcess([], 1, b"", b"Traceback\nOSError: the disk is full\n")
    monkeypatch.setattr(tensorboard, "available", lambda: True)
    for run, words in ((lambda *_, **__: failed, "the disk is full$"), (hang, "not done after 120 seconds")):
        monkeypatch.setattr(subprocess, "run", run)
        with pytest.raises(ValueError, match=words):
            tensorboard.tensorboard_zip(EVENTS)
