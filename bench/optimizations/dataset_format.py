"""How pictures lie on disk: a file each, tar shards, or one file of decoded pixels."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from bench.loading.buffer import MORE_THAN_KEPT, all_kept
from bench.loading.counting import Tally
from bench.optimizations.base import Card, Evidence, Optimization
from bench.suite.model import Level, Workload

if TYPE_CHECKING:
    from bench.environment import Machine
    from bench.loading.mapped import MappedPictures
    from bench.loading.shards import ShardedPictures


class DatasetFormat(Optimization):
    """Where a picture comes from when Ultralytics' dataset asks for it; the batches stay the same to the bit."""

    name = "dataset_format"
    card = Card(
        summary="reads pictures from a file each, from WebDataset tar shards through an index (any order, as shuffling "
        "and mosaics need it), or decoded from one file mapped into memory",
        acts_on=("data",),
        evidence="picture files, pictures in shards and mapped pictures read in training, counted in trial and workers",
        cost="writing the shards or arrays into the trial's own folder; arrays take 3 bytes a pixel",
        needs=f"{MORE_THAN_KEPT}; webdataset: the extra webdataset",
        source="https://github.com/webdataset/webdataset, "
        "https://numpy.org/doc/stable/reference/generated/numpy.memmap.html",
    )
    level_type = Literal["files", "webdataset", "memory_mapped"]
    usual_levels = ("files", "webdataset", "memory_mapped")

    @classmethod
    def conflict(cls, levels: Mapping[str, Level]) -> str | None:
        """Pictures that Ultralytics keeps decoded are read from nowhere else."""
        if levels["dataset_format"] != "files" and levels.get("image_cache", "none") != "none":
            return "image_cache keeps its own copy of every picture: once it is filled no other format is read"
        return None

    @classmethod
    def unavailable(cls, level: Level, machine: Machine) -> str | None:
        """Shards are written with the library webdataset."""
        if level == "webdataset" and find_spec("webdataset") is None:
            return "needs the extra webdataset: pip install 'yolo-train-bench[webdataset]'"
        return None

    @classmethod
    def idle(cls, levels: Mapping[str, Level], workload: Workload, machine: Machine) -> str | None:
        """Pictures that are kept are read from nowhere."""
        return None if levels["dataset_format"] == "files" else all_kept(levels, workload)

    def configure(self, settings: dict[str, Any]) -> None:
        """Put the format between Ultralytics' datasets and the files, before whoever counts reads does."""
        if self.level == "webdataset":
            import numpy as np

            from bench.loading.shards import ShardedPictures

            self._source: ShardedPictures | MappedPictures = ShardedPictures()
            np.fromfile = _from(self._source, np.fromfile)
        elif self.level == "memory_mapped":
            import ultralytics.data.base as base

            from bench.loading.mapped import MappedPictures

            self._source = MappedPictures()
            base.imread = _from(self._source, base.imread)

    def prepare_dataset(self, trainer: Any, dataset: Any, mode: str) -> None:
        """Write a dataset's pictures in the format, once, into the trial's folder."""
        if self.level == "files":
            return
        import ultralytics.data.base as base
        from ultralytics.data.utils import img2label_paths

        from bench.loading.shards import ShardedPictures, index_shards, write_shards

        files = [file for file in dataset.im_files if file not in self._source]
        if not files:
            return
        folder = Path(trainer.args.project) / "data" / str(self.level)
        folder.mkdir(parents=True, exist_ok=True)
        place = folder / f"{mode}{len(list(folder.iterdir()))}"
        if isinstance(self._source, ShardedPictures):
            self._source.add(files, index_shards(write_shards(place, files, img2label_paths(files))))
        else:
            self._source.add(place, files, lambda file: base.imread(file, flags=dataset.cv2_flag))

    def observe(self, trainer: Any) -> None:
        """Count what is read from each of the three places."""
        import numpy as np
        import ultralytics.data.base as base

        from bench.loading.mapped import MappedPictures
        from bench.loading.shards import ShardedPictures

        tally = self.observations["tally"] = Tally("asked", "opened", "sharded", "mapped")
        base.imread = tally.around(tally.noting(base.imread, "asked"))
        np.fromfile = tally.noting(np.fromfile, "opened")
        ShardedPictures.read = tally.noting(ShardedPictures.read, "sharded")  # type: ignore[method-assign]
        MappedPictures.read = tally.noting(MappedPictures.read, "mapped")  # type: ignore[method-assign]

        def note_set_up(_: Any) -> None:
            self.observations["before"] = tally.totals()

        trainer.add_callback("on_train_start", note_set_up)

    def evidence(self, trainer: Any) -> Evidence:
        """Compare the place that was read in training with the level's."""
        before = self.observations["before"]
        reads = {name: total - before[name] for name, total in self.observations["tally"].totals().items()}
        asked, sharded, mapped = reads["asked"], reads["sharded"], reads["mapped"]
        # What is opened in shards takes the way of a file of its own, up to the last turn.
        files = reads["opened"] - sharded
        in_force = {
            # An image cache reads every file before training, and none in it.
            "files": files == asked and (asked > 0 or before["opened"] > 0),
            "webdataset": sharded == asked > 0 == files,
            "memory_mapped": mapped == asked > 0 == files,
        }
        places = {"files": "files of their own", "webdataset": "shards", "memory_mapped": "mapped arrays"}
        return Evidence(
            in_force=in_force[str(self.level)],
            observed=f"of {asked} pictures {files} were read from files of their own, {sharded} from shards and "
            f"{mapped} from mapped arrays",
            expected=f"all from {places[str(self.level)]}",
        )


def _from(source: ShardedPictures | MappedPictures, otherwise: Any) -> Any:
    """Return a reader that takes what ``source`` holds from there and the rest from the reader ``otherwise``."""

    def read(file: Any, *args: Any, **kwargs: Any) -> Any:
        return source.read(str(file)) if str(file) in source else otherwise(file, *args, **kwargs)

    return read
