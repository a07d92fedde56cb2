"""Bytes of a training's tensors by what they are, each storage counted once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch.multiprocessing.reductions import StorageWeakRef

from bench.probes.activations import ActivationWatch
from bench.probes.parts import Part, part_of_birth
from bench.probes.phases import PhaseLedger

if TYPE_CHECKING:
    from bench.workloads.trainer import ProbedTrainer

GRAIN = 2**20
"""Bytes; in smaller steps than this no peak is followed."""

Storages = dict[int, tuple[Part, int]]
"""Address of a storage's books to what it is and its size in bytes."""


def dense_tensors(tensor: torch.Tensor) -> Iterator[torch.Tensor]:
    """Yield the tensors that hold the data of ``tensor``: itself, or what a subclass such as torchao's wraps."""
    flatten = getattr(tensor, "__tensor_flatten__", None)
    if flatten is None:
        yield tensor
        return
    for name in flatten()[0]:
        yield from dense_tensors(getattr(tensor, name))


def tensors_in(value: Any) -> Iterator[torch.Tensor]:
    """Yield the tensors in nested dicts, lists and tuples."""
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from tensors_in(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from tensors_in(inner)


def storages_of(named: Iterable[tuple[Part, Iterable[torch.Tensor]]], device: str) -> Storages:
    """Return the storages of tensors on a kind of device; a shared one belongs to the part that comes first.

    Args:
        named: tensors by what they are, in order of precedence.
        device: cpu or cuda.
    """
    found: Storages = {}
    for part, tensors in named:
        for tensor in tensors:
            for dense in dense_tensors(tensor):
                if dense.device.type == device:
                    storage = dense.untyped_storage()
                    found.setdefault(storage._cdata, (part, storage.nbytes()))
    return found


def trainer_storages(trainer: ProbedTrainer) -> Storages:
    """Return the storages of all that a training keeps under a name."""
    model = list(trainer.model.parameters())
    average = trainer.ema.ema
    gradients = [parameter.grad for parameter in model if parameter.grad is not None]
    return storages_of(
        (
            (Part.PARAMETERS, model),
            (Part.BUFFERS, trainer.model.buffers()),
            (Part.GRADIENTS, gradients),
            (Part.OPTIMIZER_STATE, tensors_in(trainer.optimizer.state)),
            (Part.EMA, [*average.parameters(), *average.buffers()]),
        ),
        trainer.device.type,
    )


class BirthWatch(ActivationWatch):  # type: ignore[no-untyped-call]
    """Notes every tensor that operations give while it is entered, with the phase it was made in."""

    def __init__(self, phases: PhaseLedger, device: str, look: Callable[[], None]) -> None:
        """Watch tensors on one kind of device.

        Args:
            phases: knows the phase.
            device: cpu or cuda.
            look: called after the operation with which new tensors have come to another ``GRAIN``.
        """
        super().__init__()
        self._look = look
        self._made = 0
        self._phases = phases
        self._device = device
        self._born: dict[int, Part] = {}

    def note(self, storage: torch.UntypedStorage) -> None:
        """Remember a storage and its first phase; later results may be views of it."""
        if storage.device.type == self._device and storage._cdata not in self._born:
            super().note(storage)
            self._born[storage._cdata] = part_of_birth(self._phases.phase)
            self._made += storage.nbytes()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run an operation and note its results; have a look taken once they have come to something."""
        result = super().__torch_dispatch__(func, types, args, kwargs)
        if self._made >= GRAIN:
            self._made = 0
            self._look()
        return result

    def alive(self) -> Storages:
        """Return the storages that something still needs, and forget the others.

        To be called often: what is left of a dead storage until it is forgotten keeps its neighbours in the heap from
        becoming one, so that watching would raise the peak.
        """
        expired = [key for key, (reference, _) in self._storages.items() if _is_gone(reference)]
        for key in expired:
            del self._storages[key], self._born[key]
        return {key: (self._born[key], size) for key, (_, size) in self._storages.items()}


def bytes_by_part(storages: Storages) -> dict[Part, int]:
    """Return the sum of sizes of each part that a tensor can belong to; 0 for those there are none of."""
    sums: Counter[Part] = Counter()
    for part, size in storages.values():
        sums[part] += size
    return {part: sums[part] for part in TENSOR_PARTS}


TENSOR_PARTS = (
    Part.PARAMETERS,
    Part.BUFFERS,
    Part.GRADIENTS,
    Part.OPTIMIZER_STATE,
    Part.EMA,
    Part.ACTIVATIONS,
    Part.BATCH,
    Part.TEMPORARIES,
)


def _is_gone(reference: StorageWeakRef) -> bool:
    return bool(reference.expired())  # type: ignore[no-untyped-call]
