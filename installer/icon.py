"""icon.py FILE   draws the icon that the list of installed programs shows: an arrow out of a server, in four sizes."""
import struct
import sys
import zlib

SIZES = 16, 32, 48, 256
SAMPLES = 4  # a side, for smooth edges
BLUE, WHITE, GREEN, CLEAR = (24, 84, 148, 255), (255, 255, 255, 255), (96, 208, 128, 255), (0, 0, 0, 0)


def colour(x, y):
    """The colour at a place of the unit square, y downwards."""
    if abs(x - 0.5) < 0.07 and 0.20 < y < 0.44 or 0.06 < y <= 0.22 and abs(x - 0.5) < y - 0.06:
        return GREEN
    if not (0.06 < x < 0.94 and 0.48 < y < 0.94):
        return CLEAR
    in_slot = 0.14 < x < 0.60 and (0.57 < y < 0.64 or 0.78 < y < 0.85)
    is_lamp = any((x - 0.80) ** 2 + (y - middle) ** 2 < 0.05 ** 2 for middle in (0.605, 0.815))
    return WHITE if in_slot else GREEN if is_lamp else BLUE


def pixel(column, row, size):
    """Red, green, blue and alpha: the mean of the samples, each weighed by its alpha."""
    samples = [colour((column + (i + 0.5) / SAMPLES) / size, (row + (j + 0.5) / SAMPLES) / size)
               for i in range(SAMPLES) for j in range(SAMPLES)]
    alpha = sum(sample[3] for sample in samples)
    if alpha == 0:
        return CLEAR
    return *(sum(s[c] * s[3] for s in samples) // alpha for c in range(3)), alpha // len(samples)


def png(size):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes(part for column in range(size) for part in pixel(column, row, size))
                    for row in range(size))
    header = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def main():
    images = [png(size) for size in SIZES]
    offset = 6 + 16 * len(images)
    directory = struct.pack("<HHH", 0, 1, len(images))
    for size, image in zip(SIZES, images):
        directory += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(image), offset)
        offset += len(image)
    with open(sys.argv[1], "wb") as file:
        file.write(directory + b"".join(images))


main()
