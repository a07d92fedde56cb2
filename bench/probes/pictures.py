"""Bytes of the decoded pictures that a data set keeps."""

from __future__ import annotations

from typing import Any


def pictures_bytes(dataset: Any) -> int:
    """Return the bytes of decoded pictures that Ultralytics' data set keeps, its buffer for mosaics included."""
    kept = getattr(dataset, "ims", ())
    buffer = getattr(kept, "buffer", None)
    if buffer is not None:
        return int(buffer.untyped_storage().nbytes())
    owners = {id(owner): owner.nbytes for owner in map(_owner, kept) if owner is not None}
    return sum(owners.values())


def _owner(picture: Any) -> Any:
    """Return the array that a picture's data belongs to."""
    while picture is not None and getattr(picture, "base", None) is not None and hasattr(picture.base, "nbytes"):
        picture = picture.base
    return picture
