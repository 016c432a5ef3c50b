"""Pictures as rows of bytes: reading and writing PNG files, and comparing areas."""
import struct
import zlib

SIGNATURE = b'\x89PNG\r\n\x1a\n'


class Picture:
    """RGB, 8 bits each; `rows` are bytearrays of 3 * width."""

    def __init__(self, width, height, rows=None):
        self.width, self.height = width, height
        self.rows = rows or [bytearray(3 * width) for _ in range(height)]

    def pixel(self, x, y):
        return tuple(self.rows[y][3 * x:3 * x + 3])

    def crop(self, x, y, width, height):
        return Picture(width, height,
                       [row[3 * x:3 * (x + width)] for row in self.rows[y:y + height]])

    def fill(self, x, y, width, height, color):
        for row in self.rows[y:y + height]:
            row[3 * x:3 * (x + width)] = bytes(color) * min(width, self.width - x)

    def reduced(self, width, height):
        """Averages boxes; for references that needn't be large."""
        picture = Picture(width, height)
        for y in range(height):
            top = y * self.height // height
            bottom = max(top + 1, (y + 1) * self.height // height)
            for x in range(width):
                left = x * self.width // width
                right = max(left + 1, (x + 1) * self.width // width)
                count = (bottom - top) * (right - left)
                for channel in range(3):
                    total = sum(sum(row[3 * left + channel:3 * right:3])
                                for row in self.rows[top:bottom])
                    picture.rows[y][3 * x + channel] = (total + count // 2) // count
        return picture

    def save(self, path):
        head = struct.pack('>IIBBBBB', self.width, self.height, 8, 2, 0, 0, 0)
        data = zlib.compress(b''.join(b'\0' + bytes(row) for row in self.rows), 9)
        with open(path, 'wb') as file:
            file.write(SIGNATURE + chunk(b'IHDR', head) + chunk(b'IDAT', data) + chunk(b'IEND', b''))


def chunk(kind, data):
    return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))


def chunks(data):
    offset = len(SIGNATURE)
    while offset < len(data):
        size, kind = struct.unpack_from('>I4s', data, offset)
        yield kind, data[offset + 8:offset + 8 + size]
        offset += 12 + size


def paeth(left, up, corner):
    estimate = left + up - corner
    a, b, c = abs(estimate - left), abs(estimate - up), abs(estimate - corner)
    return left if a <= b and a <= c else up if b <= c else corner


def add_bytes(one, two):
    """The sums modulo 256; as two large numbers, without a carry from byte to byte."""
    size = len(one)
    low = int.from_bytes(b'\x7f' * size, 'little')
    high = int.from_bytes(b'\x80' * size, 'little')
    a, b = int.from_bytes(one, 'little'), int.from_bytes(two, 'little')
    return (((a & low) + (b & low)) ^ ((a ^ b) & high)).to_bytes(size, 'little')


def unfilter(kind, row, above, step):
    """Undoes one row's filter in place; kind 2, mullionctl's, is quick."""
    if kind == 1:
        for i in range(step, len(row)):
            row[i] = (row[i] + row[i - step]) & 255
    elif kind == 2:
        row[:] = add_bytes(row, above)
    elif kind == 3:
        for i, up in enumerate(above):
            row[i] = (row[i] + (((row[i - step] if i >= step else 0) + up) >> 1)) & 255
    elif kind == 4:
        for i, up in enumerate(above):
            left, corner = (row[i - step], above[i - step]) if i >= step else (0, 0)
            row[i] = (row[i] + paeth(left, up, corner)) & 255


def to_rgb(row, width, color, palette):
    if color == 2:
        return row
    if color == 3:
        return bytearray(b''.join(palette[3 * index:3 * index + 3] for index in row))
    rgb = bytearray(3 * width)
    step = {0: 1, 4: 2, 6: 4}[color]
    for channel in range(3):
        rgb[channel::3] = row[channel if color == 6 else 0::step]
    return rgb


def read(path):
    with open(path, 'rb') as file:
        data = file.read()
    if not data.startswith(SIGNATURE):
        raise ValueError(f'{path}: no PNG file')
    packed, palette = [], b''
    for kind, body in chunks(data):
        if kind == b'IHDR':
            width, height, depth, color, _, _, interlace = struct.unpack('>IIBBBBB', body)
        elif kind == b'PLTE':
            palette = body
        elif kind == b'IDAT':
            packed.append(body)
    if depth != 8 or interlace:
        raise ValueError(f'{path}: only 8 bits per channel, not interlaced')
    data = zlib.decompress(b''.join(packed))
    step = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[color]
    size, above, rows = width * step, bytearray(width * step), []
    for y in range(height):
        start = y * (size + 1)
        row = bytearray(data[start + 1:start + 1 + size])
        unfilter(data[start], row, above, step)
        above = row
        rows.append(to_rgb(row, width, color, palette))
    return Picture(width, height, rows)


def difference(first, second, tolerance=0, masks=()):
    """The share, 0 to 1, of pixels outside the masks (x, y, width, height) of which a channel
    differs by more than `tolerance`. Pictures of different sizes differ wholly."""
    if (first.width, first.height) != (second.width, second.height):
        return 1.0
    bad = seen = 0
    for y in range(first.height):
        one, two = first.rows[y], second.rows[y]
        spans = [(x, x + w) for x, top, w, h in masks if top <= y < top + h]
        masked = sum(min(end, first.width) - x for x, end in merge(spans))
        seen += first.width - masked
        if one == two:
            continue
        pixels = {i // 3 for i, (a, b) in enumerate(zip(one, two)) if abs(a - b) > tolerance}
        bad += sum(1 for x in pixels if not any(start <= x < end for start, end in spans))
    return bad / max(seen, 1)


def merge(spans):
    merged = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
