"""A fake desktop and a SPICE server of it."""
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'vnc'))
from processes import Process  # noqa: E402
from rfb import pattern  # noqa: E402

TIMEOUT = 30  # seconds


class Stage:
    def __init__(self, *options, desktop=True, listen=('--listen', '127.0.0.1:0')):
        self.folder = tempfile.TemporaryDirectory(prefix='mullion-test-')
        self.env = {'XDG_RUNTIME_DIR': self.folder.name, 'XDG_CONFIG_HOME': self.folder.name,
                    'HOME': self.folder.name}
        self.runtime = os.path.join(self.folder.name, 'mullion')
        os.mkdir(self.runtime, 0o700)
        self.desktop = self.server = None
        try:
            if desktop:
                self.start_desktop()
            self.start_server(*listen, *options)
        except BaseException:
            self.close()
            raise

    def start_desktop(self):
        self.desktop = Process([os.environ['FAKE_DESKTOP'], self.runtime], self.env)
        self.desktop.wait_for('ready')

    def start_server(self, *options):
        self.server = Process([os.environ['MULLION_SPICE'], '--jpeg', 'never', *options], self.env)
        self.addresses = []
        for option, address in zip(options, options[1:]):
            if option in ('--listen', '--tls-listen'):
                line = self.server.wait_for('mullion-spice: listening on ')
                end = line.split()[3].rpartition(':')[2]
                self.addresses.append(int(end) if end.isdigit() else end)

    @property
    def address(self):
        return self.addresses[0]

    @property
    def password(self):
        with open(os.path.join(self.runtime, 'spice-password'), encoding='ascii') as file:
            return file.read().strip()

    def session(self):
        """The process that faces the network."""
        pid = self.server.process.pid
        with open(f'/proc/{pid}/task/{pid}/children', encoding='ascii') as file:
            return int(file.read().split()[0])

    def do(self, command):
        self.desktop.send(command)
        self.desktop.wait_for('done')

    def picture(self, *options):
        """What spicy-screenshot sees: width, height and RGB bytes."""
        path = os.path.join(self.folder.name, 'picture.ppm')
        subprocess.run(['spicy-screenshot', *options, '-o', path], check=True, timeout=TIMEOUT,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       env={**os.environ, **self.env})
        with open(path, 'rb') as file:
            head, pixels = file.read().split(b'\n255\n', 1)
        width, height = head.split()[1:3]
        return int(width), int(height), pixels

    def seen(self):
        return self.picture('-h', '127.0.0.1', '-p', str(self.address), '-w', self.password)

    def close(self):
        statuses = [process.stop() for process in (self.server, self.desktop) if process]
        self.folder.cleanup()
        if self.server and statuses[0] != 0:
            raise AssertionError(
                f'mullion-spice ended with {statuses[0]}: {self.server.complaints}')
        for line in self.server.complaints if self.server else []:
            if 'Sanitizer' in line or 'runtime error' in line:
                raise AssertionError('\n'.join(self.server.complaints))

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if kind and self.server:
            print('--- mullion-spice said:', *self.server.complaints, sep='\n')
        self.close()


def painted(width, height, seed):
    return b''.join(bytes(pattern(x, y, seed)) for y in range(height) for x in range(width))
