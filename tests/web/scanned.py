"""What a phone's camera reads in a QR code."""

import struct
import zlib

import zxingcpp


def scanned(png: bytes) -> tuple[str, int]:
    """The text of the code in a black and white picture, and its version. AssertionError where there is none."""
    width, height, depth, kind = struct.unpack(">IIBB", png[16:26])
    assert (depth, kind) == (1, 0), "not a picture in one bit"
    begins = png.index(b"IDAT") + 4
    (length,) = struct.unpack(">I", png[begins - 8 : begins - 4])
    packed = zlib.decompress(png[begins : begins + length])
    size = (width + 7) // 8
    pixels, above = bytearray(), bytes(size)
    for start in range(0, len(packed), size + 1):
        row = packed[start + 1 : start + 1 + size]
        if packed[start] == 2:  # what differs from the row above
            row = bytes((here + there) & 0xFF for here, there in zip(row, above, strict=True))
        pixels += bytes(255 * int(bit) for bit in "".join(f"{byte:08b}" for byte in row)[:width])
        above = row
    (code,) = zxingcpp.read_barcodes(memoryview(bytes(pixels)).cast("B", shape=[height, width]))
    modules = width // 6 - 8  # without the quiet zone
    return code.text, (modules - 17) // 4
