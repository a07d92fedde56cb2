"""The library and the filter that bring a picture to the network's size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from bench.loading.buffer import MORE_THAN_KEPT, all_kept
from bench.loading.counting import Tally
from bench.optimizations.base import Card, Evidence, Optimization
from bench.suite.model import Level, ShapesData, Workload

if TYPE_CHECKING:
    from bench.environment import Machine


class ImageResize(Optimization):
    """What resizes a picture after it is decoded, before anything is done to it."""

    name = "image_resize"
    card = Card(
        summary="resizes decoded pictures with this library and filter; all but opencv-linear smooth as they shrink",
        acts_on=("data",),
        evidence="calls of the library's function for the pictures resized, and pictures of the right size, counted",
        needs=f"{MORE_THAN_KEPT}, of another size than the network's input",
        source="https://docs.opencv.org/4.x/da/d54/group__imgproc__transform.html, "
        "https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.resize.html",
    )
    level_type = Literal["opencv-linear", "opencv-area", "pillow", "torchvision-antialias"]
    usual_levels = ("opencv-linear", "opencv-area", "pillow", "torchvision-antialias")

    @classmethod
    def idle(cls, levels: Mapping[str, Level], workload: Workload, machine: Machine) -> str | None:
        """Pictures that were drawn in the network's size need no resizing, nor do those that are kept resized."""
        if levels["image_resize"] == "opencv-linear":
            return None
        drawn_to_size = isinstance(workload.data, ShapesData) and workload.data.size == workload.image_size
        if not drawn_to_size or "image_size" in levels:
            return all_kept(levels, workload)
        return "pictures of the network's size need no resizing: let workload.data.size and image_size differ"

    def configure(self, settings: dict[str, Any]) -> None:
        """Give the module of Ultralytics' datasets another ``cv2.resize``; no other module sees it."""
        if self.level == "opencv-linear":
            return
        import cv2
        import ultralytics.data.base as base

        from bench.loading import resizers

        resize = {
            "opencv-area": resizers.resize_with_opencv_area,
            "pillow": resizers.resize_with_pillow,
            "torchvision-antialias": resizers.resize_with_torchvision,
        }[str(self.level)]
        base.cv2 = resizers.ModuleWithResize(cv2, resize)

    def observe(self, trainer: Any) -> None:
        """Count pictures that Ultralytics' datasets resize, and calls of the library's function meanwhile."""
        import cv2
        import numpy as np
        import PIL.Image
        import torchvision.transforms.v2.functional as functional
        import ultralytics.data.base as base

        tally = self.observations["tally"] = Tally("resized", "called", "fitting")
        owner: Any = base.BaseDataset
        image: Any = PIL.Image.Image
        load_image = owner.load_image

        def observed_load(dataset: Any, index: int, *args: Any, **kwargs: Any) -> Any:
            kept = dataset.ims[index] is not None
            picture, original, size = load_image(dataset, index, *args, **kwargs)
            if not kept and original != size:
                tally.note("resized")
                if max(size) == np.max(dataset.imgsz):
                    tally.note("fitting")
            return picture, original, size

        owner.load_image = tally.around(observed_load)
        if self.level == "pillow":
            image.resize = tally.noting(image.resize, "called")
        elif self.level == "torchvision-antialias":
            functional.resize = tally.noting(functional.resize, "called")
        else:
            wanted = cv2.INTER_AREA if self.level == "opencv-area" else cv2.INTER_LINEAR

            def with_this_filter(*_: Any, interpolation: int = cv2.INTER_LINEAR, **__: Any) -> bool:
                return interpolation == wanted

            cv2.resize = tally.noting(cv2.resize, "called", with_this_filter)

    def evidence(self, trainer: Any) -> Evidence:
        """Compare the calls, and the pictures of the network's size that came out, with the pictures resized."""
        totals = self.observations["tally"].totals()
        resized, called, fitting = totals["resized"], totals["called"], totals["fitting"]
        # Where no picture needs it, Ultralytics' own way is as good as in force and the others are not.
        needed = resized > 0 or self.level == "opencv-linear"
        return Evidence(
            in_force=called == fitting == resized and needed,
            observed=f"{self.level} resized {called} of {resized} pictures, {fitting} came out as large as the input",
            expected=f"{self.level} resizes every picture that is not as large as the network's input",
        )
