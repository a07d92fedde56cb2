"""What Linux control groups (containers, batch systems) leave of a machine, in both of their versions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PROCESS_GROUPS = Path("/proc/self/cgroup")
MOUNT = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class ControlGroups:
    """The folders that limit this process: its own control group, then each that holds it.

    Attributes:
        memory: folders with limits on memory, innermost first; may not exist.
        cpu: folders with limits on processor time, innermost first; may not exist.
    """

    memory: tuple[Path, ...]
    cpu: tuple[Path, ...]

    @classmethod
    def here(cls, groups: Path = PROCESS_GROUPS, mount: Path = MOUNT) -> ControlGroups:
        """Return the control groups of this process; none where the system has none."""
        try:
            text = groups.read_text()
        except OSError:
            text = ""
        return cls(memory=_folders("memory", text, mount), cpu=_folders("cpu", text, mount))

    def memory_limit(self) -> int | None:
        """Return the bytes this process may use at most, or None without a limit."""
        limits = (_memory_limit(folder) for folder in self.memory)
        return min((limit for limit in limits if limit is not None), default=None)

    def memory_left(self) -> int | None:
        """Return the bytes that may still be used, file cache that can be dropped among them, or None."""
        left = [
            limit - used
            for folder in self.memory
            if (limit := _memory_limit(folder)) is not None and (used := _memory_used(folder)) is not None
        ]
        return max(0, min(left)) if left else None

    def core_quota(self) -> float | None:
        """Return the cores' worth of time this process may use, such as 1.5, or None without a quota."""
        quotas = (_core_quota(folder) for folder in self.cpu)
        return min((quota for quota in quotas if quota is not None), default=None)


def _folders(controller: str, text: str, mount: Path) -> tuple[Path, ...]:
    """Return the folders of one controller from the text of ``/proc/self/cgroup``, innermost first."""
    paths = {}
    for line in text.splitlines():
        _, controllers, path = line.split(":", 2)
        paths.update(dict.fromkeys(controllers.split(","), path))
    if controller in paths:
        top, path = mount / controller, paths[controller]
    elif "" in paths:
        top, path = mount, paths[""]
    else:
        return ()
    parts = [part for part in path.split("/") if part]
    if ".." in parts:  # the group lies outside what this process may see
        parts = []
    return tuple(top.joinpath(*parts[:depth]) for depth in range(len(parts), -1, -1))


def _memory_limit(folder: Path) -> int | None:
    """Return a group's limit in bytes; for none, version 1 writes a number beyond any machine."""
    limit = _number(folder / "memory.max")
    return _number(folder / "memory.limit_in_bytes") if limit is None else limit


def _memory_used(folder: Path) -> int | None:
    """Return the bytes a group uses, without file cache that has not been touched lately."""
    used = _number(folder / "memory.current")
    if used is None:
        used = _number(folder / "memory.usage_in_bytes")
    if used is None:
        return None
    statistics = dict(line.split(maxsplit=1) for line in _text(folder / "memory.stat").splitlines())
    return used - int(statistics.get("total_inactive_file", statistics.get("inactive_file", 0)))


def _core_quota(folder: Path) -> float | None:
    """Return a group's processor time per time, in cores."""
    quota, _, period = _text(folder / "cpu.max").strip().partition(" ")
    if quota.isdecimal() and period.isdecimal():
        return int(quota) / int(period)
    allowed, every = _number(folder / "cpu.cfs_quota_us"), _number(folder / "cpu.cfs_period_us")
    return allowed / every if allowed is not None and every and allowed > 0 else None


def _text(file: Path) -> str:
    """Return a file's text, or "" when it cannot be read."""
    try:
        return file.read_text()
    except OSError:
        return ""


def _number(file: Path) -> int | None:
    """Return the number a file holds, or None."""
    try:
        return int(_text(file))
    except ValueError:
        return None
