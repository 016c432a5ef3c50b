"""An RFB client that knows just enough, and can misbehave."""
import ctypes
import socket
import struct

RAW, COPY_RECT, DESKTOP_SIZE, CURSOR = 0, 1, -223, -239
EXTENDED_KEYS, LEDS, EXTENDED_DESKTOP_SIZE, ALPHA_CURSOR = -258, -261, -308, -314
TIMEOUT = 30


def pattern(x, y, seed):
    """What fake_desktop paints, as (red, green, blue)."""
    return (x * 3 + seed * 31) & 255, (y * 5 + seed * 7) & 255, (x // 8 ^ y // 8) & 255


def encrypt(challenge, password):
    library = ctypes.CDLL('libvncserver.so.1')
    block = ctypes.create_string_buffer(challenge, len(challenge))
    library.rfbEncryptBytes(block, ctypes.create_string_buffer(password.encode(), 9))
    return block.raw[:len(challenge)]


class Refused(Exception):
    """The server said no; the message is its reason."""


class Client:
    def __init__(self, port, password=None, version=8, source='127.0.0.1'):
        self.socket = socket.create_connection(
            ('127.0.0.1', port), timeout=TIMEOUT, source_address=(source, 0))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self._shake_hands(password, version)
        except BaseException:
            self.socket.close()
            raise
        self.extended_keys, self.leds, self.cursor = False, None, None
        self.screens = None
        self.updates = 0

    def read(self, count):
        data = b''
        while len(data) < count:
            part = self.socket.recv(count - len(data))
            if not part:
                raise ConnectionError('the server hung up')
            data += part
        return data

    def unpack(self, form):
        return struct.unpack('>' + form, self.read(struct.calcsize('>' + form)))

    def send(self, form, *values):
        self.socket.sendall(struct.pack('>' + form, *values))

    def _shake_hands(self, password, version):
        assert self.read(12) == b'RFB 003.008\n'
        self.socket.sendall(b'RFB 003.%03d\n' % version)
        kind = 1 if password is None else 2
        if version >= 7:
            offered = self.read(self.read(1)[0])
            assert offered == bytes([kind]), offered
            self.socket.sendall(offered)
        else:
            assert self.unpack('I') == (kind,)
        if password is not None:
            self.socket.sendall(encrypt(self.read(16), password))
        if password is not None or version >= 8:
            self._read_result(version)
        self.socket.sendall(b'\1')
        self.width, self.height = self.unpack('HH')
        self.format = self.unpack('BBBBHHHBBB3x')
        self.name = self.read(self.unpack('I')[0]).decode()
        self.pixels = bytearray(4 * self.width * self.height)

    def _read_result(self, version):
        if self.unpack('I') != (0,):
            reason = self.read(self.unpack('I')[0]).decode() if version >= 8 else ''
            raise Refused(reason)

    def set_encodings(self, *encodings):
        self.send(f'BxH{len(encodings)}i', 2, len(encodings), *encodings)

    def request(self, incremental=True, area=None):
        self.send('BBHHHH', 3, incremental, *(area or (0, 0, self.width, self.height)))

    def key(self, keysym, down):
        self.send('BBxxI', 4, down, keysym)

    def extended_key(self, keysym, qnum, down):
        self.send('BBHII', 255, 0, down, keysym, qnum)

    def pointer(self, x, y, buttons=0):
        self.send('BBHH', 5, buttons, x, y)

    def set_desktop_size(self, width, height):
        self.send('BxHHBxIHHHHI', 251, width, height, 1, 1, 0, 0, width, height, 0)

    def pixel(self, x, y):
        at = 4 * (y * self.width + x)
        blue, green, red = self.pixels[at:at + 3]
        return red, green, blue

    def _resize(self, width, height):
        self.width, self.height = width, height
        self.pixels = bytearray(4 * width * height)

    def _raw(self, x, y, width, height):
        data = self.read(4 * width * height)
        assert x + width <= self.width and y + height <= self.height
        for row in range(height):
            at = 4 * ((y + row) * self.width + x)
            self.pixels[at:at + 4 * width] = data[4 * width * row:4 * width * (row + 1)]

    def _rectangle(self, x, y, width, height, encoding):
        if encoding == RAW:
            self._raw(x, y, width, height)
        elif encoding == DESKTOP_SIZE:
            self._resize(width, height)
        elif encoding == EXTENDED_DESKTOP_SIZE:
            count = self.unpack('Bxxx')[0]
            self.screens = [self.unpack('IHHHHI') for _ in range(count)]
            self.resize_answer = (x, y)
            if y == 0:
                self._resize(width, height)
        elif encoding == EXTENDED_KEYS:
            self.extended_keys = True
        elif encoding == LEDS:
            self.leds = self.read(1)[0]
        elif encoding == CURSOR:
            pixels = self.read(4 * width * height)
            mask = self.read((width + 7) // 8 * height)
            self.cursor = ('masked', width, height, x, y, pixels, mask)
        elif encoding == ALPHA_CURSOR:
            assert self.unpack('I') == (RAW,)
            self.cursor = ('alpha', width, height, x, y, self.read(4 * width * height), b'')
        else:
            raise AssertionError(f'encoding {encoding}')

    def read_update(self):
        """Reads one FramebufferUpdate; other messages are skipped."""
        while True:
            kind = self.read(1)[0]
            if kind == 0:
                break
            assert kind == 2, kind  # Bell
        for _ in range(self.unpack('xH')[0]):
            self._rectangle(*self.unpack('HHHHi'))
        self.updates += 1

    def update_until(self, condition, incremental=True):
        """Asks and reads until it holds."""
        while not condition():
            self.request(incremental)
            incremental = True
            self.read_update()

    def shows(self, seed, step=7):
        return all(self.pixel(x, y) == pattern(x, y, seed)
                   for y in range(0, self.height, step) for x in range(0, self.width, step))

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()
