"""What the C library's allocator holds of a process's memory without anybody using it."""

from __future__ import annotations

import ctypes
import functools
import mmap
from collections.abc import Callable


class HeapBooks(ctypes.Structure):
    """``struct mallinfo2`` of glibc; sizes in bytes.

    Source: https://man7.org/linux/man-pages/man3/mallinfo.3.html
    """

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in (
            "arena",
            "ordblks",
            "smblks",
            "hblks",
            "hblkhd",
            "usmblks",
            "fsmblks",
            "uordblks",
            "fordblks",
            "keepcost",
        )
    )


@functools.cache
def _c_library() -> ctypes.CDLL:
    library = ctypes.CDLL(None, use_errno=True)
    library.sbrk.restype = ctypes.c_void_p
    library.sbrk.argtypes = [ctypes.c_ssize_t]
    library.mincore.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p]
    return library


@functools.cache
def _reader() -> Callable[[], HeapBooks] | None:
    try:
        function = _c_library().mallinfo2
    except AttributeError:
        return None
    function.restype = HeapBooks
    return function


def heap_books() -> HeapBooks | None:
    """Return the allocator's books over all its arenas; None where the C library keeps none (glibc before 2.33)."""
    reader = _reader()
    return None if reader is None else reader()


def held_free_bytes() -> int | None:
    """Return the bytes of physical memory in free chunks of the heap, or None where there are no books.

    Freed chunks have been written to, so they are resident until the allocator gives them back. The heap's end is
    the exception: part of it may never have been touched, so its pages are looked up.
    """
    books = heap_books()
    if books is None:
        return None
    free, end = int(books.fordblks), int(books.keepcost)
    return max(0, free - end) + _resident_at_the_end(end)


def _resident_at_the_end(size: int) -> int:
    """Return how many of the last ``size`` bytes below the program break are resident."""
    top = _c_library().sbrk(0)
    first = -(-(top - size) // mmap.PAGESIZE) * mmap.PAGESIZE
    pages = max(0, top - first) // mmap.PAGESIZE
    if not pages:
        return 0
    resident = (ctypes.c_ubyte * pages)()
    if _c_library().mincore(first, pages * mmap.PAGESIZE, resident):
        # Something else than malloc moved the break, and left a hole.
        return 0
    return sum(page & 1 for page in bytes(resident)) * mmap.PAGESIZE
