"""What memory is put down to in training, and the moments of a step at which it is looked at."""

from __future__ import annotations

from enum import StrEnum

from bench.probes.phases import Phase


class Part(StrEnum):
    """One share of a training's memory; a byte belongs to exactly one of them.

    ``ALLOCATOR`` is what the allocator keeps beyond what was asked of it; ``SET_UP`` is what else building the
    training left; ``WORKSPACE`` is what one operation took for itself and gave back before it ended.
    """

    PARAMETERS = "parameters"
    BUFFERS = "buffers"
    GRADIENTS = "gradients"
    OPTIMIZER_STATE = "optimizer_state"
    EMA = "ema"
    ACTIVATIONS = "activations"
    BATCH = "batch"
    TEMPORARIES = "temporaries"
    WORKSPACE = "workspace"
    ALLOCATOR = "allocator"
    PICTURES = "pictures"
    WORKERS = "workers"
    PROCESS = "process"
    SET_UP = "set_up"


class Moment(StrEnum):
    """When in a step the parts are looked at: right after what the name says."""

    PREPROCESS = "preprocess"
    FORWARD = "forward"
    LOSS = "loss"
    BACKWARD = "backward"
    OPTIMIZER = "optimizer"


def moment_of(ended: Phase, begun: Phase) -> Moment | None:
    """Return the moment that a change of phase is, or None for a change within one.

    The forward pass is interrupted by the loss, and the optimizer's phase by the moving average's update.
    """
    if ended is Phase.FORWARD:
        return Moment.FORWARD if begun is Phase.LOSS else None
    if ended is Phase.OPTIMIZER:
        return None if begun is Phase.EMA else Moment.OPTIMIZER
    by_phase = {Phase.PREPROCESS: Moment.PREPROCESS, Phase.LOSS: Moment.LOSS, Phase.BACKWARD: Moment.BACKWARD}
    return by_phase.get(ended)


def part_of_birth(phase: Phase | None) -> Part:
    """Return what a tensor that is nothing with a name is put down to, by the phase it was made in."""
    if phase in {Phase.FORWARD, Phase.LOSS}:
        return Part.ACTIVATIONS
    if phase in {Phase.FIRST_BATCH, Phase.DATA_WAIT, Phase.PREPROCESS}:
        return Part.BATCH
    return Part.TEMPORARIES
