"""Which library each level of the axis stands for, and what shows that it was called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.augmentation.recipe import BASIC, FULL, Recipe

if TYPE_CHECKING:
    from bench.augmentation.picture import Augmenter, AugmentPicture


@dataclass(frozen=True)
class Library:
    """A library at one level.

    Attributes:
        module: name of the Python module.
        extra: the extra of this package that installs it, or None where Ultralytics brings it.
        recipe: what it does to a picture.
        on_batch: whether it changes whole batches after loading, not pictures while loading.
    """

    module: str
    extra: str | None
    recipe: Recipe
    on_batch: bool = False


LIBRARIES = {
    "albumentations": Library("albumentations", "albumentations", BASIC),
    "albumentations-full": Library("albumentations", "albumentations", FULL),
    "imgaug": Library("imgaug", "imgaug", BASIC),
    "imgaug-full": Library("imgaug", "imgaug", FULL),
    "torchvision-v2": Library("torchvision", None, BASIC),
    "kornia-on-batch": Library("kornia", "kornia", BASIC, on_batch=True),
}
"""Level to library; the levels that are not here are Ultralytics' own augmentation and none."""


def picture_step(library: Library) -> AugmentPicture:
    """Return the step that changes pictures while they are loaded.

    Raises:
        KeyError: the library changes batches.
    """
    from bench.augmentation.picture import AugmentPicture
    from bench.augmentation.with_albumentations import WithAlbumentations
    from bench.augmentation.with_imgaug import WithImgaug
    from bench.augmentation.with_torchvision import WithTorchvision

    makers: dict[str, Callable[[Recipe, int, int], Augmenter]] = {
        "albumentations": WithAlbumentations,
        "imgaug": WithImgaug,
        "torchvision": WithTorchvision,
    }
    make = makers[library.module]
    return AugmentPicture(lambda height, width: make(library.recipe, height, width))


def watch_calls(library: Library, watch: Callable[..., Any]) -> None:
    """Replace the method through which a library's composed transforms are called by ``watch`` of it.

    Args:
        library: an installed one.
        watch: takes the method and returns what stands in for it.
    """
    from bench.augmentation.with_imgaug import imgaug_augmenters

    if library.module == "albumentations":
        import albumentations

        albumentations.Compose.__call__ = watch(albumentations.Compose.__call__)
    elif library.module == "imgaug":
        sequential = imgaug_augmenters().Sequential
        sequential.__call__ = watch(sequential.__call__)
    elif library.module == "torchvision":
        from torchvision.transforms import v2

        v2.Compose.forward = watch(v2.Compose.forward)
    else:
        import kornia.augmentation

        sequential = kornia.augmentation.AugmentationSequential
        sequential.forward = watch(sequential.forward)
