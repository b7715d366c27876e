"""Settings are read once, completely, and a wrong one stops the start by its name. deploy/env.example tells them all."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from dispatch.__main__ import main
from dispatch.settings import Settings, SettingsError, read_settings, with_secret

EXAMPLE = Path(__file__).parents[1] / "deploy" / "env.example"
FIELDS = {field.name: field for field in msgspec.structs.fields(Settings)}
SECRET = "s" * 32


def variable_of(field: str) -> str:
    """The environment variable that sets a field."""
    return f"DISPATCH_{field.upper()}"


def example() -> dict[str, tuple[str, str]]:
    """{variable: (value, the comment above it)} of env.example."""
    found: dict[str, tuple[str, str]] = {}
    comment: list[str] = []
    for line in EXAMPLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            comment.append(line.lstrip("# "))
        elif "=" in line:
            name, _, value = line.partition("=")
            assert name not in found, f"{name} stands twice in {EXAMPLE.name}"
            found[name] = (value, " ".join(comment))
        else:
            comment = []
    return found


@pytest.mark.parametrize("name", FIELDS)
def test_every_setting_says_what_it_is_for(name: str) -> None:
    annotation = FIELDS[name].type
    metas = [part for part in getattr(annotation, "__metadata__", ()) if isinstance(part, msgspec.Meta)]
    assert any(meta.description for meta in metas), f"Settings.{name} has no description"


@pytest.mark.parametrize("name", [name for name in FIELDS if re.search(r"_(hours|seconds|days|minutes)$", name)])
def test_a_span_of_time_names_its_unit_and_its_bounds(name: str) -> None:
    schema: dict[str, Any] = msgspec.json.schema(Settings)["$defs"]["Settings"]["properties"][name]
    assert name.rsplit("_", 1)[1] in schema["description"]
    assert {"minimum", "maximum"} <= set(schema)


def test_the_example_names_every_setting_and_no_other() -> None:
    assert set(example()) == {variable_of(name) for name in FIELDS}


def test_the_example_holds_the_defaults() -> None:
    assert read_settings({name: value for name, (value, _) in example().items()}) == Settings()


@pytest.mark.parametrize("name", FIELDS)
def test_the_example_explains_each_variable_in_chinese_and_in_english(name: str) -> None:
    _, comment = example()[variable_of(name)]
    assert re.search(r"[\u4e00-\u9fff]{4}", comment), f"{variable_of(name)} lacks its Chinese line"
    assert re.search(r"[A-Za-z]{3,} [A-Za-z]{2,}", comment), f"{variable_of(name)} lacks its English line"
    assert re.search(r"[\u4e00-\u9fff]", comment).start() < re.search(r"[A-Za-z]{3,} [A-Za-z]{2,}", comment).start()  # type: ignore[union-attr]


def test_nothing_set_gives_the_defaults() -> None:
    assert read_settings({}) == Settings()
    assert read_settings({"PATH": "/bin", "HOME": "/root"}) == Settings()


def test_text_becomes_the_type_of_its_setting() -> None:
    settings = read_settings({"DISPATCH_PORT": "9000", "DISPATCH_COALESCE": "false", "DISPATCH_LOG_LEVEL": "debug"})
    assert (settings.port, settings.coalesce, settings.log_level) == (9000, False, "debug")


def test_a_setting_under_its_former_name_is_still_understood() -> None:
    settings = read_settings({"DISPATCH_FOLDING": "false", "DISPATCH_FOLDING_RECORDS": "50"})
    assert (settings.coalesce, settings.coalesce_records) == (False, 50)


def test_the_command_line_wins_over_the_environment_where_it_says_something() -> None:
    settings = read_settings({"DISPATCH_PORT": "9000", "DISPATCH_HOST": "0.0.0.0"}, port=9100, host=None)
    assert (settings.port, settings.host) == (9100, "0.0.0.0")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DISPATCH_PORT", "0"),
        ("DISPATCH_PORT", "65536"),
        ("DISPATCH_PORT", "http"),
        ("DISPATCH_POOL_SIZE", "1"),
        ("DISPATCH_CLAIM_LEASE_HOURS", "0"),
        ("DISPATCH_SESSION_HOURS", "twelve"),
        ("DISPATCH_COALESCE", "perhaps"),
        ("DISPATCH_LOG_LEVEL", "loud"),
        ("DISPATCH_REFUSED_RETRY_SECONDS", "-1"),
        ("DISPATCH_SECRET", "short"),
    ],
)
def test_a_wrong_value_stops_the_start_and_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=rf"\b{name}\b"):
        read_settings({name: value})


def test_a_command_stops_at_a_wrong_setting_before_it_does_anything(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DISPATCH_PORT", "0")
    with pytest.raises(SystemExit, match=r"^dispatch: DISPATCH_PORT: "):
        main(["migrate"])
    assert list(tmp_path.iterdir()) == []


def test_every_wrong_value_is_named_at_once() -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings({"DISPATCH_PORT": "0", "DISPATCH_POOL_SIZE": "1"})
    assert "DISPATCH_PORT" in str(refused.value)
    assert "DISPATCH_POOL_SIZE" in str(refused.value)


def test_unknown_variables_of_ours_are_refused_by_name() -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings({"DISPATCH_PROT": "8000", "DISPATCH_CLAIM_LEASE": "4", "DISPATCH_PORT": "8000"})
    assert "DISPATCH_CLAIM_LEASE, DISPATCH_PROT" in str(refused.value)
    assert "DISPATCH_PORT" not in str(refused.value)


def test_where_reference_data_lies_is_no_setting_of_the_product() -> None:
    assert read_settings({"DISPATCH_SHARED": "/somewhere"}) == Settings()


def test_a_database_of_the_operators_needs_a_secret_all_processes_share() -> None:
    with pytest.raises(SettingsError, match="DISPATCH_SECRET"):
        read_settings({"DISPATCH_DATABASE_URL": "postgresql://db/dispatch"})
    shared = read_settings({"DISPATCH_DATABASE_URL": "postgresql://db/dispatch", "DISPATCH_SECRET": SECRET})
    assert with_secret(shared) == shared


def test_a_secret_never_stands_in_a_refusal() -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings({"DISPATCH_SECRET": "hunter2", "DISPATCH_PORT": "0"})
    assert "hunter2" not in str(refused.value)


def test_the_secret_made_on_the_first_start_stays_and_is_the_owners_to_read(tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path / "deep" / "folder"))
    first = with_secret(settings)
    assert len(first.secret) >= 32
    assert with_secret(settings).secret == first.secret
    assert (tmp_path / "deep" / "folder" / "secret").stat().st_mode & 0o077 == 0


def test_a_database_that_is_away_is_said_in_a_line_without_the_password() -> None:
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("DISPATCH_")},
        "DISPATCH_DATABASE_URL": "postgresql://somebody:hidden-word@127.0.0.1:1/nothing",
        "DISPATCH_SECRET": "s" * 40,
    }
    command = [sys.executable, "-m", "dispatch", "migrate"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("dispatch: ConnectionRefusedError")
    assert "Traceback" not in done.stderr
    assert "hidden-word" not in done.stderr
