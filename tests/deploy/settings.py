"""What deploy/ says, read from its files."""

from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"


def open_settings() -> dict[str, str]:
    """The settings of an open deployment."""
    lines = (DEPLOY / "open.env").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def compose() -> dict:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))


def proxy_settings() -> dict[str, str]:
    """What the proxy is told in compose.yaml."""
    return compose()["services"]["proxy"]["environment"]


def manifests() -> list[dict]:
    return list(yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text(encoding="utf-8")))
