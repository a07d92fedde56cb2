"""Which packages a project says it needs."""

from __future__ import annotations

from collections.abc import Iterable


def needed_here(lines: Iterable[str]) -> tuple[str, ...]:
    """Return the normalised names of the packages that are needed in this Python, in order, each once.

    Args:
        lines: as in a requirements.txt or in ``[project].dependencies``. Options, other files and bare addresses, which
            name no package, are passed over.
    """
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name

    names: dict[str, None] = {}
    for line in lines:
        text = line.partition(" #")[0].partition(" --")[0].strip(" \t\\")
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        if requirement.marker is None or requirement.marker.evaluate():
            names[canonicalize_name(requirement.name)] = None
    return tuple(names)
