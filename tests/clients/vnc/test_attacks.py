"""mullion-vnc with users before clients that mean no good, in the handshake and after it."""
import os
import random
import resource
import socket
import ssl
import statistics
import struct
import sys
import time
import unittest

from processes import TIMEOUT
from rfb import RAW, Refused
from secure import SecureStage
from test_abuse import children, connect, is_dropped, status, wait_until

VERSION, VENCRYPT, VENCRYPT_02 = b'RFB 003.008\n', b'\x13', b'\0\2'
UP_TO_TLS = VERSION + VENCRYPT + VENCRYPT_02 + struct.pack('>I', 262)
IDLE = 2000  # connections
STEPS = 40  # pictures


def client_hello():
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.wrap_bio(incoming, outgoing, server_hostname='localhost').do_handshake()
    except ssl.SSLWantReadError:
        return outgoing.read()


def login(name, password, lengths=None):
    lengths = lengths or (len(name), len(password))
    return struct.pack('>II', *lengths) + name + password


def to_tls(stream):
    """Up to the first byte of TLS."""
    for said, size in ((VERSION, 14), (VENCRYPT, 2), (VENCRYPT_02, 6), (UP_TO_TLS[-4:], 1)):
        stream.sendall(said)
        while size:
            got = stream.recv(size)
            assert got, 'the server hung up'
            size -= len(got)
    return stream


def to_login(stream, certificate):
    context = ssl.create_default_context(cafile=certificate)
    return context.wrap_socket(to_tls(stream), server_hostname='localhost')


def plain_cases():
    """What a client says in the clear, and what the server's log says of it."""
    for cut in range(1, len(UP_TO_TLS)):
        yield UP_TO_TLS[:cut], 'it is gone'
    for text in (b'RFB 004.000\n', b'RFB 003.00x\n', b'rfb 003.008\n', b'RFB 003.008\r',
                 b'GET / HTTP/1', b'\0' * 12, b'\xff' * 12):
        yield text, "it doesn't speak RFB 3"
    yield b'RFB 003.003\n', "3.3, can't encrypt"
    for kind in (0, 1, 2, 5, 16, 18, 20, 30, 129, 255):
        yield VERSION + bytes([kind]), 'a security type that'
    for version in (b'\0\0', b'\0\1', b'\0\3', b'\1\2', b'\2\0', b'\xff\xff'):
        yield VERSION + VENCRYPT + version, 'another version of VeNCrypt'
    for kind in (0, 1, 2, 19, 256, 257, 258, 259, 260, 261, 263, 264, 0x06010000, 0xffffffff):
        yield UP_TO_TLS[:-4] + struct.pack('>I', kind), "a type of VeNCrypt that wasn't offered"
    hello = client_hello()
    for more in (b'\0', b'\x16', hello, login(b'anna', b"anna's"), b'x' * 4096):
        yield UP_TO_TLS + more, 'in the clear before TLS'


def tls_cases():
    """What it says in place of TLS."""
    hello = client_hello()
    noise = random.Random(3)
    for cut in range(1, len(hello), 16):
        yield hello[:cut], 'terminated|decoding'
    yield login(b'anna', b"anna's") + b'\0' * 64, '.'
    yield b'GET / HTTP/1.1\r\n\r\n', '.'
    yield b'\x16\x03\x01\xff\xff' + b'\1' * 70000, '.'
    yield b'\x15\x03\x01\0\2\2\x28', '.'
    yield b'\x17\x03\x03\0\x10' + b'a' * 16, '.'
    yield b'\x80\x2e\1\0\2' + b'\0' * 43, '.'  # SSL 2
    for at in (1, 5, 9, 11, 43, 44, 46):
        yield hello[:at] + bytes([hello[at] ^ 0xff]) + hello[at + 1:], '.'
    for _ in range(6):
        yield bytes(noise.randrange(256) for _ in range(500)), '.'
    for _ in range(6):
        bad = bytearray(hello)
        for _ in range(4):
            bad[noise.randrange(9, len(bad))] = noise.randrange(256)
        yield bytes(bad), None  # may be sound


