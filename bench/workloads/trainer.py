"""Ultralytics' detection trainer with probes on it; its loop and its numbers stay untouched.

Imports torch and Ultralytics, so only the trial's own process may import this module.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from typing import TYPE_CHECKING, Any

import torch
import ultralytics.engine.trainer
from ultralytics.data.base import BaseDataset
from ultralytics.models.yolo.detect import DetectionTrainer
from ultralytics.utils.torch_utils import unwrap_model

from bench.after.deployment import Deployment
from bench.optimizations.base import Optimization
from bench.probes.books import bytes_in_use
from bench.probes.learning_curve import LearningCurve
from bench.probes.phases import Phase, PhaseLedger
from bench.probes.turns import Turns
from bench.workloads.proxies import InFlight, TimedCriterion, TimedScaler

if TYPE_CHECKING:
    from bench.after.runtimes import Deployed


class LossNotFiniteError(RuntimeError):
    """The training loss became infinite or not a number."""


class OutOfMemoryError(RuntimeError):
    """A step did not fit; Ultralytics would have gone on with half the batch."""


class ProbedTrainer(DetectionTrainer):
    """Times every phase of training and lets optimizations act at their moments.

    A mixin too: ``probed`` puts it above a user's own trainer, whose methods ``super()`` then reaches first.

    Attributes:
        phases: the ledger that open windows are kept in.
        turns: the time that bursts are timed in.
        optimizations: the optimizations of this trial, in order of application.
        setup: seconds of each one-off part before the first epoch.
        loss_watchers: called with predictions and batch before each loss is computed.
        bytes_before: memory that this process used before anything of its training was built, in bytes.
        deployment: what is to become of the trained model; optimizations replace it.
        deployed: the trained model as it was deployed last; None where it never was.
        learning_curve: what was learnt so far; put there by whoever builds the trainer.
    """

    learning_curve: LearningCurve

    def __init__(self, settings: dict[str, Any], optimizations: Sequence[Optimization], threads: int) -> None:
        self.turns = Turns()
        self.phases = PhaseLedger()
        self.scaler: Any
        self.optimizations = tuple(optimizations)
        self.setup: dict[str, float] = {}
        self.loss_watchers: list[Callable[..., None]] = []
        self.bytes_before = bytes_in_use()
        self.deployment = Deployment()
        self.deployed: Deployed | None = None
        self._batch_built = 0
        self._fixed: list[dict[str, Any]] = []
        self._in_flight = InFlight()
        with self._one_off("construct"):
            super().__init__(overrides=settings)
        # Ultralytics sets 0 workers on a processor, whatever was asked for.
        self.args.workers = settings.get("workers", self.args.workers)
        # Ultralytics sets its own number of threads when it selects a processor.
        torch.set_num_threads(threads)
        self.add_callback("on_train_start", lambda trainer: trainer.attach_probes())
        self.add_callback("on_train_batch_start", lambda trainer: trainer.phases.begin_step())
        self.add_callback("on_train_batch_end", lambda trainer: trainer.phases.end_step())
        self.add_callback("on_train_epoch_end", lambda trainer: trainer.end_training_part())

    @contextmanager
    def _one_off(self, name: str) -> Iterator[None]:
        """Add the seconds of a ``with`` block, less those of blocks inside it, to a one-off part of the set-up."""
        began, before = time.perf_counter(), sum(self.setup.values())
        try:
            yield
        finally:
            inside = sum(self.setup.values()) - before
            self.setup[name] = self.setup.get(name, 0.0) + time.perf_counter() - began - inside

    def _setup_train(self) -> None:
        for optimization in self.optimizations:
            optimization.observe(self)
        for optimization in self.optimizations:
            optimization.prepare_trainer(self)
        super()._setup_train()

    def _build_train_pipeline(self) -> None:
        if self._batch_built:
            raise OutOfMemoryError(f"a step with batch {self._batch_built} did not fit; halving it was refused")
        self._batch_built = self.batch_size
        super()._build_train_pipeline()

    def build_dataset(self, img_path: Any, mode: str = "train", batch: int | None = None) -> Any:
        """Build a dataset as Ultralytics does, then let optimizations change it."""
        with self._one_off("data"), self._timed_cache_fill():
            dataset = super().build_dataset(img_path, mode, batch)
            for optimization in self.optimizations:
                optimization.prepare_dataset(self, dataset, mode)
        return dataset

    @contextmanager
    def _timed_cache_fill(self) -> Iterator[None]:
        """Time what datasets built in a ``with`` block take to fill their caches, as a one-off part of its own."""
        fill = BaseDataset.cache_images

        def timed_fill(dataset: BaseDataset) -> None:
            with self._one_off("cache fill"):
                fill(dataset)

        BaseDataset.cache_images = timed_fill
        try:
            yield
        finally:
            BaseDataset.cache_images = fill

    def get_dataloader(self, dataset_path: Any, batch_size: int = 16, rank: int = 0, mode: str = "train") -> Any:
        """Build a loader as Ultralytics does, with the workers asked for even beyond the processor's cores."""
        loader = super().get_dataloader(dataset_path, batch_size, rank, mode)
        workers = min(self.args.workers * (1 if mode == "train" else 2), len(loader))
        if len(loader) > 1 and workers > loader.num_workers:
            loader.num_workers = workers
            loader.prefetch_factor = 4 if mode == "train" else 2
        for optimization in self.optimizations:
            optimization.prepare_loader(self, loader, mode)
        return loader

    def get_model(self, cfg: Any = None, weights: Any = None, verbose: bool = True) -> Any:
        """Build the model as Ultralytics does, then let optimizations change it."""
        with self._one_off("model"):
            model = super().get_model(cfg, weights, verbose)
            for optimization in self.optimizations:
                model = optimization.prepare_model(self, model)
        return model

    def build_optimizer(self, *args: Any, **kwargs: Any) -> Any:
        """Build the optimizer as Ultralytics does, then let optimizations change it."""
        optimizer = super().build_optimizer(*args, **kwargs)
        for optimization in self.optimizations:
            optimizer = optimization.prepare_optimizer(self, optimizer)
        return optimizer

    def attach_probes(self) -> None:
        """Put timed stand-ins in place; runs after the EMA copy, which must not carry them."""
        model = unwrap_model(self.model)
        model = getattr(model, "student_model", model)
        criterion = getattr(model, "criterion", None)  # there already where a user's trainer has set its own
        criterion = model.init_criterion() if criterion is None else criterion
        model.criterion = TimedCriterion(criterion, self.phases, self.loss_watchers, self._in_flight)
        self.scaler = TimedScaler(self.scaler, self.phases)
        self.ema.update = self._timed(Phase.EMA, self.ema.update)
        for optimization in self.optimizations:
            optimization.prepare_training(self)

    def _timed(self, phase: Phase, function: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*args: Any, **kwargs: Any) -> Any:
            with self.phases.inside(phase):
                return function(*args, **kwargs)

        return timed

    def preprocess_batch(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Preprocess a batch, timed; what follows in a training step is the forward pass."""
        with self.phases.inside(Phase.PREPROCESS):
            batch = super().preprocess_batch(batch)
        self.phases.switch(Phase.FORWARD)
        self._in_flight.put(batch)
        return batch

    def optimizer_step(self) -> None:
        """Unscale, clip, step and update the EMA, timed; the EMA has a phase of its own."""
        with self.phases.inside(Phase.OPTIMIZER):
            super().optimizer_step()

    def end_training_part(self) -> None:
        """The epoch's last step is done: check what Ultralytics would pass over in silence."""
        self.phases.switch(Phase.OTHER)
        losses = {"loss": self.loss, **self.tloss}
        for name, value in losses.items():
            if not bool(torch.isfinite(torch.as_tensor(value)).all()):
                raise LossNotFiniteError(f"{name} was {float(value)} at the end of epoch {self.epoch + 1}")

    def fixed_batches(self, count: int) -> list[dict[str, Any]]:
        """Return ``count`` full preprocessed batches: the same at every call and in every trial of a workload.

        They are the data set's first pictures, neither augmented nor scaled at random: what the loader would give by
        now depends on its workers, on its cache and on what was measured before.
        """
        dataset, size = self.train_loader.dataset, self.train_loader.batch_size
        augmented, dataset.augment = dataset.augment, False
        multi_scale, self.args.multi_scale = self.args.multi_scale, 0.0
        try:
            plain = dataset.build_transforms(copy(self.args))
            while len(self._fixed) < count:
                # Rectangular pictures have the same shape only within a batch of the data set's own.
                start = len(self._fixed) % (len(dataset) // size) * size
                indices = range(start, start + size)
                samples = [plain(dataset.get_image_and_label(index)) for index in indices]
                self._fixed.append(self.preprocess_batch(dataset.collate_fn(samples)))
        finally:
            dataset.augment = augmented
            self.args.multi_scale = multi_scale
        return self._fixed[:count]

    def step_on(self, batch: dict[str, Any], update: bool) -> None:
        """Run one training step on a preprocessed batch, as Ultralytics' loop does; ``update`` changes the weights."""
        self.phases.switch(Phase.FORWARD)
        self._in_flight.put(batch)
        precision = torch.bfloat16 if self.args.amp == "bf16" else self.amp
        with ultralytics.engine.trainer.autocast(precision, device=self.device.type):
            if self.args.compile:
                loss, _ = unwrap_model(self.model).loss(batch, self.model(batch["img"]))
            else:
                loss, _ = self.model(batch)
            total = loss.sum()
        self.scaler.scale(total).backward()
        if update:
            self.optimizer_step()

    def validate(self) -> Any:
        """Validate, timed."""
        with self.phases.inside(Phase.VALIDATION):
            return super().validate()

    def save_model(self) -> Any:
        """Write the checkpoints, timed."""
        with self.phases.inside(Phase.CHECKPOINT):
            return super().save_model()


def probed(base: type[DetectionTrainer]) -> type[ProbedTrainer]:
    """Return ``base`` with probes above it: its own overrides stay in force, called by the probes that time them."""
    if issubclass(ProbedTrainer, base):
        return ProbedTrainer
    return type(f"Probed{base.__name__}", (ProbedTrainer, base), {})


def trained_by(trainer: type[DetectionTrainer]) -> type[DetectionTrainer]:
    """Return the trainer that ``probed`` was given."""
    return next(each for each in trainer.__mro__ if not issubclass(each, ProbedTrainer))
