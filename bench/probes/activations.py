"""Bytes of activations that a forward pass leaves behind for the backward pass."""

from __future__ import annotations

from typing import Any

import torch
from torch.multiprocessing.reductions import StorageWeakRef
from torch.utils._python_dispatch import TorchDispatchMode


class ActivationWatch(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Notes every tensor that operations give while it is entered; none is kept alive by that.

    Slow, since every operation passes through Python: for one step that is not timed. Numbers stay the same.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._storages: dict[int, tuple[StorageWeakRef, int]] = {}

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run an operation and note where its results lie."""
        result = func(*args, **(kwargs or {}))
        for tensor in torch.utils._pytree.tree_leaves(result):
            if isinstance(tensor, torch.Tensor):
                self.note(tensor.untyped_storage())
        return result

    def note(self, storage: torch.UntypedStorage) -> None:
        """Remember a storage, but do not keep it."""
        # The weak reference keeps the address from being used again, so one entry is one allocation.
        reference = StorageWeakRef(storage)  # type: ignore[no-untyped-call]
        self._storages[storage._cdata] = (reference, storage.nbytes())

    def bytes_alive(self) -> int:
        """Return the bytes of noted tensors that something still needs."""
        alive = (size for reference, size in self._storages.values() if not reference.expired())  # type: ignore[no-untyped-call]
        return sum(alive)
