"""The library that turns JPEG files into pixels."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal

from bench.loading.buffer import MORE_THAN_KEPT, all_kept
from bench.loading.counting import Tally
from bench.optimizations.base import Card, Evidence, Optimization
from bench.suite.model import Level, Workload

if TYPE_CHECKING:
    from bench.environment import Machine

FUNCTIONS = {
    "opencv": ("cv2", "imdecode"),
    "pillow": ("PIL.Image", "open"),
    "torchvision": ("torchvision.io", "decode_jpeg"),
    "turbojpeg": ("turbojpeg", "TurboJPEG.decode"),
    "nvjpeg": ("torchvision.io", "decode_jpeg"),
}
"""Level to the module and the function of it that is called once for each picture."""


class ImageDecoder(Optimization):
    """What decodes JPEG files; pictures of other kinds stay with OpenCV."""

    name = "image_decoder"
    card = Card(
        summary="decodes JPEG files with this library; the pixels are those of OpenCV within the format's tolerance",
        acts_on=("data",),
        evidence="calls of the library's decoder for the pictures read, counted in the trial and in its workers",
        needs=f"{MORE_THAN_KEPT}; turbojpeg: the extra turbojpeg and libturbojpeg; nvjpeg: CUDA, and no loader workers",
        source="https://docs.pytorch.org/vision/stable/generated/torchvision.io.decode_jpeg.html, "
        "https://github.com/lilohuang/PyTurboJPEG",
    )
    level_type = Literal["opencv", "pillow", "torchvision", "turbojpeg", "nvjpeg"]
    usual_levels = ("opencv", "pillow", "torchvision", "turbojpeg", "nvjpeg")

    @classmethod
    def conflict(cls, levels: Mapping[str, Level]) -> str | None:
        """A GPU is not for forked processes, and pictures that are kept decoded need no decoder."""
        if levels["image_decoder"] == "opencv":
            return None
        if levels["image_decoder"] == "nvjpeg" and levels.get("loader_workers", 0) != 0:
            return "nvjpeg decodes in the training process: forked loader workers cannot use the GPU"
        if levels.get("image_cache", "none") != "none":
            return "image_cache keeps pictures decoded: once it is filled no decoder runs"
        if levels.get("dataset_format") == "memory_mapped":
            return "memory-mapped arrays hold pictures decoded: once they are written no decoder runs"
        return None

    @classmethod
    def unavailable(cls, level: Level, machine: Machine) -> str | None:
        """Name the device or the library that is missing."""
        if level == "nvjpeg":
            return None if machine.has_cuda else "needs CUDA"
        return _turbojpeg_missing() if level == "turbojpeg" else None

    @classmethod
    def idle(cls, levels: Mapping[str, Level], workload: Workload, machine: Machine) -> str | None:
        """Pictures that are kept need no decoder."""
        return None if levels["image_decoder"] == "opencv" else all_kept(levels, workload)

    def configure(self, settings: dict[str, Any]) -> None:
        """Replace the reader of Ultralytics' datasets, before whoever counts its calls does."""
        if self.level == "opencv":
            return
        import ultralytics.data.base as base

        from bench.loading import decoders

        decode: Callable[[decoders.Bytes], decoders.Picture]
        if self.level == "pillow":
            decode = decoders.decode_with_pillow
        elif self.level == "torchvision":
            decode = decoders.decode_with_torchvision
        elif self.level == "turbojpeg":
            decode = decoders.turbojpeg_decoder()
        else:
            decode = decoders.nvjpeg_decoder(settings["device"])
        base.imread = decoders.jpeg_reader(decode, base.imread)

    def prepare_loader(self, trainer: Any, loader: Any, mode: str) -> None:
        """Refuse to fork workers that would then fail at their first picture.

        Raises:
            RuntimeError: nvjpeg with loader workers.
        """
        if self.level == "nvjpeg" and loader.num_workers:
            raise RuntimeError("nvjpeg decodes in the training process: set workload.settings.workers to 0")

    def observe(self, trainer: Any) -> None:
        """Count pictures read by Ultralytics' datasets, and calls of the library's decoder meanwhile."""
        import numpy as np
        import ultralytics.data.base as base

        tally = self.observations["tally"] = Tally("read", "decoded")
        # A dataset format may give bytes of its own in place of a file's, and decoded pictures need none.
        np.fromfile = tally.noting(np.fromfile, "read")
        module, path = FUNCTIONS[str(self.level)]
        owner: Any = importlib.import_module(module)
        *parents, name = path.split(".")
        for parent in parents:
            owner = getattr(owner, parent)

        def by_this_library(*_: Any, device: Any = "cpu", **__: Any) -> bool:
            return str(device).startswith("cuda") == (self.level == "nvjpeg")

        setattr(owner, name, tally.noting(getattr(owner, name), "decoded", by_this_library))
        base.imread = tally.around(base.imread)

    def evidence(self, trainer: Any) -> Evidence:
        """Compare the calls with the pictures."""
        totals = self.observations["tally"].totals()
        read, decoded = totals["read"], totals["decoded"]
        return Evidence(
            in_force=decoded == read > 0,
            observed=f"{self.level} decoded {decoded} of {read} pictures",
            expected=f"{self.level} decodes every picture",
        )


def _turbojpeg_missing() -> str | None:
    """Return what is missing for PyTurboJPEG to decode, or None."""
    if find_spec("turbojpeg") is None:
        return "needs the extra turbojpeg: pip install 'yolo-train-bench[turbojpeg]'"
    return _library_missing()


@cache
def _library_missing() -> str | None:
    """Return what PyTurboJPEG, which is there, lacks to decode, or None."""
    import turbojpeg

    try:
        turbojpeg.TurboJPEG()
    except (RuntimeError, OSError) as error:
        if "3.0 or later" in str(error):
            return "needs libjpeg-turbo 3 for this PyTurboJPEG, and there is an older one: pip install 'PyTurboJPEG<2'"
        return "needs libturbojpeg: apt install libturbojpeg0"
    return None
