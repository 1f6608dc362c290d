"""Settings: defaults, units, and one sentence for a value that cannot be used."""

import os
from dataclasses import fields
from pathlib import Path

import pytest

from runs import errors, setting_kinds
from runs.settings import Settings, settings, variable


def read(**environ: str) -> Settings:
    return Settings.from_environment({f"GLASSBOX_{name.upper()}": text for name, text in environ.items()})


def test_without_variables_all_is_as_the_table_says() -> None:
    found = Settings.from_environment({})
    assert (found.strangers, found.launcher, found.dispatcher, found.home) == (False, "local", "here", None)
    assert found.slots == max(1, os.cpu_count() - 1)
    assert 0 < found.model_bytes <= 4 * 2**30
    assert all(one.metadata["meaning"] and one.metadata["unit"] for one in fields(Settings))


def test_values_are_typed() -> None:
    found = read(strangers="yes", disk_bytes="4e9", dispatcher_idle="inf", home="~/x", slots=" 3 ")
    assert found == Settings(
        strangers=True,
        disk_bytes=4_000_000_000,
        dispatcher_idle=float("inf"),
        home=Path.home() / "x",
        slots=3,
    )
    assert isinstance(found.disk_bytes, int)


def test_an_empty_variable_counts_as_absent() -> None:
    assert read(**{one.name: " " for one in fields(Settings)}) == Settings()


@pytest.mark.parametrize(
    ("name", "given", "allowed"),
    [
        ("slots", "many", "a whole number of at least 1"),
        ("slots", "0", "a whole number of at least 1"),
        ("slots", "1.5", "a whole number of at least 1"),
        ("disk_bytes", "4 GB", "a whole number of at least 1"),
        ("model_bytes", "inf", "a whole number of at least 1"),
        ("training_flops", "nan", "a number of at least 1"),
        ("run_seconds", "-1", "a number of at least 1"),
        ("strangers", "perhaps", "0 or 1"),
        ("launcher", "abacus", "one of local, slurm, dask"),
        ("slurm_minutes", "2", "a whole number of at least 3"),
    ],
)
def test_a_value_that_cannot_be_used_gets_one_sentence(name: str, given: str, allowed: str) -> None:
    with pytest.raises(errors.SettingsError) as refused:
        read(**{name: given})
    said = f"GLASSBOX_{name.upper()} is {given!r}: set it to {allowed}, or remove it, which means "
    assert str(refused.value).startswith(said)


def test_a_secret_is_shown_nowhere() -> None:
    kept = setting_kinds.secret("opens something", "a new one at each start")
    assert not kept.repr
    with pytest.raises(ValueError, match=r"^$"):
        kept.metadata["read"]("hunter2")
    assert kept.metadata["read"]("0123456789abcdef") == "0123456789abcdef"


def test_texts_with_commas_between_them() -> None:
    hosts = setting_kinds.several("addresses", "where judges may be")
    assert hosts.metadata["read"](" http://a:1 ,, http://b ") == ("http://a:1", "http://b")


def test_settings_are_read_once_and_anew_after_a_test_has_set_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings() is settings()
    monkeypatch.setenv("GLASSBOX_SLOTS", "7")
    assert settings().slots == 7
    monkeypatch.delenv("GLASSBOX_SLOTS")
    assert settings().slots != 7 or os.cpu_count() == 8
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GLASSBOX_SLOTS", "7")
        assert settings().slots == 7
    assert settings().slots == Settings.from_environment(os.environ).slots


def test_no_setting_has_a_name_that_kubernetes_sets() -> None:
    """For a service named glassbox it sets GLASSBOX_PORT, GLASSBOX_SERVICE_HOST and the like."""
    assert not [
        one
        for one in map(variable, fields(Settings))
        if one.startswith(("GLASSBOX_PORT", "GLASSBOX_SERVICE"))
    ]
