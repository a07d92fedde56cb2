"""Stand-ins that time a part of a step which has no method of the trainer's to override."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bench.probes.phases import Phase, PhaseLedger


class _Proxy:
    """Passes everything on to ``target``; copying and pickling machinery finds an ordinary object."""

    def __init__(self, target: Any, phases: PhaseLedger) -> None:
        self.__dict__["target"] = target
        self.__dict__["phases"] = phases

    def __getattr__(self, name: str) -> Any:
        # Copies look these up before __init__ has run; passing them on would recurse without end.
        if name in {"target", "phases"} or name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.target, name)


class InFlight:
    """The batch between its preprocessing and its loss."""

    def __init__(self) -> None:
        self._batch: dict[str, Any] = {}

    def put(self, batch: dict[str, Any]) -> None:
        """Remember a batch."""
        self._batch = batch

    def take(self) -> dict[str, Any]:
        """Return the batch and forget it: nothing may live longer for being watched."""
        batch, self._batch = self._batch, {}
        return batch


class TimedCriterion(_Proxy):
    """A model's loss function: what came before its call was the forward pass.

    Predictions and batch are shown to ``watchers``, which see what a compiled model gives without entering its graph.
    """

    def __init__(
        self,
        target: Any,
        phases: PhaseLedger,
        watchers: list[Callable[..., None]],
        in_flight: InFlight,
    ) -> None:
        """Wrap ``target``; ``in_flight`` holds the batch that the predictions are of."""
        super().__init__(target, phases)
        self.__dict__["watchers"] = watchers
        self.__dict__["in_flight"] = in_flight

    def __call__(self, predictions: Any, *args: Any, **kwargs: Any) -> Any:
        """Compute the loss, timed as the loss phase."""
        # Not every model hands its loss the batch: RT-DETR hands it targets made from one.
        batch = self.__dict__["in_flight"].take()
        for watcher in self.__dict__["watchers"]:
            watcher(predictions, batch)
        with self.phases.inside(Phase.LOSS):
            return self.target(predictions, *args, **kwargs)


class TimedScaler(_Proxy):
    """A gradient scaler whose scaled loss times its own backward pass."""

    def scale(self, loss: Any) -> TimedLoss:
        """Return the scaled loss; the forward pass and the loss are over by now."""
        self.phases.switch(Phase.OTHER)
        return TimedLoss(self.target.scale(loss), self.phases)


class TimedLoss(_Proxy):
    """A scaled loss with a timed backward pass."""

    def backward(self) -> None:
        """Run the backward pass, timed as such."""
        with self.phases.inside(Phase.BACKWARD):
            self.target.backward()
