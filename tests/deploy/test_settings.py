"""Every setting that is written down does something, and every one that does something is written down."""

import json
import os
import re
import subprocess
import sys
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest
from streamlit import config

from runs import open_store
from runs.settings import DOCUMENTS, Settings, variable, with_table
from runs.summon import summoned
from tests.deploy.settings import DEPLOY, ROOT, open_settings

ROOMS = ("core", "runs", "views", "pages")
COLOUR = r"\x1b\[[0-9;]*m"
HIDDEN = "STREAMLIT_SERVER_MAX_WIDGET_STATE_SIZE"  # Streamlit does not list it: test_proxy.py sends too much
NAME = r"\bGLASSBOX_[A-Z_]+[A-Z]\b"
TOLD = [ROOT / "README.md", *sorted(path for path in DEPLOY.iterdir() if path.is_file())]
ASK = """
import json
from huggingface_hub.constants import HF_HUB_OFFLINE
from dataclasses import fields
from runs import presets
from runs.budget import check_budget
from runs.prepare import check_recipe
from runs.settings import Settings, settings, variable

recipes = {f"{name}, {label}": recipe for name, experiment in presets.EXPERIMENTS.items()
           for label, recipe in experiment.recipes.items()}
recipes |= {name: recipe for name, recipe in presets.PRESETS.items() if name == "default"}
for recipe in recipes.values():
    check_recipe(recipe)
for name in ("instructions", "instructions_lora"):
    recipe = presets.PRESETS[name]
    check_budget(recipe.model, recipe.train, recipe.batch_size)

felt = {variable(one): getattr(settings(), one.name) for one in fields(Settings)}
print(json.dumps(felt | {"HF_HUB_OFFLINE": int(HF_HUB_OFFLINE)}, default=str))
"""


def test_every_setting_that_a_document_names_exists():
    named = {name for path in TOLD for name in re.findall(NAME, path.read_text(encoding="utf-8"))}
    assert named - {variable(one) for one in fields(Settings)} == set()


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_both_readmes_have_the_table_of_all_settings(path: Path):
    document = path.read_text(encoding="utf-8")
    assert document == with_table(document), "run `make settings`"


def test_environment_variables_of_the_project_are_read_in_one_place():
    """Whoever hands a whole environment to a child process may do so."""
    read = re.compile(r"""(environ(\.get)?|getenv)\s*[\[(]\s*f?["']GLASSBOX_""")
    files = [ROOT / "app.py", *(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))]
    assert read.search('os.environ.get("GLASSBOX_HOME")')
    assert read.search("os.environ['GLASSBOX_HOME']")
    assert {path.name for path in files if read.search(path.read_text(encoding="utf-8"))} == set()


def test_the_sizes_of_a_deployment_are_measured_ones():
    """A figure that bench/RESULTS.md does not have is a guess."""
    table = (
        (DEPLOY / "README.md").read_text(encoding="utf-8").split("<!-- sizing")[1].split("<!-- /sizing")[0]
    )
    measured = [
        re.findall(r"[\d.]+", line)
        for line in (ROOT / "bench/RESULTS.md").read_text(encoding="utf-8").splitlines()
    ]
    sizes = [re.findall(r"[\d.]+", line) for line in table.splitlines() if re.match(r"\| \d", line)]
    assert len(sizes) >= 3
    for people, _, core, memory, alone, beside in sizes:
        assert any(row[:2] == [people, "0"] and {core, memory, alone} <= set(row) for row in measured)
        assert any(row[:2] == [people, "1"] and beside in row for row in measured)


def test_no_copy_starts_a_dispatcher_where_there_is_one_elsewhere(tmp_path, monkeypatch):
    monkeypatch.setenv("GLASSBOX_DISPATCHER", "elsewhere")
    store = open_store(tmp_path)
    assert store.runs("ada") == []
    assert tmp_path not in summoned
    assert not store.home.dispatcher_log.exists()


@pytest.fixture(scope="module")
def felt() -> dict[str, object]:
    """What a process makes of open.env. It also refuses to go on if an offered recipe is too large."""
    shown = re.sub(COLOUR, "", said("-m", "streamlit", "config", "show"))
    settings = tomllib.loads(shown[shown.index("\n[") :])
    options = config.get_config_options().items()
    told = {option.env_var: find(settings, name) for name, option in options}
    return told | json.loads(said("-c", ASK))


def said(*command: str) -> str:
    """What a Python with these settings prints."""
    asked = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=os.environ | open_settings(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert asked.returncode == 0, asked.stderr
    return asked.stdout


def find(settings: dict, name: str) -> object:
    """An option that was set; those that were not are comments."""
    section, _, option = name.rpartition(".")
    return settings.get(section, {}).get(option)


@pytest.mark.parametrize("name", sorted(open_settings().keys() - {HIDDEN}))
def test_every_setting_of_an_open_deployment_is_felt(name: str, felt: dict[str, object]):
    value = open_settings()[name]
    if name == "GLASSBOX_HOSTS":
        assert felt[name] == value.split(",")
    else:
        assert felt[name] == (True if value == "true" else float(value))


def test_every_setting_of_an_open_deployment_has_a_comment():
    blocks = (DEPLOY / "open.env").read_text(encoding="utf-8").strip().split("\n\n")
    assert all(block.startswith("# ") for block in blocks)
    assert sum(len(re.findall(r"^[A-Z_]+=", block, re.MULTILINE)) for block in blocks) == len(open_settings())


def test_what_an_open_deployment_may_send_is_less_than_at_home():
    small = {"MAX_UPLOAD_SIZE": 200, "MAX_WIDGET_STATE_SIZE": 25, "MAX_MESSAGE_SIZE": 200}
    for name, at_home in small.items():
        assert int(open_settings()[f"STREAMLIT_SERVER_{name}"]) < at_home
    assert config.get_config_options()["server.maxWidgetStateSize"].default_val == 25
