"""GPT-2 comes whole, checked and resumed, or a sentence says what to do. The hub is one of our own."""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections import namedtuple
from itertools import pairwise
from pathlib import Path
from threading import Event

import pytest

from core import download as module
from core import download_parts
from core.download import download
from core.download_progress import Progress, ProgressFile, part_of, progress_file_of, read_progress
from core.foreign import read_weights
from core.gpt import parameter_count
from core.gpt2_sizes import FILES, SIZES
from tests.imitation_hub import COMMIT, Hub, serve, tiny_gpt2

ROOT = Path(__file__).parents[2]
ENV = {"HF_HUB_DISABLE_TELEMETRY": "1", "NO_PROXY": "*"}
FILES_OF_TINY = tiny_gpt2()
WHOLE = len(FILES_OF_TINY["model.safetensors"])


@pytest.fixture
def hub(monkeypatch):
    hub = Hub(files=dict(FILES_OF_TINY))
    server, address = serve(hub)
    monkeypatch.setenv("HF_ENDPOINT", address)
    for name, value in ENV.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(module, "PAUSE", 0.0)
    yield hub
    hub.end.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "gpt2"


def partial_bytes(folder: Path) -> int:
    return max((path.stat().st_size for path in part_of(folder).glob("*.partial")), default=0)


def run_child(folder: Path, **env: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "core.download", "gpt2", str(folder)]
    return subprocess.run(
        command, cwd=ROOT, env=os.environ | env, capture_output=True, text=True, timeout=60, check=False
    )


def test_a_whole_download_is_a_model(hub, folder):
    notes = []
    download("gpt2", folder, notes.append)
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    assert {name: (folder / name).read_bytes() for name in FILES} == FILES_OF_TINY
    assert not part_of(folder).exists()
    assert read_weights(folder).model().config.emb_dim == 48
    assert [note.phase for note in notes][:1] == ["asking"]
    assert notes[-1] == Progress("checking", WHOLE, WHOLE)
    assert all(a.done <= b.done for a, b in pairwise(notes))


def test_the_bytes_are_of_the_version_that_was_asked_about(hub, folder):
    download("gpt2", folder)
    asked = [one.path for one in hub.asked if one.method == "GET" and "/resolve/" in one.path]
    assert asked == [f"/openai-community/gpt2/resolve/{COMMIT}/{file}" for file in FILES]
    assert not [one for one in hub.asked if "authorization" in {name.lower() for name in one.headers}]


def test_a_line_that_breaks_is_asked_for_the_rest_alone(hub, folder):
    hub.break_at = 100_000
    download("gpt2", folder)
    assert [one.range_of for one in hub.gets()] == ["", "bytes=100000-"]
    assert (folder / "model.safetensors").read_bytes() == FILES_OF_TINY["model.safetensors"]


def test_a_server_that_cannot_begin_in_the_middle_sends_it_anew(hub, folder):
    hub.break_at, hub.knows_ranges = 100_000, False
    download("gpt2", folder)
    assert (folder / "model.safetensors").read_bytes() == FILES_OF_TINY["model.safetensors"]


def test_a_new_version_on_the_hub_is_not_glued_to_the_old_one(hub, folder):
    hub.break_at, hub.breaks_for_good = 150_000, True
    with pytest.raises(ValueError, match="broke off"):
        download("gpt2", folder)
    hub.files = tiny_gpt2(n_positions=128)
    hub.break_at = None
    hub.asked.clear()
    download("gpt2", folder)
    assert [one.range_of for one in hub.gets()] == [""]
    assert (folder / "model.safetensors").read_bytes() == hub.files["model.safetensors"]


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (404, "has no file .*/openai-community/gpt2/resolve/main/config.json .404.: if HF_ENDPOINT"),
        (401, "refuses"),
        (403, "refuses .*403.: ask whoever runs this network"),
        (429, "too many requests .* in 55 seconds"),
        (503, "out of order .503.: try again later"),
    ],
)
def test_an_answer_other_than_yes(hub, folder, status, sentence):
    hub.status = status
    with pytest.raises(ValueError, match=sentence):
        download("gpt2", folder)
    assert not folder.exists()


def test_a_refusal_of_the_bytes_keeps_what_is_here(hub, folder):
    hub.break_at, hub.breaks_for_good = 150_000, True
    with pytest.raises(ValueError, match="broke off"):
        download("gpt2", folder)
    hub.cdn_status = 403
    with pytest.raises(ValueError, match=r"refuses http://localhost:\d+/cdn/model.safetensors .403."):
        download("gpt2", folder)
    assert partial_bytes(folder) == 150_000


def test_a_page_that_wants_a_login_is_no_hub(hub, folder, monkeypatch):
    monkeypatch.setattr(hub, "etag", lambda file: "no-hash")
    with pytest.raises(ValueError, match="wants a login"):
        download("gpt2", folder)