def login_cases():
    """What it says in TLS."""
    whole = login(b'anna', b"anna's")
    for cut in range(0, len(whole)):
        yield whole[:cut], 'it is gone'
    for lengths in ((0, 5), (256, 5), (5, 256), (0xffffffff, 0xffffffff), (0x80000000, 0), (0, 0),
                    (65536, 1), (1, 0x7fffffff)):
        yield login(b'a' * 5, b'b' * 5, lengths), 'longer than 255 bytes, or it gave no name'
    for name, password in ((b'an\0na', b'x'), (b'anna', b'\0'), (b'\0', b'')):
        yield login(name, password), 'holds a NUL'


class TestBadInput(unittest.TestCase):
    def setUp(self):
        self.stage = SecureStage()
        self.addCleanup(self.stage.close)
        self.good = self.stage.client()
        self.addCleanup(self.good.close)
        self.good.set_encodings(RAW)
        self.good.update_until(lambda: self.good.shows(1), incremental=False)
        self.seed, self.count = 1, 0

    def source(self):
        self.count += 1
        return f'127.0.{2 + self.count // 200}.{1 + self.count % 200}'

    def check_goes_on(self):
        self.seed += 1
        self.stage.do(f'paint 0 0 640 400 {self.seed}')
        self.good.update_until(lambda: self.good.shows(self.seed))

    def expect_line(self, source, pattern, what):
        line = self.stage.server.wait_for_error(f'mullion-vnc: client {source}:')
        self.assertRegex(line, pattern, what)

    def test_in_the_clear(self):
        for said, pattern in plain_cases():
            source = self.source()
            with connect(self.stage.port, source) as stream:
                stream.sendall(said)
                if pattern == 'it is gone':
                    stream.shutdown(socket.SHUT_WR)
                self.assertTrue(is_dropped(stream), said)
            self.expect_line(source, pattern, said)
        self.check_goes_on()

    def test_in_place_of_tls(self):
        for said, pattern in tls_cases():
            source = self.source()
            with to_tls(connect(self.stage.port, source)) as stream:
                stream.sendall(said)
                stream.shutdown(socket.SHUT_WR)
                self.assertTrue(is_dropped(stream), said)
            self.expect_line(source, pattern or '.', said)
        self.check_goes_on()

    def test_in_tls(self):
        for said, pattern in login_cases():
            source = self.source()
            with to_login(connect(self.stage.port, source), self.stage.certificate) as stream:
                stream.sendall(said)
                if pattern == 'it is gone':
                    socket.socket.shutdown(stream, socket.SHUT_WR)
                try:
                    self.assertTrue(is_dropped(stream), said)
                except ssl.SSLError:
                    pass
            self.expect_line(source, pattern, said)
        self.check_goes_on()


