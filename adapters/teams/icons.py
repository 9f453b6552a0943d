"""The app's two icons, drawn by arithmetic: people gathered round a table."""

import math
import struct
import zlib
from collections.abc import Callable
from functools import cache

ACCENT = (31, 94, 120)
COLOR_SIZE = 192
OUTLINE_SIZE = 32
GUESTS = 6

Pixel = tuple[int, int, int, int]


@cache
def color_icon() -> bytes:
    """A full-colour PNG of 192 by 192 pixels."""

    def paint(x: float, y: float) -> Pixel:
        ink = gathering(x, y, 1.0 / COLOR_SIZE)
        red, green, blue = (round(base + (255 - base) * ink) for base in ACCENT)
        return red, green, blue, 255

    return png(COLOR_SIZE, paint)


@cache
def outline_icon() -> bytes:
    """A PNG of 32 by 32 pixels, white on transparency."""
    return png(OUTLINE_SIZE, lambda x, y: (255, 255, 255, round(255 * gathering(x, y, 1.0 / OUTLINE_SIZE))))


def gathering(x: float, y: float, soft: float) -> float:
    """How much ink is at a point of the unit square, from 0 to 1; `soft` is the width of an edge."""
    dx, dy = x - 0.5, y - 0.5
    ring = abs(math.hypot(dx, dy) - 0.16) - 0.035
    guests = min(_guest(dx, dy, number) for number in range(GUESTS))
    return min(max(0.5 - min(ring, guests) / soft, 0.0), 1.0)


def png(side: int, paint: Callable[[float, float], Pixel]) -> bytes:
    """A square RGBA image as PNG; `paint` is asked for the colour at each pixel's centre."""
    rows = bytearray()
    for row in range(side):
        rows.append(0)
        for column in range(side):
            rows += bytes(paint((column + 0.5) / side, (row + 0.5) / side))
    header = struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0)
    chunks = (_chunk(b"IHDR", header), _chunk(b"IDAT", zlib.compress(bytes(rows), 9)), _chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _guest(dx: float, dy: float, number: int) -> float:
    angle = math.tau * number / GUESTS
    return math.hypot(dx - 0.33 * math.sin(angle), dy + 0.33 * math.cos(angle)) - 0.075


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
