"""A SPICE client that knows just enough, and can misbehave."""
import hashlib
import os
import socket
import ssl
import struct
import time

MAIN, DISPLAY, INPUTS, CURSOR, PLAYBACK = 1, 2, 3, 4, 5
SOUND_DATA, SOUND_MODE, SOUND_START, SOUND_STOP = 101, 102, 103, 104
RAW, OPUS = 1, 3  # modes of sound
OK, BAD_DATA, BAD_VERSION, DENIED = 0, 3, 4, 7
SET_ACK, PING = 3, 4
MAIN_INIT, CHANNELS_LIST, MOUSE_MODE = 103, 104, 105
AGENT_CONNECTED, AGENT_DISCONNECTED, AGENT_DATA = 107, 108, 109
KEY_MODIFIERS = 102
DRAW_COPY, SURFACE_CREATE = 304, 314
CURSOR_INIT, CURSOR_SET, CURSOR_MOVE = 101, 103, 104
TIMEOUT = 30  # seconds


class Refused(Exception):
    pass


def encrypt(password, key):
    """RSA with OAEP padding, for a DER key of 1024 bits, as the library makes them."""
    modulus = int.from_bytes(key[29:157], 'big')
    exponent = int.from_bytes(key[159:162], 'big')
    size, hash_size = 128, 20

    def mask(seed, length):
        rounds = range((length + hash_size - 1) // hash_size)
        return b''.join(hashlib.sha1(seed + struct.pack('>I', i)).digest()
                        for i in rounds)[:length]

    def xor(left, right):
        return bytes(a ^ b for a, b in zip(left, right))
    message = password.encode() + b'\0'
    padding = size - len(message) - 2 * hash_size - 2
    block = hashlib.sha1(b'').digest() + bytes(padding) + b'\1' + message
    seed = os.urandom(hash_size)
    block = xor(block, mask(seed, len(block)))
    seed = xor(seed, mask(block, hash_size))
    number = int.from_bytes(b'\0' + seed + block, 'big')
    return pow(number, exponent, modulus).to_bytes(size, 'big')


def link_message(connection, channel, number=0, magic=b'REDQ', major=2, size=None, caps=(0b1011,),
                 channel_caps=(), caps_offset=18, common=None, special=None):
    body = struct.pack('<IBBIII', connection, channel, number,
                       len(caps) if common is None else common,
                       len(channel_caps) if special is None else special, caps_offset)
    body += b''.join(struct.pack('<I', cap) for cap in (*caps, *channel_caps))
    return magic + struct.pack('<III', major, 2, len(body) if size is None else size) + body


class Channel:
    """One connection, past the log-in."""

    def __init__(self, stream, channel, password, connection=0, number=0, caps=()):
        self.stream = stream
        self.window = self.unanswered = 0
        stream.settimeout(TIMEOUT)
        stream.sendall(link_message(connection, channel, number, channel_caps=caps))
        magic, _, _, size = struct.unpack('<4sIII', self.read(16))
        reply = self.read(size)
        error = struct.unpack_from('<I', reply)[0]
        if magic != b'REDQ' or error != OK:
            raise Refused(error)
        stream.sendall(struct.pack('<I', 1) + encrypt(password, reply[4:166]))
        error = struct.unpack('<I', self.read(4))[0]
        if error != OK:
            raise Refused(error)

    def read(self, size):
        data = b''
        while len(data) < size:
            piece = self.stream.recv(size - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data

    def send(self, kind, body=b''):
        self.stream.sendall(struct.pack('<HI', kind, len(body)) + body)

    def receive(self):
        """The next message; what every channel has to answer is answered."""
        while True:
            kind, size = struct.unpack('<HI', self.read(6))
            body = self.read(size)
            if kind == SET_ACK:
                generation, self.window = struct.unpack('<II', body)
                self.send(1, struct.pack('<I', generation))
                continue
            self.unanswered += 1
            if self.window and self.unanswered >= self.window:
                self.unanswered = 0
                self.send(2)
            if kind == PING:
                self.send(3, body[:12])
                continue
            return kind, body

    def wait_for(self, wanted):
        while True:
            kind, body = self.receive()
            if kind == wanted:
                return body

    def close(self):
        self.stream.close()


class Agent:
    """The client's half of what goes on with a guest's agent."""
    CLIPBOARD, CAPABILITIES, GRAB, REQUEST, RELEASE = 4, 6, 7, 8, 9
    TEXT = struct.pack('<BxxxI', 0, 1)  # of the clipboard, UTF-8

    def __init__(self, client):
        self.main = client.main
        if not client.agent:
            self.main.wait_for(AGENT_CONNECTED)
        self.main.send(106, struct.pack('<I', 1000))
        self.data = b''
        self.send(self.CAPABILITIES, struct.pack('<II', 1, 1 << 5 | 1 << 6))

    def send(self, kind, body=b''):
        data = struct.pack('<IIQI', 1, kind, 0, len(body)) + body
        for at in range(0, len(data), 2048):
            self.main.send(107, data[at:at + 2048])

    def wait_for(self, wanted):
        while True:
            while len(self.data) < 20:
                self.data += self.main.wait_for(AGENT_DATA)
            kind, size = struct.unpack_from('<4xI8xI', self.data)
            while len(self.data) < 20 + size:
                self.data += self.main.wait_for(AGENT_DATA)
            body, self.data = self.data[20:20 + size], self.data[20 + size:]
            if kind == wanted:
                return body


class Client:
    """The main channel, and others to the same server."""

    def __init__(self, address, password, context=None):
        self.address, self.password, self.context = address, password, context
        self.channels = []
        self.connection = 0
        self.main = self.open(MAIN)
        body = self.main.wait_for(MAIN_INIT)
        self.connection, self.heads, _, self.mouse_mode, self.agent = struct.unpack_from(
            '<IIIII', body)
        self.main.send(104)
        body = self.main.wait_for(CHANNELS_LIST)
        count = struct.unpack_from('<I', body)[0]
        self.kinds = [tuple(body[4 + 2 * i:6 + 2 * i]) for i in range(count)]

    def open(self, kind, number=0, caps=()):
        stream = connect(self.address)
        if self.context:
            stream = self.context.wrap_socket(stream, server_hostname='localhost')
        try:
            channel = Channel(stream, kind, self.password, self.connection, number, caps)
        except BaseException:
            stream.close()
            raise
        self.channels.append(channel)
        return channel

    def open_display(self, number=0):
        display = self.open(DISPLAY, number)
        display.send(101, struct.pack('<BqBi', 1, 1 << 22, 1, 1 << 20))
        return display

    def close(self):
        for channel in self.channels:
            channel.close()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()


def connect(address, source='127.0.0.1'):
    if isinstance(address, str):
        stream = socket.socket(socket.AF_UNIX)
        stream.settimeout(TIMEOUT)
        stream.connect(address)
        return stream
    return socket.create_connection(('127.0.0.1', address), timeout=TIMEOUT,
                                    source_address=(source, 0))


def trusting(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(certificate)
    return context


def is_dropped(stream):
    """Reads to the end."""
    try:
        while stream.recv(65536):
            pass
    except (ConnectionError, ssl.SSLError):
        pass
    return True


def until(what, text, patience=TIMEOUT):
    end = time.monotonic() + patience
    while not what():
        assert time.monotonic() < end, text
        time.sleep(0.05)
