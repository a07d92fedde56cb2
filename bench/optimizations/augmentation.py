"""The library that changes pictures at random, and moves their boxes with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from bench.optimizations.base import Card, Evidence, Optimization
from bench.suite.model import Level

if TYPE_CHECKING:
    from bench.augmentation.libraries import Library
    from bench.environment import Machine


class Augmentation(Optimization):
    """Ultralytics' augmentation, one recipe in several libraries, or none."""

    name = "augmentation"
    card = Card(
        summary="changes pictures by Ultralytics' own transforms (mosaic included); or by one recipe (random crop, "
        "flips, 90-degree turns, colour jitter) in albumentations, imgaug or torchvision v2, in kornia on the batch "
        "where it lies, with -full also perspective, elastic, blur; or not at all",
        acts_on=("data", "compute"),
        evidence="calls of Ultralytics' transforms and of the library's, counted in trial and workers; boxes of the "
        "last batches against those of the plain pictures",
        needs="the extra of the library's name: albumentations, imgaug or kornia; square pictures",
        cost="importing the library",
        source="https://albumentations.ai/docs/, https://imgaug.readthedocs.io, "
        "https://docs.pytorch.org/vision/stable/transforms.html, "
        "https://kornia.readthedocs.io/en/latest/augmentation.html",
    )
    level_type = Literal[
        "ultralytics",
        "albumentations",
        "albumentations-full",
        "imgaug",
        "imgaug-full",
        "torchvision-v2",
        "kornia-on-batch",
        "none",
    ]
    usual_levels = (
        "ultralytics",
        "albumentations",
        "albumentations-full",
        "imgaug",
        "imgaug-full",
        "torchvision-v2",
        "kornia-on-batch",
        "none",
    )
    seen_by_fixed_batches = False

    @classmethod
    def conflict(cls, levels: Mapping[str, Level]) -> str | None:
        """Turned rectangles fit no batch; kornia's colours need pixels from 0 to 1."""
        level = levels["augmentation"]
        if level not in ("ultralytics", "none") and levels.get("rect") == "on":
            return "turned by 90 degrees, a rectangle no longer has its batch's shape"
        if level == "kornia-on-batch" and str(levels.get("normalization")).startswith("standardize"):
            return "kornia changes colours from 0 to 1, not standardised ones"
        return None

    @classmethod
    def unavailable(cls, level: Level, machine: Machine) -> str | None:
        """Some libraries are extras."""
        from importlib.util import find_spec

        library = _library(level)
        if library is None or library.extra is None or find_spec(library.module) is not None:
            return None
        return f"needs the extra {library.extra}: pip install 'yolo-train-bench[{library.extra}]'"

    def prepare_dataset(self, trainer: Any, dataset: Any, mode: str) -> None:
        """Put the library in the place of Ultralytics' transforms of training pictures."""
        if mode != "train" or self.level == "ultralytics":
            return
        from bench.augmentation.libraries import picture_step
        from bench.augmentation.pipeline import augment_only_with

        library = _library(self.level)
        step = None if library is None or library.on_batch else picture_step(library)
        augment_only_with(step, dataset, trainer.args)

    def prepare_training(self, trainer: Any) -> None:
        """Change batches once they are preprocessed, before anything lays them out anew."""
        library = _library(self.level)
        if library is None or not library.on_batch:
            return
        from bench.augmentation.with_kornia import AugmentBatch
        from bench.probes.phases import Phase

        augment, preprocess = AugmentBatch(library.recipe), trainer.preprocess_batch

        def augmented_preprocess(batch: dict[str, Any]) -> dict[str, Any]:
            batch = preprocess(batch)
            # Measurements that ask for plain pictures switch the data set's augmentation off meanwhile.
            if not trainer.train_loader.dataset.augment:
                return batch
            with trainer.phases.inside(Phase.PREPROCESS):
                # The same object: the trainer shows it to whoever watches the loss.
                batch.update(augment(batch))
            return batch

        trainer.preprocess_batch = augmented_preprocess

    def observe(self, trainer: Any) -> None:
        """Count calls of Ultralytics' transforms and of the library's, and keep the boxes of the last batches."""
        from ultralytics.data.augment import RandomHSV

        from bench.augmentation.libraries import watch_calls
        from bench.augmentation.moved import BatchesSeen
        from bench.loading.counting import SharedCount, counted

        own, called = SharedCount(), SharedCount()
        self.observations.update(own=own, called=called, seen=BatchesSeen(trainer))
        # One of the transforms that Ultralytics applies to every training picture, whatever its settings.
        RandomHSV.__call__ = counted(RandomHSV.__call__, own)
        library = _library(self.level)
        if library is not None:
            # Ultralytics itself composes no transforms of albumentations where it is told to use none.
            watch_calls(library, lambda method: counted(method, called, _composes_something))

    def evidence(self, trainer: Any) -> Evidence:
        """Compare who was called, and whether boxes moved, with what the level asks for."""
        own, called = self.observations["own"].value, self.observations["called"].value
        dataset = trainer.train_loader.dataset
        boxes = self.observations["seen"].moved({label["im_file"]: label for label in dataset.labels})
        library = _library(self.level)
        if library is not None:
            in_force = called > 0 == own and (boxes.moved > 0 or boxes.pictures == 0)
            expected = f"{library.module} alone, boxes moved"
        elif self.level == "none":
            in_force, expected = own == boxes.moved == 0, "neither, no boxes moved"
        else:
            in_force, expected = own > 0, "Ultralytics' transforms"
        return Evidence(
            in_force=in_force,
            observed=f"Ultralytics' transforms applied to {own} pictures, "
            + (f"{library.module} called {called} times, " if library else "")
            + f"boxes moved in {boxes.moved} of the last {boxes.pictures} pictures that have any",
            expected=expected,
        )


def _library(level: Level) -> Library | None:
    """Return the library that a level stands for, or None for Ultralytics' own augmentation and for none."""
    from bench.augmentation.libraries import LIBRARIES

    return LIBRARIES.get(str(level))


def _composes_something(composition: Any, *_: Any, **__: Any) -> bool:
    """Return whether a library's composition holds any transform."""
    transforms = getattr(composition, "transforms", None)
    return transforms is None or len(transforms) > 0
