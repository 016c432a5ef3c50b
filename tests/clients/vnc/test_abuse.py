"""mullion-vnc before clients that mean no good: the others go on."""
import os
import socket
import struct
import time
import unittest

from processes import Stage
from rfb import RAW, Client, Refused, encrypt

TIMEOUT = 60  # seconds; limits of the server's own are up to 15


def connect(port, source='127.0.0.1'):
    return socket.create_connection(('127.0.0.1', port), timeout=TIMEOUT,
                                    source_address=(source, 0))


def is_dropped(stream):
    """Reads to the end."""
    try:
        while stream.recv(65536):
            pass
    except ConnectionError:
        pass
    return True


def children(pid):
    with open(f'/proc/{pid}/task/{pid}/children', encoding='ascii') as file:
        return [int(child) for child in file.read().split()]


def status(pid, field):
    with open(f'/proc/{pid}/status', encoding='ascii') as file:
        for line in file:
            if line.startswith(field + ':'):
                return int(line.split()[1])
    raise AssertionError(field)


def wait_until(condition, patience=TIMEOUT):
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, 'it took too long'
        time.sleep(0.05)


class TestAbuse(unittest.TestCase):
    def setUp(self):
        self.stage = Stage()
        self.addCleanup(self.stage.close)
        self.seed = 1
        self.pid = self.stage.server.process.pid

    def client(self):
        client = Client(self.stage.port, self.stage.password)
        self.addCleanup(client.close)
        client.set_encodings(RAW)
        client.update_until(lambda: client.shows(self.seed), incremental=False)
        return client

    def check_goes_on(self, client):
        self.seed += 1
        self.stage.do(f'paint 0 0 640 400 {self.seed}')
        client.update_until(lambda: client.shows(self.seed))

    def test_half_a_version(self):
        client = self.client()
        for text in (b'', b'R', b'RFB 003.', b'RFB 003.008'):
            bad = connect(self.stage.port)
            bad.sendall(text)
            self.addCleanup(bad.close)
        self.check_goes_on(client)
        self.check_goes_on(self.client())
        self.assertTrue(is_dropped(bad))
        self.check_goes_on(client)

    def test_bad_handshakes(self):
        client = self.client()
        for text in (b'GET / HTTP/1.1\r\n\r\n', b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\x00',
                     b'RFB 004.000\n', b'RFB 003.00x\n', b'\0' * 64, b'RFB 003.008\n\x01',
                     b'RFB 003.008\n\x10', b'RFB 003.008\n\x02' + b'x' * 16,
                     b'RFB 003.003\n' + b'x' * 16, b'RFB 003.008\n\x00'):
            with connect(self.stage.port, '127.0.0.9') as bad:
                bad.sendall(text)
                self.assertTrue(is_dropped(bad), text)
        self.check_goes_on(client)

    def test_bad_messages(self):
        client = self.client()
        pixel_format = struct.pack('>BBBBHHHBBB3x', 32, 24, 0, 1, 255, 255, 255, 16, 8, 0)
        bad_formats = [pixel_format[:i] + bytes([value]) + pixel_format[i + 1:]
                       for i, value in ((0, 0), (0, 24), (0, 64), (1, 0), (1, 33), (3, 0), (5, 254),
                                        (4, 0xff), (10, 25), (11, 255))]
        bad = [b'\0\0\0\0' + form for form in bad_formats] + [
            b'\1', b'\7' + b'\0' * 11, b'\x08\2\0\0', b'\x0f\2\0\0', b'\x0a\0\0\0\0\0',
            b'\x0b\0\0\0\0\0\0\5hello', b'\xfa\0\1\2', b'\xff\1\0\0', b'\xff\2\0\0' + b'\0' * 8,
            b'\2\0\xff\xff' + b'\0' * 16, b'\6\0\0\0\x00\x10\0\0', b'\6\0\0\0\x7f\xff\xff\xff',
            b'\6\0\0\0\x80\0\0\0', b'\xf8']
        for message in bad:
            with Client(self.stage.port, self.stage.password) as other:
                other.socket.sendall(message + b'\0' * 32)
                self.assertTrue(is_dropped(other.socket), message)
        self.check_goes_on(client)
        self.check_goes_on(self.client())

    def test_half_a_message_delays_not_even_its_sender(self):
        client = self.client()
        client.request()
        client.socket.sendall(b'\4\1')
        self.stage.do('paint 0 0 640 400 5')
        client.read_update()
        self.assertTrue(client.shows(5))
        client.socket.sendall(struct.pack('>xxI', ord('a')))
        self.assertEqual(self.stage.desktop.wait_for('key'), 'key 30 1')

    def test_a_text_is_dropped(self):
        client = self.client()
        for length in (0, 1, 5000, 256 * 1024):
            client.socket.sendall(struct.pack('>Bxxxi', 6, length) + b'x' * length)
            client.socket.sendall(struct.pack('>Bxxxi', 6, -length) + b'x' * length)
        self.check_goes_on(client)

    def test_client_that_never_reads(self):
        client, bad = self.client(), self.client()
        known = set(children(self.pid))
        for _ in range(30):
            bad.request(incremental=False)
            self.check_goes_on(client)
        for pid in known:
            self.assertLess(status(pid, 'VmRSS'), 200 * 1024)
        def is_dropped():
            """It is asked for more until the kernel takes no more, too."""
            try:
                bad.request(incremental=False)
            except OSError:
                pass
            return len(children(self.pid)) == 1
        wait_until(is_dropped, patience=120)
        self.check_goes_on(client)

    def test_many_idle_connections(self):
        client = self.client()
        idle = []
        for i in range(200):
            idle.append(connect(self.stage.port, f'127.0.{1 + i // 100}.{1 + i % 20}'))
        for stream in idle:
            self.addCleanup(stream.close)
        self.check_goes_on(client)
        self.check_goes_on(self.client())
        self.assertLessEqual(len(children(self.pid)), 35)

    def test_many_idle_connections_from_the_same_address(self):
        idle = [connect(self.stage.port) for _ in range(40)]
        for stream in idle:
            self.addCleanup(stream.close)
        self.check_goes_on(self.client())

    def test_nothing_is_left_behind(self):
        self.client().close()
        wait_until(lambda: not children(self.pid))
        before = len(os.listdir(f'/proc/{self.pid}/fd'))
        for _ in range(30):
            connect(self.stage.port).close()
            Client(self.stage.port, self.stage.password).close()
        wait_until(lambda: not children(self.pid))
        self.assertEqual(len(os.listdir(f'/proc/{self.pid}/fd')), before)

    def test_guessing_is_slow_side_by_side(self):
        streams = []
        for _ in range(6):
            stream = connect(self.stage.port, '127.0.0.5')
            self.addCleanup(stream.close)
            self.assertEqual(stream.recv(12), b'RFB 003.008\n')
            stream.sendall(b'RFB 003.003\n')
            streams.append(stream)
        start = time.monotonic()
        for stream in streams:
            data = b''
            while len(data) < 20:
                data += stream.recv(20 - len(data))
            stream.sendall(encrypt(data[4:], 'guess'))
        for stream in streams:
            self.assertEqual(stream.recv(4), b'\0\0\0\1')
        self.assertGreater(time.monotonic() - start, 4)
        Client(self.stage.port, self.stage.password).close()

    def test_too_many_sessions(self):
        clients = [Client(self.stage.port, self.stage.password) for _ in range(24)]
        for client in clients:
            self.addCleanup(client.close)
        with self.assertRaisesRegex(Refused, 'too many sessions'):
            Client(self.stage.port, self.stage.password)
        Client(self.stage.port, self.stage.password, source='127.0.0.3').close()

    def test_idle_costs_nothing(self):
        client = self.client()
        client.request()
        session = children(self.pid)[0]
        pids = (self.pid, session)
        time.sleep(1)  # what the last update set off has settled
        before = [status(pid, 'voluntary_ctxt_switches') for pid in pids]
        time.sleep(3)
        self.assertEqual([status(pid, 'voluntary_ctxt_switches') for pid in pids], before)
        self.check_goes_on(client)

    def test_sandbox(self):
        self.client()
        session = children(self.pid)[0]
        with open(f'/proc/{session}/status', encoding='ascii') as file:
            fields = dict(line.rstrip('\n').split(':\t', 1) for line in file if ':\t' in line)
        self.assertEqual(fields['NoNewPrivs'], '1')
        self.assertEqual(fields['Seccomp'], '2' if 'SANITIZED' not in os.environ else '0')


if __name__ == '__main__':
    unittest.main(verbosity=2)
