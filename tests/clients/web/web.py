"""A server with users and a door for the web, and a client that speaks to it byte by byte."""
import http.client
import json
import socket
import ssl
import struct
import urllib.parse

from secure import SecureStage, context_for

KEY = 'dGhlIHNhbXBsZSBub25jZQ=='


class WebStage(SecureStage):
    keys = {}  # of those who have logged in

    def __init__(self, options=('--users',), **rest):
        super().__init__((*options, '--web-listen', '127.0.0.1:0'), **rest)

    def start_server(self, options):
        super().start_server(options)
        self.url = self.server.wait_for('mullion-vnc: listening on http').split()[-1]
        self.host = urllib.parse.urlsplit(self.url).netloc
        self.web_port = int(self.host.rsplit(':', 1)[1])
        self.secure = self.url.startswith('https:')

    def connect(self, source='127.0.0.1'):
        stream = socket.create_connection(
            ('127.0.0.1', self.web_port), 30, source_address=(source, 0))
        if self.secure:
            stream = context_for(self.certificate).wrap_socket(stream, server_hostname='localhost')
        return stream

    @property
    def origin(self):
        return self.url.rstrip('/')

    def ask(self, path, fields=None, key=None, source='127.0.0.1', **headers):
        """The status, and the answer's JSON."""
        stream = self.connect(source)
        connection = http.client.HTTPConnection('localhost')
        connection.sock = stream
        headers = {'Host': self.host, 'Origin': self.origin, **headers}
        if key:
            headers['Authorization'] = f'Bearer {key}'
        body = None if fields is None else urllib.parse.urlencode(fields)
        connection.request('GET' if body is None else 'POST', path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        self.headers = answer.headers
        kind = answer.headers.get('Content-Type', '')
        return answer.status, json.loads(text) if 'json' in kind else text

    def log_in(self, user='anna', **rest):
        """A new key."""
        status, answer = self.ask(
            '/api/login', {'user': user, 'password': f"{user}'s"}, **rest)
        assert status == 200, answer
        return answer['key']

    def token(self, target, user='anna', **rest):
        if user not in self.keys:
            self.keys = {**self.keys, user: self.log_in(user, **rest)}
        status, answer = self.ask('/api/token', {'target': target}, self.keys[user], **rest)
        assert status == 200, answer
        return answer['token']

    def upgrade(self, token, origin=None, source='127.0.0.1'):
        """The first line of the answer, and the stream."""
        stream = self.connect(source)
        origin = self.origin if origin is None else origin
        stream.sendall((f'GET /rfb?token={token} HTTP/1.1\r\nHost: {self.host}\r\n'
                        f'Origin: {origin}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n'
                        f'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n\r\n').encode())
        head = b''
        while not head.endswith(b'\r\n\r\n'):
            byte = stream.recv(1)
            if not byte:
                break
            head += byte
        return head.split(b'\r\n')[0].decode(), stream

    def status(self, *arguments, **rest):
        """Of an upgrade."""
        line, stream = self.upgrade(*arguments, **rest)
        stream.close()
        return int(line.split()[1])


def frame(payload, first=0x82, mask=b'\1\2\3\4'):
    size = len(payload)
    head = bytes([first, 0x80 | size]) if size < 126 else struct.pack('>BBH', first, 0xfe, size)
    return head + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))


def read_exactly(stream, size):
    data = b''
    while len(data) < size:
        part = stream.recv(size - len(data))
        if not part:
            raise ConnectionError('the server hung up')
        data += part
    return data


def read_frame(stream):
    """Its first byte and its payload."""
    first, size = read_exactly(stream, 2)
    if size == 126:
        size = struct.unpack('>H', read_exactly(stream, 2))[0]
    assert size < 127
    return first, read_exactly(stream, size)


def read_data(stream, size):
    data = b''
    while len(data) < size:
        first, payload = read_frame(stream)
        assert first == 0x82, first
        data += payload
    assert len(data) == size, data
    return data


def read_all(stream):
    data = b''
    try:
        while part := stream.recv(65536):
            data += part
    except (ConnectionError, ssl.SSLError):
        pass
    stream.close()
    return data


__all__ = ['WebStage', 'frame', 'read_all', 'read_data', 'read_frame']
