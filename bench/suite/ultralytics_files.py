"""What the installed Ultralytics package holds, read as files.

Importing the package instead would cost seconds and import torch.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from bench.errors import BenchError
from bench.suite.yaml_lines import read_yaml

SCALES = "nsmlx"
EXTRA_SETTINGS = ("augmentations",)
"""Settings that Ultralytics takes though its defaults do not list them."""


def package_folder() -> Path:
    """Return where the Ultralytics package is installed.

    Raises:
        BenchError: it is not.
    """
    spec = find_spec("ultralytics")
    if spec is None or not spec.submodule_search_locations:
        raise BenchError("the package ultralytics is not installed")
    return Path(spec.submodule_search_locations[0])


@cache
def model_files() -> frozenset[str]:
    """Return the file names of the model YAMLs that Ultralytics brings."""
    return frozenset(file.name for file in (package_folder() / "cfg" / "models").rglob("*.yaml"))


def is_model_name(name: str) -> bool:
    """Return whether Ultralytics finds a model by this name; ``yolo26n`` is ``yolo26`` at scale n."""
    # The same substitution as ultralytics.nn.tasks.yaml_model_load.
    unscaled = re.sub(r"(\d+)([nslmx])(.+)?$", r"\1\3", name)
    return name in model_files() or unscaled in model_files()


def model_names() -> list[str]:
    """Return the names a user may give; scaled models have one for each scale too."""
    names = set(model_files())
    for file in model_files():
        scaled = re.match(r"(yolo(?:e-)?v?\d+)(-.+)?\.yaml$", file)
        if scaled:
            names |= {f"{scaled[1]}{scale}{scaled[2] or ''}.yaml" for scale in SCALES}
    return sorted(names)


@cache
def setting_names() -> tuple[str, ...]:
    """Return the names of Ultralytics' settings, in the order of its defaults."""
    file = package_folder() / "cfg" / "default.yaml"
    defaults = read_yaml(file.read_text(encoding="utf-8"), file).plain()
    assert isinstance(defaults, dict)
    return (*defaults, *EXTRA_SETTINGS)
