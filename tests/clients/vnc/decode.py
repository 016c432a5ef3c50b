"""An RFB client that decodes every encoding of ours, in any true-colour format, pixel by pixel."""
import struct
import zlib

from rfb import DESKTOP_SIZE, RAW, Client

HEXTILE, TIGHT, ZRLE, LAST_RECT = 5, 7, 16, -224
FENCE, CONTINUOUS_UPDATES, CLIPBOARD, MOUSE_BUTTONS = -312, -313, -1063131698, -316


class Format:
    def __init__(self, bits, depth, big_endian, maxima, shifts):
        self.bits, self.depth, self.big_endian = bits, depth, big_endian
        self.maxima, self.shifts = maxima, shifts
        self.size = bits // 8

    def pack(self):
        return struct.pack('>BBBBHHHBBB3x', self.bits, self.depth, self.big_endian, 1,
                           *self.maxima, *self.shifts)

    def value(self, colour):
        """Of (red, green, blue) with 8 bits each."""
        return sum((part * most + 127) // 255 << shift
                   for part, most, shift in zip(colour, self.maxima, self.shifts))

    def number(self, data):
        return int.from_bytes(data, 'big' if self.big_endian else 'little')

    def compact(self):
        """ZRLE's pixels: how many bytes, and how far they are to be shifted."""
        most = sum(m << s for m, s in zip(self.maxima, self.shifts))
        if self.bits != 32 or self.depth > 24:
            return self.size, 0
        if most < 1 << 24:
            return 3, 0
        return (3, 8) if most & 255 == 0 else (4, 0)

    def is_tight(self):
        return self.bits == 32 and self.depth == 24 and self.maxima == (255, 255, 255)


class Bytes:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        self.at += count
        assert self.at <= len(self.data)
        return self.data[self.at - count:self.at]

    def byte(self):
        return self.take(1)[0]

    def finish(self):
        assert self.at == len(self.data), (self.at, len(self.data))


