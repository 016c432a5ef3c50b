"""The web's door: who gets in, what is refused, and what no browser would send."""
import os
import pathlib
import socket
import struct
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'vnc'))
from web import WebStage, frame, read_all, read_data, read_frame  # noqa: E402

GET = b'GET / HTTP/1.1\r\n'
HOST = b'Host: 127.0.0.1\r\n'
POST = b'POST /api/login HTTP/1.1\r\nHost: 127.0.0.1\r\n'

# What is sent, and the status that comes back (0: none).
REQUESTS = {
    'no HTTP': (b'hello\r\n\r\n', 400),
    'nothing but blank lines': (b'\r\n\r\n', 400),
    'RFB': (b'RFB 003.008\n\r\n\r\n', 400),
    'bytes': (b'\0\1\2\3', 400),
    'TLS within TLS': (b'\x16\x03\x01\x02\x00\x01\x00', 400),
    'HTTP/1.0': (b'GET / HTTP/1.0\r\n' + HOST + b'\r\n', 505),
    'HTTP/2': (b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 505),
    'no version': (b'GET /\r\n' + HOST + b'\r\n', 400),
    'two blanks': (b'GET  / HTTP/1.1\r\n' + HOST + b'\r\n', 400),
    'a method': (b'DELETE / HTTP/1.1\r\n' + HOST + b'\r\n', 501),
    'CONNECT': (b'CONNECT a:1 HTTP/1.1\r\n' + HOST + b'\r\n', 501),
    'a whole URL': (b'GET https://127.0.0.1/ HTTP/1.1\r\n' + HOST + b'\r\n', 400),
    'a path of 8 bits': (b'GET /\xc3\xa4 HTTP/1.1\r\n' + HOST + b'\r\n', 400),
    'a long path': (b'GET /' + b'a' * 600 + b' HTTP/1.1\r\n' + HOST + b'\r\n', 414),
    'an endless line': (b'GET /' + b'a' * 9000, 431),
    'an endless head': (GET + HOST + b'a: b\r\n' * 2000, 431),
    '70 fields': (GET + HOST + b'a: b\r\n' * 70 + b'\r\n', 431),
    'no host': (GET + b'\r\n', 400),
    'two hosts': (GET + HOST + HOST + b'\r\n', 400),
    'a folded field': (GET + HOST + b'a: b\r\n c\r\n\r\n', 400),
    'a lone LF': (GET + HOST + b'a: b\nc: d\r\n\r\n', 400),
    'a NUL': (GET + HOST + b'a: \0\r\n\r\n', 400),
    'no colon': (GET + HOST + b'abc\r\n\r\n', 400),
    'chunks': (POST + b'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 501),
    'both lengths': (POST + b'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n', 501),
    'two lengths': (POST + b'Content-Length: 4\r\nContent-Length: 5\r\n\r\n', 400),
    'a negative length': (POST + b'Content-Length: -1\r\n\r\n', 400),
    'a huge length': (POST + b'Content-Length: 18446744073709551617\r\n\r\n', 413),
    'no length': (POST + b'\r\n', 411),
    'a body where none belongs': (GET + HOST + b'Content-Length: 9\r\n\r\n123456789', 400),
    'an expectation': (POST + b'Expect: 100-continue\r\nContent-Length: 2\r\n\r\n', 417),
}

# Frames, and the code with which the server closes.
FRAMES = {
    'no mask': (b'\x82\x05hello', 1002),
    'reserved bits': (frame(b'a', 0xc2), 1002),
    'text': (frame(b'hello', 0x81), 1003),
    'an unknown kind': (frame(b'', 0x83), 1002),
    'an unknown control': (frame(b'', 0x8b), 1002),
    'a continuation of nothing': (frame(b'', 0x80), 1002),
    'a message within one': (frame(b'', 0x02) + frame(b'', 0x82), 1002),
    'a ping in pieces': (frame(b'', 0x09), 1002),
    'a ping of 200 bytes': (frame(b'a' * 200, 0x89), 1002),
    'a long form of a short length': (b'\x82\xfe\0\1aaaa', 1002),
    'a negative length': (b'\x82\xff\xff\0\0\0\0\0\0\0aaaa', 1002),
    'a gigabyte': (struct.pack('>BBQ', 0x82, 0xff, 1 << 30) + b'aaaa', 1009),
    'a message in 70 pieces': (frame(b'', 0x02) + 70 * frame(b'', 0x00), 1002),
}


class TestDoors(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stage = WebStage()
        cls.addClassCleanup(cls.stage.close)

    def check_alive(self):
        status, text = self.stage.ask('/')
        self.assertEqual(status, 200)
        self.assertIn(b'<title>mullion</title>', text)

    def open(self, target='desktop', **rest):
        line, stream = self.stage.upgrade(self.stage.token(target, **rest))
        self.assertEqual(line, 'HTTP/1.1 101 Switching Protocols')
        self.addCleanup(stream.close)
        return stream

    def shake_hands(self, stream):
        self.assertEqual(read_data(stream, 12), b'RFB 003.008\n')
        stream.sendall(frame(b'RFB 003.008\n'))
        self.assertEqual(read_data(stream, 2), b'\1\1')
        stream.sendall(frame(b'\1'))
        self.assertEqual(read_data(stream, 4), bytes(4))
        stream.sendall(frame(b'\1'))
        return struct.unpack('>HH', read_data(stream, 24 + len('alpha - mullion'))[:4])

    def test_pages(self):
        for path in ('/', '/index.html', '/style.css', '/app.js', '/icon.svg'):
            self.assertEqual(self.stage.ask(path)[0], 200)
            self.assertIn("default-src 'none'", self.stage.headers['Content-Security-Policy'])
            self.assertEqual(self.stage.headers['X-Frame-Options'], 'DENY')
            self.assertEqual(self.stage.headers['Referrer-Policy'], 'no-referrer')
            tag = self.stage.headers['ETag']
            self.assertEqual(self.stage.ask(path, **{'If-None-Match': tag})[0], 304)
        server = self.stage.ask('/api/server')[1]
        self.assertEqual(server['auth'], 'users')
        folder = server['novnc'].removesuffix('/core/rfb.js')
        self.assertEqual(self.stage.ask(server['novnc'])[0], 200)
        self.assertIn('immutable', self.stage.headers['Cache-Control'])
        for path in ('/etc/passwd', '/../etc/passwd', '/%2e%2e/%2e%2e/etc/passwd', f'{folder}/',
                     f'{folder}/vnc.html', f'{folder}/core/../vnc.html', f'{folder}/utils/novnc_proxy',
                     '/web_embed.py'):
            self.assertEqual(self.stage.ask(path)[0], 404, path)

    def test_wrong_passwords(self):
        for i, (user, password) in enumerate((
                ('anna', 'no'), ('anna', ''), ('nobody', "anna's"), ('', ''), ('anna@desktop', "anna's"))):
            status, answer = self.stage.ask('/api/login', {'user': user, 'password': password},
                                            source=f'127.0.2.{i + 1}')
            self.assertEqual((status, answer), (403, {'error': 'Wrong user name or password.'}))
        for path in ('/api/targets', '/api/token', '/api/logout'):
            status, _ = self.stage.ask(path, {'target': 'desktop'})
            self.assertEqual(status, 401)
        for key in ('0' * 32, '', 'x' * 300):
            self.assertEqual(self.stage.ask('/api/targets', {}, key or ' ')[0], 401)
        self.assertEqual(self.stage.ask('/api/login', {'user': 'a' * 400, 'password': 'b'})[0], 400)

    def test_a_token_opens_once(self):
        token = self.stage.token('guest:alpha')
        line, stream = self.stage.upgrade(token)
        self.assertEqual(line, 'HTTP/1.1 101 Switching Protocols')
        self.assertEqual(self.shake_hands(stream), (640, 400))
        self.assertEqual(self.stage.desktop.wait_for('session').rstrip(),
                         'session  web anna 127.0.0.1 guest:alpha')
        self.assertEqual(self.stage.status(token), 403)
        for wrong in ('', '0' * 32, token[:-1], token + '0', '%00' * 32):
            self.assertEqual(self.stage.status(wrong), 403)
        stream.close()

    def test_keys_and_tokens_hold_for_one_address(self):
        key = self.stage.log_in()
        self.assertEqual(
            self.stage.ask('/api/token', {'target': 'desktop'}, key, source='127.0.2.9')[0], 401)
        token = self.stage.token('desktop')
        self.assertEqual(self.stage.status(token, source='127.0.2.9'), 403)

    def test_other_pages(self):
        for origin in ('https://evil.org', f'https://{self.stage.host}.evil.org', 'null',
                       f'http://{self.stage.host}', 'https://127.0.0.1'):
            token = self.stage.token('desktop')
            self.assertEqual(self.stage.status(token, origin), 403, origin)
            status, _ = self.stage.ask('/api/login', {'user': 'anna', 'password': "anna's"},
                                       Origin=origin)
            self.assertEqual(status, 403)

    def test_targets_and_rights(self):
        key = self.stage.log_in('ben')
        for target in ('desktop', 'output:LEFT', 'guest:beta', 'guest:', '', 'a' * 250):
            status, _ = self.stage.ask('/api/token', {'target': target}, key)
            self.assertIn(status, (400, 403), target)
        stream = self.open('guest:alpha', user='ben')
        self.shake_hands(stream)
        stream.sendall(frame(struct.pack('>BBHI', 4, 1, 0, ord('a'))))
        stream.sendall(frame(struct.pack('>BBHHHH', 3, 0, 0, 0, 1, 1)))
        self.assertEqual(read_frame(stream)[0], 0x82)
        self.assertFalse([line for line in self.stage.desktop.said if line.startswith('key')])

    def test_logout_and_changed_users(self):
        key = self.stage.log_in()
        self.assertEqual(self.stage.ask('/api/logout', {}, key)[0], 200)
        self.assertEqual(self.stage.ask('/api/token', {'target': 'desktop'}, key)[0], 401)
        key = self.stage.log_in('cleo')
        with open(self.stage.users_file, encoding='ascii') as file:
            text = file.read()
        try:
            self.stage.write(self.stage.users_file, text.replace('[cleo]', '[carl]'))
            self.assertEqual(self.stage.ask('/api/token', {'target': 'guest:a'}, key)[0], 401)
        finally:
            self.stage.write(self.stage.users_file, text)

    def test_types_in_pieces(self):
        stream = self.open('guest:alpha')
        self.shake_hands(stream)
        press = struct.pack('>BBHI', 4, 1, 0, ord('a'))
        stream.sendall(frame(press[:3], 0x02) + frame(b'ping', 0x89) + frame(press[3:], 0x80))
        self.assertEqual(read_frame(stream), (0x8a, b'ping'))
        self.stage.desktop.wait_for('key 30 1')
        stream.sendall(frame(b'\x03\xe8', 0x88))
        while (answer := read_frame(stream))[0] == 0x82:
            pass
        self.assertEqual(answer, (0x88, b'\x03\xe8'))

    def test_bad_requests(self):
        for name, (request, status) in REQUESTS.items():
            with self.subTest(name):
                stream = self.stage.connect()
                port = stream.getsockname()[1]
                try:
                    stream.sendall(request)
                except ConnectionError:
                    pass  # it was refused before its end
                answer = read_all(stream)
                if answer or len(request) < 8192:
                    self.assertTrue(answer.startswith(f'HTTP/1.1 {status} '.encode()), answer[:99])
                self.stage.server.wait_for_error(
                    f'mullion-vnc: client 127.0.0.1:{port}: bad HTTP request: ')
                self.check_alive()

    def test_bad_frames(self):
        for name, (bytes_sent, code) in FRAMES.items():
            for late in (False, True):
                with self.subTest(name, late=late):
                    stream = self.open('guest:alpha')
                    port = stream.getsockname()[1]
                    if late:
                        self.shake_hands(stream)
                    else:
                        read_data(stream, 12)
                    stream.sendall(bytes_sent)
                    while (answer := read_frame(stream))[0] == 0x82:
                        pass
                    self.assertEqual(answer, (0x88, struct.pack('>H', code)))
                    self.stage.server.wait_for_error(
                        f'mullion-vnc: client 127.0.0.1:{port}: bad WebSocket frame: ')
        self.check_alive()

    def test_cut_anywhere(self):
        """A request and a handshake that end at any byte leave nothing behind."""
        request = (f'GET /rfb?token={"0" * 32} HTTP/1.1\r\nHost: {self.stage.host}\r\n\r\n').encode()
        for size in range(0, len(request), 7):
            stream = self.stage.connect()
            stream.sendall(request[:size])
            stream.close()
        handshake = frame(b'RFB 003.008\n') + frame(b'\1') + frame(b'\1')
        for size in range(0, len(handshake), 5):
            stream = self.open('guest:alpha')
            stream.sendall(handshake[:size])
            stream.close()
        self.check_alive()


class TestLocal(unittest.TestCase):
    """Plain HTTP, on a loopback address without users."""

    def test_no_password(self):
        with WebStage(('--no-password', '--guest', 'alpha', '--resize')) as stage:
            self.assertEqual(stage.ask('/api/server')[1]['auth'], 'none')
            self.assertEqual(stage.ask('/', Host='evil.org')[0], 403)
            status, answer = stage.ask('/api/login', {})
            self.assertEqual((status, answer['viewOnly'], answer['resize']), (200, False, True))
            self.assertEqual(stage.ask('/api/token', {'target': 'desktop'}, answer['key'])[0], 403)
            status, token = stage.ask('/api/token', {'target': 'guest:alpha'}, answer['key'])
            self.assertEqual(status, 200)
            line, stream = stage.upgrade(token['token'])
            self.assertEqual(line, 'HTTP/1.1 101 Switching Protocols')
            stream.close()

    def test_password(self):
        with WebStage(('--view-only',)) as stage:
            self.assertEqual(stage.ask('/api/server')[1]['auth'], 'password')
            self.assertEqual(stage.ask('/api/login', {'password': 'wrong'})[0], 403)
            status, answer = stage.ask('/api/login', {'password': stage.password})
            self.assertEqual((status, answer['viewOnly']), (200, True))

    def test_unix_socket(self):
        """A proxy that speaks TLS with the browsers stands before it."""
        folder = tempfile.TemporaryDirectory(prefix='mullion-test-')
        self.addCleanup(folder.cleanup)
        path = os.path.join(folder.name, 'web')
        with WebStage(('--users', '--web-listen', f'unix:{path}')):
            self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
            with socket.socket(socket.AF_UNIX) as stream:
                stream.settimeout(30)
                stream.connect(path)
                form = b'user=anna&password=anna%27s'
                stream.sendall(b'POST /api/login HTTP/1.1\r\nHost: example.org\r\n'
                               b'Origin: https://example.org\r\nConnection: close\r\n'
                               b'Content-Length: %d\r\n\r\n' % len(form) + form)
                answer = read_all(stream)
            self.assertTrue(answer.startswith(b'HTTP/1.1 200 OK'), answer)
            self.assertIn(b'"key":"', answer)


if __name__ == '__main__':
    unittest.main(verbosity=2)
