"""A server with users, and clients that log in over TLS."""
import ctypes
import os
import ssl
import struct

from processes import Stage
from rfb import Client, Refused, encrypt

X509_VNC, X509_PLAIN = 261, 262


def hash_password(password):
    """With the cheapest cost of yescrypt."""
    library = ctypes.CDLL('libcrypt.so.1')
    library.crypt.restype = library.crypt_gensalt.restype = ctypes.c_char_p
    return library.crypt(password.encode(), library.crypt_gensalt(b'$y$', 1, None, 0)).decode()


class SecureStage(Stage):
    """Users: anna sees the desktop and the guest alpha, ben views the guest only, and cleo sees
    every guest and knows a VNC password."""

    def __init__(self, options=('--users',), **rest):
        self.options = options
        super().__init__(options, **rest)

    def start_server(self, options):
        self.config = os.path.join(self.folder.name, 'config')
        self.env['XDG_CONFIG_HOME'] = self.config
        self.users_file = os.path.join(self.config, 'mullion', 'users.ini')
        self.vnc_file = os.path.join(self.folder.name, 'cleo')
        os.makedirs(os.path.dirname(self.users_file), 0o700, exist_ok=True)
        self.write(self.vnc_file, 'cleovnc\n')
        self.write(self.users_file, f'''[anna]
password = {hash_password("anna's")}
targets = desktop, guest:alpha
[ben]
password = {hash_password("ben's")}
targets = guest:alpha
rights = view
[cleo]
password = {hash_password("cleo's")}
targets = guest:*
vnc-password-file = {self.vnc_file}
''')
        super().start_server(options)
        self.certificate = os.path.join(self.config, 'mullion', 'tls', 'cert.pem')

    @staticmethod
    def write(path, text):
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 'w',
                  encoding='ascii') as file:
            file.write(text)

    def client(self, name='anna', password=None, **rest):
        password = f"{name.split('@')[0]}'s" if password is None else password
        return SecureClient(self.port, name, password, self.certificate, **rest)


def context_for(certificate):
    context = ssl.create_default_context(cafile=certificate)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


class SecureClient(Client):
    """`name` None: with a VNC password."""

    def __init__(self, port, name, password, certificate, version=8, source='127.0.0.1',
                 context=None):
        self.login, self.context = name, context or context_for(certificate)
        super().__init__(port, password, version, source)

    def _start_tls(self, kind):
        self.socket.sendall(bytes([19]))
        assert self.read(2) == b'\0\2'
        self.socket.sendall(b'\0\2')
        assert self.read(1) == b'\0'
        offered = self.unpack(f'{self.read(1)[0]}I')
        assert X509_PLAIN in offered, offered
        self.send('I', kind)
        assert self.read(1) == b'\1'
        self.socket = self.context.wrap_socket(self.socket, server_hostname='localhost')

    def _shake_hands(self, password, version):
        assert self.read(12) == b'RFB 003.008\n'
        self.socket.sendall(b'RFB 003.%03d\n' % version)
        assert self.read(2) == b'\1\x13'
        self._start_tls(X509_PLAIN if self.login else X509_VNC)
        if self.login:
            name, password = self.login.encode(), password.encode()
            self.socket.sendall(struct.pack('>II', len(name), len(password)) + name + password)
        else:
            self.socket.sendall(encrypt(self.read(16), password))
        self._read_result(version)
        self.socket.sendall(b'\1')
        self.width, self.height = self.unpack('HH')
        self.format = self.unpack('BBBBHHHBBB3x')
        self.name = self.read(self.unpack('I')[0]).decode()
        self.pixels = bytearray(4 * self.width * self.height)


__all__ = ['Refused', 'SecureClient', 'SecureStage', 'context_for', 'hash_password']
