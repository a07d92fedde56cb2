"""What is missing for a decoder is named, and how to have it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from types import ModuleType, SimpleNamespace

import pytest

from bench.environment import Machine
from bench.optimizations import image_decoder
from bench.optimizations.image_decoder import ImageDecoder
from bench.suite.model import Workload


@pytest.fixture(autouse=True)
def _looked_up_anew() -> Iterator[None]:
    image_decoder._library_missing.cache_clear()
    yield
    image_decoder._library_missing.cache_clear()


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (None, None),
        ("Unable to locate turbojpeg library automatically.", "needs libturbojpeg: apt install libturbojpeg0"),
        (
            "PyTurboJPEG 2.0 requires libjpeg-turbo 3.0 or later.",
            "needs libjpeg-turbo 3 for this PyTurboJPEG, and there is an older one: pip install 'PyTurboJPEG<2'",
        ),
    ],
)
def test_a_missing_library_is_told_from_an_old_one(
    monkeypatch: pytest.MonkeyPatch, error: str | None, reason: str | None
) -> None:
    def load() -> None:
        if error is not None:
            raise RuntimeError(error)

    module = ModuleType("turbojpeg")
    module.__spec__ = ModuleSpec("turbojpeg", None)
    vars(module)["TurboJPEG"] = load
    monkeypatch.setitem(sys.modules, "turbojpeg", module)
    assert ImageDecoder.unavailable("turbojpeg", Machine.here()) == reason


def test_a_missing_package_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_decoder, "find_spec", lambda name: None)
    reason = ImageDecoder.unavailable("turbojpeg", Machine.here())
    assert reason == "needs the extra turbojpeg: pip install 'yolo-train-bench[turbojpeg]'"


def test_decoding_on_the_gpu_refuses_workers_before_they_fork(tiny_workload: Workload) -> None:
    decoder = ImageDecoder(level="nvjpeg", workload=tiny_workload)
    decoder.prepare_loader(None, SimpleNamespace(num_workers=0), "train")
    with pytest.raises(RuntimeError, match=r"set workload\.settings\.workers to 0"):
        decoder.prepare_loader(None, SimpleNamespace(num_workers=2), "train")


def test_other_decoders_take_workers_as_they_come(tiny_workload: Workload) -> None:
    ImageDecoder(level="pillow", workload=tiny_workload).prepare_loader(None, SimpleNamespace(num_workers=2), "train")
