"""What every optimization is: a card, levels, hooks that apply it, and evidence that it acts.

An instance is one optimization at one level inside one trial. The hooks are named for the moment
they act and do nothing unless a technique overrides them. ``observe`` and ``evidence`` must not
rely on the hooks: they read the running trial, so that a hook that silently does nothing is found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import TypeAdapter, ValidationError

from bench.errors import InputError, nearest_name
from bench.suite.combination import canonical, level_text
from bench.suite.model import Level, Workload

if TYPE_CHECKING:
    import torch

    from bench.environment import Machine

HOOKS = (
    "configure",
    "prepare_trainer",
    "prepare_dataset",
    "prepare_loader",
    "prepare_model",
    "prepare_optimizer",
    "prepare_training",
)
"""The methods that apply an optimization; a sabotage test replaces exactly these by nothing."""


@dataclass(frozen=True)
class Card:
    """What a user should know before switching an optimization on.

    Attributes:
        summary: one sentence: what it changes.
        acts_on: shares of training it can change, out of data, compute, memory, epoch, after.
        evidence: what is read back from the running trial.
        cost: what it costs once, before the first steady step; "" for nothing worth a word.
        needs: what has to be there: a device, a compiler, a library; "" for nothing.
        source: where the technique or the setting is described.
    """

    summary: str
    acts_on: tuple[str, ...]
    evidence: str
    cost: str = ""
    needs: str = ""
    source: str = ""


@dataclass(frozen=True)
class Evidence:
    """Whether an optimization is really in force in a running trial.

    Attributes:
        in_force: the trial shows what the level asks for.
        observed: what was read from the trial, with its unit.
        expected: what the level should have shown.
    """

    in_force: bool
    observed: str
    expected: str


@dataclass(eq=False)
class Optimization:
    """Base of every technique; subclasses are found by being in ``bench/optimizations``.

    Attributes:
        level: the level in force in this trial.
        workload: what the trial trains.
        observations: a place for what ``observe`` sees, read by ``evidence``.
    """

    level: Level
    workload: Workload
    observations: dict[str, Any] = field(default_factory=dict)

    name: ClassVar[str]
    card: ClassVar[Card]
    level_type: ClassVar[Any]
    """A type that pydantic can validate a level with, such as ``Literal["fp32", "bf16"]``."""
    usual_levels: ClassVar[tuple[Level, ...]]
    """The levels a user would compare, the baseline first."""
    applied_after: ClassVar[tuple[str, ...]] = ()
    """Names of optimizations whose hooks have to run before this one's."""
    seen_by_fixed_batches: ClassVar[bool] = True
    """Whether ``forward_backward`` sees what it does to a step: its pictures are neither augmented nor scaled."""

    @classmethod
    def parse(cls, raw: object) -> Level:
        """Return ``raw`` as a valid level.

        Raises:
            InputError: ``raw`` is not a level of this optimization.
        """
        try:
            parsed = level_adapter(cls).validate_python(raw)
        except ValidationError:
            raise InputError(
                field=cls.name,
                found=canonical(raw) if isinstance(raw, dict | bool) else repr(raw),
                expected=cls.levels_text(),
                nearest=nearest_name(str(raw), [str(level) for level in cls.usual_levels]),
            ) from None
        level: Level = level_adapter(cls).dump_python(parsed, mode="json")
        return level

    @classmethod
    def levels_text(cls) -> str:
        """Return the levels as an error message or a card names them."""
        schema = level_adapter(cls).json_schema()
        if "enum" in schema:
            return "one of " + ", ".join(level_text(level) for level in schema["enum"])
        return schema.get("description") or "a level such as " + ", ".join(map(level_text, cls.usual_levels))

    @classmethod
    def conflict(cls, levels: Mapping[str, Level]) -> str | None:
        """Return why this optimization cannot join the other ``levels`` of a combination, or None."""
        return None

    @classmethod
    def unavailable(cls, level: Level, machine: Machine) -> str | None:
        """Return why ``level`` cannot run on ``machine`` ("needs CUDA"), or None."""
        return None

    @classmethod
    def idle(cls, levels: Mapping[str, Level], workload: Workload, machine: Machine) -> str | None:
        """Return why this optimization has nothing to act on in ``workload`` with ``levels``, or None."""
        return None

    @classmethod
    def extra_cores(cls, level: Level) -> int:
        """Return how many processor cores ``level`` can keep busy beside the main process's first."""
        return 0

    def repeats_after(self, trainer: Any) -> int:
        """Return after how many epochs what it does begins again; 1 where it does the same in every epoch.

        Asked when all is set up, before the first epoch; a burst then holds whole cycles.
        """
        return 1

    def settles_after(self, trainer: Any) -> int:
        """Return how many epochs there are before what it does stops changing; asked when ``repeats_after`` is."""
        return 0

    def configure(self, settings: dict[str, Any]) -> None:
        """Change Ultralytics' settings before its trainer is built."""

    def prepare_trainer(self, trainer: Any) -> None:
        """Change the trainer after it is built, before it sets up model and data."""

    def prepare_dataset(self, trainer: Any, dataset: Any, mode: str) -> None:
        """Change a dataset after it is built; ``mode`` is train or val."""

    def prepare_loader(self, trainer: Any, loader: Any, mode: str) -> None:
        """Change a data loader before its first batch; ``mode`` is train or val."""

    def prepare_model(self, trainer: Any, model: torch.nn.Module) -> torch.nn.Module:
        """Change or replace the model before it moves to the device, is compiled or copied."""
        return model

    def prepare_optimizer(self, trainer: Any, optimizer: torch.optim.Optimizer) -> torch.optim.Optimizer:
        """Change or replace the optimizer after Ultralytics has built it."""
        return optimizer

    def prepare_training(self, trainer: Any) -> None:
        """Change anything once all is set up, right before the first epoch."""

    def observe(self, trainer: Any) -> None:
        """Attach what ``evidence`` needs to see; called before ``prepare_trainer``."""

    def evidence(self, trainer: Any) -> Evidence:
        """Return what the running trial shows; called between bursts, after at least one epoch."""
        raise NotImplementedError(f"{type(self).__name__} shows no evidence")


def method_of(level: Level) -> object:
    """Return the method of a level that has parameters, or None."""
    return level.get("method") if isinstance(level, dict) else None


def level_adapter(optimization: type[Optimization]) -> TypeAdapter[Any]:
    """Return the validator of an optimization's levels."""
    return TypeAdapter(optimization.level_type)