def assert_told_by_hand(error: Exception, folder: Path) -> None:
    for file in FILES:
        assert f"{os.environ['HF_ENDPOINT']}/openai-community/gpt2/resolve/main/{file}" in str(error)
    assert f"into the folder {folder} on this server" in str(error)
    assert "works without" in str(error)


def test_a_hub_that_never_answers_is_not_waited_for(hub, folder, monkeypatch):
    monkeypatch.setattr(module, "SECONDS", 0.3)
    hub.is_silent = True
    with pytest.raises(ValueError, match=r"this server cannot reach http://127\.0\.0\.1") as refused:
        download("gpt2", folder)
    assert_told_by_hand(refused.value, folder)


def test_a_name_server_that_never_answers_is_not_waited_for(folder, monkeypatch):
    monkeypatch.setattr(module, "SECONDS", 0.3)
    monkeypatch.setenv("HF_ENDPOINT", "http://hub.invalid")
    monkeypatch.setenv("NO_PROXY", "*")
    asked, test_over = Event(), Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: asked.set() or test_over.wait(60))
    with pytest.raises(ValueError, match=r"this server cannot reach http://hub\.invalid .no answer in 0 s"):
        download("gpt2", folder)
    assert asked.is_set()
    test_over.set()  # it was left alone, and may go


def test_the_disk_is_asked_before(hub, folder, monkeypatch):
    usage = namedtuple("usage", "total used free")
    free = WHOLE + download_parts.RESERVE - 1
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**12, 0, free))
    with pytest.raises(ValueError, match=r"MB to download \+ 268 MB of reserve = .* MB: make room"):
        download("gpt2", folder)
    assert hub.gets() == []
    free += 1 + 2**16  # a piece on its way is not on the disk yet
    download("gpt2", folder)


def test_a_disk_that_others_fill_meanwhile_keeps_its_reserve(hub, folder, monkeypatch):
    usage = namedtuple("usage", "total used free")

    def disk(path: Path) -> usage:
        return usage(10**12, 0, 10**12 if partial_bytes(folder) < 100_000 else 2**20)

    monkeypatch.setattr(shutil, "disk_usage", disk)
    with pytest.raises(ValueError, match="make room"):
        download("gpt2", folder)
    assert 100_000 <= partial_bytes(folder) < WHOLE


def test_a_folder_that_lacks_a_file_is_completed_and_keeps_the_rest(hub, folder):
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(b"half of it")
    (folder / "notes.txt").write_text("mine")
    download("gpt2", folder)
    assert (folder / "notes.txt").read_text() == "mine"
    assert {name: (folder / name).read_bytes() for name in FILES} == FILES_OF_TINY


def test_two_processes_do_not_write_into_one_file(hub, folder):
    with (
        download_parts.only_one(part_of(folder)),
        pytest.raises(ValueError, match="another process is downloading it"),
    ):
        download("gpt2", folder)


def test_the_child_leaves_its_reason(folder, tmp_path):
    ended = run_child(folder, HF_HUB_OFFLINE="1")
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert "/openai-community/gpt2/resolve/main/model.safetensors" in ended.stderr
    told = read_progress(progress_file_of(folder))
    assert (told.phase, told.reason) == ("failed", "HF_HUB_OFFLINE is set on this server: it asks nobody")


def test_the_child_ends_without_a_trace_but_the_folder(hub, folder, tmp_path):
    ended = run_child(folder)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["gpt2"]
    assert {one.path.split("/")[1] for one in hub.asked} == {"openai-community", "cdn"}  # no telemetry


def test_importing_it_does_not_import_the_hub(tmp_path):
    said = "import sys, core.download; print([m for m in ('huggingface_hub', 'torch') if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", said], cwd=ROOT, capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_progress_is_throttled_and_whole(tmp_path, monkeypatch):
    log = ProgressFile(tmp_path / "p.json")
    now = iter((0.0, 0.1, 1.0, 2.0))
    monkeypatch.setattr("time.monotonic", lambda: next(now))
    log.write(Progress("downloading", 100, 1000))
    log.write(Progress("downloading", 150, 1000))
    assert read_progress(log.path).done == 100
    log.write(Progress("downloading", 300, 1000))
    told = read_progress(log.path)
    assert (told.done, told.speed, told.seconds_left) == (300, 200.0, 3.5)
    log.end("no network")
    assert read_progress(log.path) == Progress("failed", 300, 1000, "no network")
    log.path.write_text(json.dumps({"odd": 1}))
    assert read_progress(log.path) == Progress()


def test_sizes_are_what_the_files_hold():
    counts = {name: parameter_count(size.config) for name, size in SIZES.items()}
    assert counts == {
        "gpt2": 124_439_808,
        "gpt2-medium": 354_823_168,
        "gpt2-large": 774_030_080,
        "gpt2-xl": 1_557_611_200,
    }
    for name, size in SIZES.items():  # the masks that Hugging Face keeps in each layer, and names
        header = size.file_bytes - 4 * counts[name] - size.config.n_layers * 4 * 1024**2
        assert 0 < header < 1300 * size.config.n_layers