class TestSwarm(unittest.TestCase):
    """Twenty clients, of which three misbehave, and two thousand that say nothing."""

    def setUp(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        self.stage = SecureStage()
        self.addCleanup(self.stage.close)
        self.pid = self.stage.server.process.pid

    def client(self, source='127.0.0.1'):
        client = self.stage.client(source=source)
        self.addCleanup(client.close)
        client.set_encodings(RAW)
        return client

    def good_client(self):
        client = self.client()
        client.update_until(lambda: client.shows(1), incremental=False)
        return client

    def attack(self):
        deaf = self.client('127.0.1.1')
        for _ in range(20):
            deaf.request(incremental=False)
        half = self.client('127.0.1.2')
        half.socket.sendall(b'\4')
        self.hello = to_tls(connect(self.stage.port, '127.0.1.3'))
        self.addCleanup(self.hello.close)
        self.hello.sendall(client_hello()[:100])
        for i in range(IDLE):
            stream = connect(self.stage.port, f'127.1.{i // 200}.{1 + i % 200}')
            self.addCleanup(stream.close)
            yield

    def paint(self, clients, step):
        """One picture of which a tenth changes; how long until each client had it, in s."""
        y, seed, took = step % 10 * 40, 2 + step // 10, []
        for client in clients:
            client.request()
        start = time.monotonic()
        self.stage.do(f'paint 0 {y} 640 40 {seed}')
        for client in clients:
            client.read_update()
            took.append(time.monotonic() - start)
        return took

    def test_frames_keep_coming(self):
        clients = [self.good_client() for _ in range(17)]
        quiet = [t for step in range(10) for t in self.paint(clients, step)]
        attack, took = self.attack(), []
        for step in range(10, 10 + STEPS):
            for _ in range(IDLE // STEPS):
                next(attack)
            took += self.paint(clients, step)
        last = 2 + (9 + STEPS) // 10
        for client in clients:
            client.update_until(lambda: client.shows(last))
        print(f'a picture reached 17 clients in {1000 * statistics.median(quiet):.0f} ms (median), '
              f'{1000 * max(quiet):.0f} ms (most); under attack {1000 * statistics.median(took):.0f} '
              f'and {1000 * max(took):.0f}', file=sys.stderr)
        self.assertLess(statistics.median(took), 1)
        self.assertLess(max(took), TIMEOUT / 3)
        self.assertLessEqual(len(children(self.pid)), 17 + 3 + 32)
        sizes = [status(pid, 'VmRSS') for pid in children(self.pid)]
        print(f'sessions of {max(sizes)} KiB at most, the listener of {status(self.pid, "VmRSS")}',
              file=sys.stderr)
        if 'SANITIZED' not in os.environ:
            self.assertLess(max(sizes), 64 * 1024)
            self.assertLess(status(self.pid, 'VmRSS'), 32 * 1024)
        with self.stage.client(source='127.0.3.3') as late:
            self.assertEqual(late.width, 640)
        self.stage.server.wait_for_error('mullion-vnc: client 127.0.1.3')
        self.assertTrue(is_dropped(self.hello))

    def test_who_types_a_password_is_not_pushed_out(self):
        typing = to_login(connect(self.stage.port, '127.0.7.1'), self.stage.certificate)
        self.addCleanup(typing.close)
        for i in range(50):  # each has a process of its own
            stream = connect(self.stage.port, f'127.0.8.{1 + i}')
            self.addCleanup(stream.close)
            stream.sendall(b'R')
        self.assertIn('dropped', self.stage.server.wait_for_error('mullion-vnc: client 127.0.8.'))
        typing.sendall(login(b'anna', b"anna's"))
        self.assertEqual(typing.recv(4), b'\0\0\0\0')

    def test_nothing_is_left_behind(self):
        self.good_client().close()
        wait_until(lambda: not children(self.pid))
        fds = len(os.listdir(f'/proc/{self.pid}/fd'))
        memory = status(self.pid, 'VmRSS')
        for i in range(50):
            connect(self.stage.port).close()
            if i % 10 == 9:
                with self.assertRaises(Refused):
                    self.stage.client('anna', 'no', source=f'127.0.4.{i}')
            else:
                self.stage.client().close()
        wait_until(lambda: not children(self.pid))
        self.assertEqual(len(os.listdir(f'/proc/{self.pid}/fd')), fds)
        if 'SANITIZED' not in os.environ:
            self.assertLess(status(self.pid, 'VmRSS'), memory + 1024)

    def test_too_many_wrong_passwords(self):
        for _ in range(12):  # nobody waits for the answer, which would come in five seconds
            stream = connect(self.stage.port, '127.0.5.5')
            self.addCleanup(stream.close)
            to_login(stream, self.stage.certificate).sendall(login(b'anna', b'no'))
            self.stage.server.wait_for_error(
                'mullion-vnc: error: client 127.0.5.5: wrong name or password for anna')
        self.stage.server.wait_for_error('mullion-vnc: error: client 127.0.5.5: too many')
        with self.assertRaises(ConnectionError):
            self.stage.client('anna', source='127.0.5.5')
        self.stage.client('anna', source='127.0.5.6').close()


if __name__ == '__main__':
    unittest.main(verbosity=2)
