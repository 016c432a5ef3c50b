"""mullion-spice before connections that mean no good: it says so, and the others go on."""
import os
import socket
import struct
import time
import unittest

from spice import (BAD_DATA, BAD_VERSION, DRAW_COPY, INPUTS, MAIN, SURFACE_CREATE, TIMEOUT, Channel,
                   Client, Refused, connect, encrypt, is_dropped, link_message, until)
from stage import Stage

GOOD = link_message(0, MAIN)


def status(pid, field):
    with open(f'/proc/{pid}/status', encoding='ascii') as file:
        for line in file:
            if line.startswith(field + ':'):
                return line.split()[1]
    raise AssertionError(field)


def descriptors(pid):
    return len(os.listdir(f'/proc/{pid}/fd'))


class Sources:
    """Loopback addresses, so that one attack isn't held back for the one before."""

    def __init__(self):
        self.last = 1

    def next(self):
        self.last += 1
        return f'127.0.{self.last // 200 + 1}.{self.last % 200 + 1}'


class TestLinks(unittest.TestCase):
    """What comes before the log-in."""

    def setUp(self):
        self.stage = Stage(listen=('--listen', '127.0.0.1:0', '--tls-listen', '127.0.0.1:0'))
        self.addCleanup(self.stage.close)
        self.sources = Sources()
        self.good = Client(self.stage.address, self.stage.password)
        self.addCleanup(self.good.close)
        self.good.open_display()
        self.inputs = self.good.open(INPUTS)
        self.inputs.wait_for(101)
        self.session = self.stage.session()

    def check_alive(self):
        try:
            self.assertEqual(self.stage.session(), self.session)
            self.inputs.send(101, struct.pack('<I', 0x1e))
            self.inputs.send(102, struct.pack('<I', 0x9e))
            self.stage.desktop.wait_for('key 30 0')
        except Exception:
            print('--- mullion-spice said:', *self.stage.server.complaints, sep='\n')
            raise

    def attack(self, data, port=0, close=True):
        source = self.sources.next()
        with connect(self.stage.addresses[port], source) as stream:
            try:
                stream.sendall(data)
                if close:
                    stream.shutdown(socket.SHUT_WR)
                is_dropped(stream)
            except OSError:
                pass  # it was quicker
        self.stage.server.wait_for_error(f'mullion-spice: client {source}: ')

    def answer(self, data):
        """The error number that comes back."""
        with connect(self.stage.address, self.sources.next()) as stream:
            stream.sendall(data)
            magic, _, _, _, error = struct.unpack('<4sIIII', stream.recv(20))
            self.assertEqual(magic, b'REDQ')
            self.assertTrue(is_dropped(stream))
            return error

    def test_cut_everywhere(self):
        for length in range(len(GOOD) + 1):
            with self.subTest(length):
                self.attack(GOOD[:length])
        self.check_alive()

    def test_wrong_words(self):
        for name, data in (
                ('another magic', b'RFB 003.008\n'),
                ('small letters', b'redq' + GOOD[4:]),
                ('zeros', bytes(1000)),
                ('ones', b'\xff' * 1000),
                ('HTTP', b'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'),
                ('WebSocket', b'GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: '
                              b'Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n'
                              b'Sec-WebSocket-Protocol: binary\r\nSec-WebSocket-Version: 13\r\n'
                              b'\r\n'),
                ('TLS', b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' + bytes(500))):
            with self.subTest(name):
                self.attack(data, close=False)
        for name, data in (
                ('plain SPICE', GOOD),
                ('another record', b'\x17\x03\x03\x00\x05hello'),
                ('a record of garbage', b'\x16\x03\x01\x40\x00' + os.urandom(0x4000)),
                ('a long record', b'\x16\x03\x01\xff\xff' + bytes(100)),
                ('an empty record', b'\x16\x03\x01\x00\x00' * 100),
                ('an old version', b'\x16\x02\x00\x00\x10' + bytes(16)),
                ('half a hello', b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' + bytes(90))):
            with self.subTest('TLS: ' + name):
                self.attack(data, port=1)
        self.check_alive()

    def test_wrong_numbers(self):
        answers = (
            ('version 1', link_message(0, MAIN, major=1), BAD_VERSION),
            ('version 3', link_message(0, MAIN, major=3), BAD_VERSION),
            ('version 2^32-1', link_message(0, MAIN, major=0xffffffff), BAD_VERSION),
            ('no size', link_message(0, MAIN, size=0), BAD_DATA),
            ('a small size', link_message(0, MAIN, size=17), BAD_DATA),
            ('a size over 4096', link_message(0, MAIN, size=4097), BAD_DATA),
            ('a huge size', link_message(0, MAIN, size=0xffffffff), BAD_DATA),
            ('more capabilities than sent', link_message(0, MAIN, common=2), BAD_DATA),
            ('1024 of them', link_message(0, MAIN, common=1024), BAD_DATA),
            ('1025 of them', link_message(0, MAIN, common=1025), BAD_DATA),
            ('2^32-1 of them', link_message(0, MAIN, common=0xffffffff), BAD_DATA),
            ('2^30 of the channel', link_message(0, MAIN, special=1 << 30), BAD_DATA),
            ('both', link_message(0, MAIN, common=1 << 31, special=1 << 31), BAD_DATA),
            ('an offset before', link_message(0, MAIN, caps_offset=0), BAD_DATA),
            ('an offset within', link_message(0, MAIN, caps_offset=17), BAD_DATA),
            ('an offset behind', link_message(0, MAIN, caps_offset=19), BAD_DATA),
            ('an offset far off', link_message(0, MAIN, caps_offset=0xfffffff0), BAD_DATA))
        for name, data, error in answers:
            with self.subTest(name):
                self.assertEqual(self.answer(data), error)
        self.check_alive()

    def log_in(self, stream, mechanism=1, ticket=None, connection=0, channel=MAIN):
        stream.sendall(link_message(connection, channel))
        head = stream.recv(16, socket.MSG_WAITALL)
        reply = stream.recv(struct.unpack('<4sIII', head)[3], socket.MSG_WAITALL)
        ticket = encrypt(self.stage.password, reply[4:166]) if ticket is None else ticket
        stream.sendall(struct.pack('<I', mechanism) + ticket)

    def test_wrong_tickets(self):
        for name, options in (
                ('no mechanism', {'mechanism': 0}), ('SASL', {'mechanism': 2}),
                ('mechanism 2^32-1', {'mechanism': 0xffffffff}),
                ('zeros', {'ticket': bytes(128)}), ('ones', {'ticket': b'\xff' * 128}),
                ('noise', {'ticket': os.urandom(128)}),
                ('half a ticket', {'ticket': bytes(64)})):
            with self.subTest(name):
                source = self.sources.next()
                with connect(self.stage.address, source) as stream:
                    try:
                        self.log_in(stream, **options)
                        stream.shutdown(socket.SHUT_WR)
                        is_dropped(stream)
                    except OSError:
                        pass  # it was quicker
                self.stage.server.wait_for_error(f'mullion-spice: client {source}: refused')
        self.check_alive()

    def test_wrong_channels(self):
        for connection, channel in ((12345, INPUTS), (0, INPUTS), (0, 255), (0, 0)):
            with self.subTest((connection, channel)):
                with connect(self.stage.address, self.sources.next()) as stream:
                    with self.assertRaises((Refused, EOFError, ConnectionError)):
                        Channel(stream, channel, self.stage.password, connection)
        self.check_alive()

    def test_slow_strangers(self):
        """They say half a word, and make room when others want in; good ones get in."""
        idle = [connect(self.stage.addresses[i % 2], self.sources.next()) for i in range(60)]
        for i, stream in enumerate(idle):
            try:
                stream.sendall((b'', b'R', b'REDQ', GOOD[:20], b'\x16', GOOD)[i % 6])
            except ConnectionError:
                pass
        with Client(self.stage.address, self.stage.password) as client:
            client.open_display()
        self.check_alive()
        self.assertLess(descriptors(self.session), 110)
        for stream in idle:
            stream.close()

    def test_guessing_is_slow(self):
        source = self.sources.next()
        begin = time.monotonic()
        for _ in range(4):
            with connect(self.stage.address, source) as stream:
                with self.assertRaises(Refused):
                    Channel(stream, MAIN, 'a guess')
        self.assertGreater(time.monotonic() - begin, 2.5)
        self.check_alive()


class TestMessages(unittest.TestCase):
    """What comes after: the worst is that this client, or the session, has to come again."""

    def test_wrong_messages(self):
        with Stage('--resize') as stage:
            for number, (kind, message) in enumerate((
                    ('main', (65535, b'')), ('main', (0, b'')), ('main', (107, bytes(5000))),
                    ('main', (105, b'\xff')), ('main', (106, b'')),
                    ('inputs', (65535, bytes(10))), ('inputs', (101, b'')),
                    ('inputs', (104, os.urandom(2000))), ('inputs', (111, bytes(3))),
                    ('inputs', (112, os.urandom(11))), ('inputs', (113, b'\xff\xff\xff')),
                    ('display', (101, b'')), ('display', (9999, bytes(100))))):
                with self.subTest((kind, message[0])):
                    self.check_message(stage, kind, message)

    def check_message(self, stage, kind, message):
        with Client(stage.address, stage.password) as client:
            channel = client.main if kind == 'main' else (
                client.open_display() if kind == 'display' else client.open(INPUTS))
            channel.send(*message)
            channel.stream.settimeout(0.2)
            try:
                while True:
                    channel.receive()
            except (TimeoutError, EOFError, ConnectionError):
                pass

        def others_get_in():
            try:
                with Client(stage.address, stage.password) as client:
                    client.open_display().wait_for(SURFACE_CREATE)
                return True
            except (Refused, EOFError, ConnectionError):
                return False
        until(others_get_in, 'the server does not serve others')

    def test_one_that_never_reads(self):
        """Whole frames only replace each other; before many pieces, it is dropped."""
        with Stage('--video', 'off', '--compression', 'off') as stage, \
                Client(stage.address, stage.password) as deaf, \
                Client(stage.address, stage.password) as good:
            stage.do('show 1920 1080 1')
            deaf.open_display().wait_for(SURFACE_CREATE)
            seen = good.open_display()
            seen.wait_for(SURFACE_CREATE)
            session = stage.session()
            limit = int(status(session, 'VmRSS')) + 60 * 1024  # kB
            for seed in range(20):
                stage.do(f'paint 0 0 1920 1080 {seed}')
                self.wait_for_box(seen, (0, 0, 1080, 1920))
            for number in range(200):
                stage.do(f'paint {number % 20 * 90} {number // 20 * 90} 80 80 3')
            stage.do('paint 1919 1079 1 1 4')
            self.wait_for_box(seen, (1079, 1919, 1080, 1920))
            if 'SANITIZED' not in os.environ:
                self.assertLess(int(status(session, 'VmRSS')), limit)
            self.assertEqual(stage.session(), session)

    @staticmethod
    def wait_for_box(display, wanted):
        """A piece of the picture that reaches as far."""
        while True:
            box = struct.unpack_from('<4I', display.wait_for(DRAW_COPY), 4)
            if box[2:] == wanted[2:]:
                return


class TestManyConnections(unittest.TestCase):
    def test_nothing_is_left_behind(self):
        with Stage() as stage:
            keeper = stage.server.process.pid

            def visit():
                with Client(stage.address, stage.password) as client:
                    client.open_display().wait_for(SURFACE_CREATE)
            visit()
            session = stage.session()

            def is_settled():
                return descriptors(session) <= before[0] and descriptors(keeper) <= before[1]
            stage.desktop.wait_for('listening 0')
            before = descriptors(session), descriptors(keeper)
            for _ in range(30):
                visit()
            until(is_settled, 'descriptors are left behind', TIMEOUT)
            self.assertEqual(stage.session(), session)


if __name__ == '__main__':
    unittest.main(verbosity=2)
