"""Whether bare training by Ultralytics is the training that trials do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.errors import InputError
from bench.suite.place import placed

if TYPE_CHECKING:
    from bench.run import Prepared


def check_alike(prepared: Prepared) -> None:
    """See that a suite's baseline trains in the same way with probes and bare.

    Raises:
        InputError: it names a trainer, which bare training does not use, or asks for loader workers, which Ultralytics
            by itself does not start on a processor.
    """
    workload = prepared.suite.workload
    workers = workload.settings.get("workers", 0)
    error: InputError | None = None
    if workload.trainer is not None:
        expected = "none here: what it is compared with is trained by Ultralytics' own DetectionTrainer"
        error = InputError("workload.trainer", repr(workload.trainer), expected)
    elif workers != 0:
        expected = "0, or none, here: what it is compared with gets as many as Ultralytics by itself starts"
        error = InputError("workload.settings.workers", repr(workers), expected)
    if error is not None:
        raise placed(error, prepared.file, {})
