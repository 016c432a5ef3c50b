"""The picture of the KMS client; tests/guests/kms/pattern.h describes it."""
from lib import png

WHITE = (255, 255, 255)
YELLOW = (255, 255, 0)
CURSOR = (255, 0, 255)
CURSOR_SIDE = 16
CROSS_ARM = 7


def picture(width, height, head=0, white_keys=(), crosses=()):
    rows = []
    reds = bytes(x & 255 for x in range(width))
    for y in range(height):
        row = bytearray(3 * width)
        row[0::3] = reds
        row[1::3] = bytes([y & 255]) * width
        row[2::3] = bytes([head * 64 & 255]) * width
        row[:3] = row[-3:] = bytes(WHITE)
        rows.append(row)
    rows[0] = bytearray(bytes(WHITE) * width)
    rows[-1] = bytearray(bytes(WHITE) * width)
    result = png.Picture(width, height, rows)
    for code in white_keys:
        result.fill(*key_area(code), WHITE)
    for x, y in crosses:
        side = 2 * CROSS_ARM + 1
        fill_clipped(result, x - CROSS_ARM, y, side, 1, YELLOW)
        fill_clipped(result, x, y - CROSS_ARM, 1, side, YELLOW)
    return result


def fill_clipped(result, x, y, width, height, color):
    left, top = max(x, 0), max(y, 0)
    result.fill(left, top, min(x + width, result.width) - left, y + height - top, color)


def key_area(code):
    return 16 * (1 + code % 32), 16 * (1 + code // 32), 16, 16
