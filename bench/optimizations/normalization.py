"""How pixels become the network's numbers, and which process computes that."""

from __future__ import annotations

from typing import Any, Literal

from bench.optimizations.base import Card, Evidence, Optimization


class Normalization(Optimization):
    """Pixels scaled to 0..1 or standardised, on the training device or by the loader."""

    name = "normalization"
    card = Card(
        summary="scales pixels to 0..1, or also takes ImageNet's mean off and divides by its deviation; "
        "on the device after loading, or in the loader's workers, which then pass on 4 bytes a value instead of 1",
        acts_on=("data", "compute"),
        evidence="number format of the loader's pictures; least and greatest value that the network gets, in training "
        "and validation",
        needs="standardised: pixels standardised wherever the trained model is used",
        source="https://docs.pytorch.org/vision/stable/models.html",
    )
    level_type = Literal["scale_on_device", "standardize_on_device", "scale_in_worker", "standardize_in_worker"]
    usual_levels = ("scale_on_device", "standardize_on_device", "scale_in_worker", "standardize_in_worker")

    @property
    def _in_worker(self) -> bool:
        return str(self.level).endswith("in_worker")

    @property
    def _standardized(self) -> bool:
        return str(self.level).startswith("standardize")

    def prepare_trainer(self, trainer: Any) -> None:
        """Change the preprocessing of training and of validation alike."""
        from ultralytics.models.yolo.detect import DetectionTrainer, DetectionValidator

        from bench.loading.normalizing import standardizing, without_scaling

        if self.level == "scale_on_device":
            return
        change = without_scaling if self._in_worker else standardizing
        DetectionTrainer.preprocess_batch = change(DetectionTrainer.preprocess_batch)
        DetectionValidator.preprocess = change(DetectionValidator.preprocess)

    def prepare_dataset(self, trainer: Any, dataset: Any, mode: str) -> None:
        """Normalize where samples become a batch, which is what the loader's workers do last."""
        if not self._in_worker:
            return
        from bench.loading.normalizing import normalizing_collate, scale, standardize

        dataset.collate_fn = normalizing_collate(
            dataset.collate_fn, (lambda images: standardize(scale(images))) if self._standardized else scale
        )

    def observe(self, trainer: Any) -> None:
        """Note the loader's number format, and the range of the first batch the network gets in either mode."""
        from ultralytics.models.yolo.detect import DetectionValidator

        preprocess, update_metrics = trainer.preprocess_batch, DetectionValidator.update_metrics

        def note(mode: str, images: Any) -> None:
            if mode not in self.observations:
                self.observations[mode] = (float(images.min()), float(images.max()))

        def observed_preprocess(batch: dict[str, Any]) -> dict[str, Any]:
            self.observations["loaded"] = str(batch["img"].dtype).removeprefix("torch.")
            return preprocess(batch)  # type: ignore[no-any-return]

        def observed_update(validator: Any, predictions: Any, batch: dict[str, Any]) -> None:
            note("validation", batch["img"])
            update_metrics(validator, predictions, batch)

        trainer.preprocess_batch = observed_preprocess
        DetectionValidator.update_metrics = observed_update
        trainer.add_callback(
            "on_train_start",
            lambda trainer: trainer.loss_watchers.append(lambda _, batch: note("training", batch["img"])),
        )

    def evidence(self, trainer: Any) -> Evidence:
        """Compare where it was done and the ranges with those of the level."""
        loaded = self.observations["loaded"]
        ranges = {mode: self.observations[mode] for mode in ("training", "validation") if mode in self.observations}
        in_force = loaded == ("float32" if self._in_worker else "uint8")
        for least, greatest in ranges.values():
            in_force &= least < 0 < greatest if self._standardized else 0 <= least < greatest <= 1
        return Evidence(
            in_force=in_force and "training" in ranges,
            observed=f"the loader gave {loaded}, "
            + ", ".join(f"{mode} saw {least:.2f} to {greatest:.2f}" for mode, (least, greatest) in ranges.items()),
            expected=f"{'float32' if self._in_worker else 'uint8'} from the loader, "
            + ("values below and above 0" if self._standardized else "values from 0 to 1"),
        )
