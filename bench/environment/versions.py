"""Versions of what takes part in training, read without importing any of it."""

from __future__ import annotations

import platform
import re
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path

import bench

OPENCV_DISTRIBUTIONS = (
    "opencv-python",
    "opencv-python-headless",
    "opencv-contrib-python",
    "opencv-contrib-python-headless",
)


@dataclass(frozen=True)
class Versions:
    """Versions by package; None = not installed.

    Attributes:
        bench: this package.
        python: the interpreter.
        torch: PyTorch, with its local part when it has one (``2.15.0+cpu``).
        torch_cuda: the CUDA toolkit that torch was built with; None = built without CUDA, or no torch.
        torchvision: torchvision.
        ultralytics: Ultralytics.
        numpy: NumPy.
        opencv: whichever distribution of OpenCV is installed.
    """

    bench: str
    python: str
    torch: str | None
    torch_cuda: str | None
    torchvision: str | None
    ultralytics: str | None
    numpy: str | None
    opencv: str | None


def installed_versions() -> Versions:
    """Return the versions in this interpreter's environment."""
    return Versions(
        bench=bench.__version__,
        python=platform.python_version(),
        torch=installed_version("torch"),
        torch_cuda=torch_cuda_version(),
        torchvision=installed_version("torchvision"),
        ultralytics=installed_version("ultralytics"),
        numpy=installed_version("numpy"),
        opencv=installed_version(*OPENCV_DISTRIBUTIONS),
    )


def installed_version(*names: str) -> str | None:
    """Return the version of the first of the distributions ``names`` that is installed, or None."""
    for name in names:
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    return None


def torch_cuda_version() -> str | None:
    """Return the CUDA version that the installed torch was built with, or None when it was built without."""
    try:
        file = Path(str(distribution("torch").locate_file("torch/version.py")))
        return parse_torch_cuda(file.read_text(encoding="utf-8"))
    except (PackageNotFoundError, OSError):
        return None


def parse_torch_cuda(source: str) -> str | None:
    """Return the CUDA version named in the text of ``torch/version.py``, or None when it names none."""
    match = re.search(r"""^cuda\b[^=\n]*=\s*['"](?P<version>[^'"]+)['"]""", source, re.MULTILINE)
    return match["version"] if match else None