class Decoder(Client):
    """`values` holds the picture in the client's format."""

    def start(self, form, *encodings):
        self.form = form
        self.zrle, self.tight = zlib.decompressobj(), [None] * 4
        self.kinds = set()
        self.others = []
        self.socket.sendall(b'\0\0\0\0' + form.pack())
        self._resize(self.width, self.height)
        self.set_encodings(*encodings)

    def _resize(self, width, height):
        super()._resize(width, height)
        self.values = [None] * (width * height)

    def _put(self, x, y, width, rows):
        for row, values in enumerate(rows):
            assert len(values) == width and x + width <= self.width
            assert y + row < self.height
            at = (y + row) * self.width + x
            self.values[at:at + width] = values

    @staticmethod
    def _rows(values, width, height):
        assert len(values) == width * height
        return [values[i * width:(i + 1) * width] for i in range(height)]

    def _plain(self, data, size):
        return [self.form.number(data[i:i + size]) for i in range(0, len(data), size)]

    def _rectangle(self, x, y, width, height, encoding):
        decode = {RAW: self._decode_raw, HEXTILE: self._decode_hextile, ZRLE: self._decode_zrle,
                  TIGHT: self._decode_tight}.get(encoding)
        if decode:
            decode(x, y, width, height)
            self.kinds.add(encoding)
        elif encoding == MOUSE_BUTTONS:
            self.buttons = True
        else:
            super()._rectangle(x, y, width, height, encoding)

    def _decode_raw(self, x, y, width, height):
        values = self._plain(self.read(width * height * self.form.size), self.form.size)
        self._put(x, y, width, self._rows(values, width, height))

    def _pixel(self):
        return self.form.number(self.read(self.form.size))

    def _decode_hextile(self, x, y, width, height):
        back = front = 0
        for top in range(0, height, 16):
            for left in range(0, width, 16):
                w, h = min(16, width - left), min(16, height - top)
                flags = self.read(1)[0]
                if flags & 1:
                    self._decode_raw(x + left, y + top, w, h)
                    continue
                back = self._pixel() if flags & 2 else back
                front = self._pixel() if flags & 4 else front
                rows = [[back] * w for _ in range(h)]
                for _ in range(self.read(1)[0] if flags & 8 else 0):
                    colour = self._pixel() if flags & 16 else front
                    at, size = self.read(2)
                    for row in range(at & 15, (at & 15) + (size & 15) + 1):
                        for column in range(at >> 4, (at >> 4) + (size >> 4) + 1):
                            rows[row][column] = colour
                self._put(x + left, y + top, w, rows)

    @staticmethod
    def _unpack_bits(data, bits, width, height):
        stride, values = (width * bits + 7) // 8, []
        for row in range(height):
            line = int.from_bytes(data[row * stride:(row + 1) * stride], 'big')
            values += [line >> (8 * stride - (i + 1) * bits) & ((1 << bits) - 1)
                       for i in range(width)]
        return values

    def _zrle_tile(self, data, count, width, height):
        size, shift = self.form.compact()

        def pixel():
            return self.form.number(data.take(size)) << shift

        def length():
            total = 1
            while True:
                byte = data.byte()
                total += byte
                if byte != 255:
                    return total
        if count == 0:
            return [pixel() for _ in range(width * height)]
        palette = [pixel() for _ in range(count & 127)]
        values = []
        if count == 1:
            return palette * (width * height)
        if count <= 16:
            bits = 1 if count == 2 else 2 if count <= 4 else 4
            stride = (width * bits + 7) // 8
            return [palette[i] for i in
                    self._unpack_bits(data.take(stride * height), bits, width, height)]
        assert count == 128 or count >= 130, count
        while len(values) < width * height:
            if count == 128:
                value = pixel()
                values += [value] * length()
            else:
                index = data.byte()
                values += [palette[index & 127]] * (length() if index & 128 else 1)
        return values

    def _decode_zrle(self, x, y, width, height):
        data = Bytes(self.zrle.decompress(self.read(self.unpack('I')[0])))
        for top in range(0, height, 64):
            for left in range(0, width, 64):
                w, h = min(64, width - left), min(64, height - top)
                count = data.byte()
                self.kinds.add(('zrle', min(count, 130) if count > 16 else min(count, 3)))
                values = self._zrle_tile(data, count, w, h)
                self._put(x + left, y + top, w, self._rows(values, w, h))
        data.finish()

    def _tight_pixels(self, data):
        if not self.form.is_tight():
            return self._plain(data, self.form.size)
        return [self.form.value(data[i:i + 3]) for i in range(0, len(data), 3)]

    def _tight_length(self):
        length = 0
        for i in range(3):
            byte = self.read(1)[0]
            length |= (byte if i == 2 else byte & 127) << 7 * i
            if byte < 128:
                break
        return length

    def _tight_data(self, stream, size):
        if size < 12:
            return self.read(size)
        if not self.tight[stream]:
            self.tight[stream] = zlib.decompressobj()
        data = self.tight[stream].decompress(self.read(self._tight_length()))
        assert len(data) == size, (len(data), size)
        return data

    def _decode_tight(self, x, y, width, height):
        pixel = 3 if self.form.is_tight() else self.form.size
        control = self.read(1)[0]
        self.kinds.add(('tight', control >> 4))
        assert control & 15 == 0 and control >> 4 <= 8, control  # 9 would be JPEG
        if control >> 4 == 8:
            values = self._tight_pixels(self.read(pixel)) * (width * height)
        elif control & 0x40:
            assert self.read(1) == b'\1'
            palette = self._tight_pixels(self.read((self.read(1)[0] + 1) * pixel))
            stride = (width + 7) // 8 if len(palette) == 2 else width
            data = self._tight_data(control >> 4 & 3, stride * height)
            indices = (self._unpack_bits(data, 1, width, height) if len(palette) == 2 else data)
            values = [palette[i] for i in indices]
        else:
            values = self._tight_pixels(
                self._tight_data(control >> 4 & 3, width * height * pixel))
        self._put(x, y, width, self._rows(values, width, height))

    def _read_other(self, kind):
        if kind == 3:
            length = self.unpack('xxxi')[0]
            self.others.append(('text', length < 0, self.read(abs(length))))
        elif kind == 248:
            flags, length = self.unpack('xxxIB')
            self.others.append(('fence', flags, self.read(length)))
        elif kind == 150:
            self.others.append(('end of continuous updates',))
        else:
            raise AssertionError(f'message {kind}')

    def read_message(self):
        """Reads one message; true if it was an update."""
        kind = self.read(1)[0]
        if kind != 0:
            self._read_other(kind)
            return False
        for _ in range(self.unpack('xH')[0]):
            head = self.unpack('HHHHi')
            if head[4] == LAST_RECT:
                break
            self._rectangle(*head)
        self.updates += 1
        return True

    def read_update(self):
        while not self.read_message():
            pass

    def read_other(self):
        while not self.others:
            self.read_message()
        return self.others.pop(0)

    def see(self, condition):
        self.request(False)
        self.read_update()
        while None in self.values or not condition():
            self.request(True)
            self.read_update()


__all__ = ['CLIPBOARD', 'CONTINUOUS_UPDATES', 'DESKTOP_SIZE', 'Decoder', 'FENCE', 'Format',
           'HEXTILE', 'LAST_RECT', 'MOUSE_BUTTONS', 'RAW', 'TIGHT', 'ZRLE']
