"""An X screen of a test's own, with other people's SPICE clients on it."""
import ctypes
import os
import shutil
import signal
import subprocess
import time

TIMEOUT = 60  # seconds
WIDTH, HEIGHT = 1000, 700  # px, of the screen
NEEDED = ('Xvfb', 'xdotool', 'import', 'remote-viewer', 'spicy', 'dbus-run-session')
MISSING = [program for program in NEEDED if not shutil.which(program)]


def end_with_us():
    """For a child: a test that is killed leaves no X server behind."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


class Screen:
    def __init__(self, folder, log):
        self.folder = folder
        self.log = open(log, 'ab')
        self.env = {**os.environ, 'HOME': folder, 'XDG_RUNTIME_DIR': folder,
                    'XDG_CONFIG_HOME': folder, 'NO_AT_BRIDGE': '1', 'GTK_A11Y': 'none',
                    'GSETTINGS_BACKEND': 'memory', 'LANG': 'C.UTF-8'}
        for name in ('WAYLAND_DISPLAY', 'DISPLAY', 'DBUS_SESSION_BUS_ADDRESS'):
            self.env.pop(name, None)
        self.processes = []
        read, write = os.pipe()
        self.start(['Xvfb', '-displayfd', str(write), '-screen', '0', f'{WIDTH}x{HEIGHT}x24',
                    '-nolisten', 'tcp'], pass_fds=(write,))
        os.close(write)
        with os.fdopen(read) as file:
            self.env['DISPLAY'] = ':' + file.readline().strip()

    def start(self, args, **options):
        process = subprocess.Popen(args, env=self.env, stdin=subprocess.DEVNULL, stdout=self.log,
                                   stderr=self.log, start_new_session=True,
                                   preexec_fn=end_with_us, **options)
        self.processes.append(process)
        return process

    def view(self, **values):
        """remote-viewer with a file that says where to."""
        path = os.path.join(self.folder, 'connection.vv')
        with open(path, 'w', encoding='ascii') as file:
            print('[virt-viewer]', 'type=spice', 'host=localhost', sep='\n', file=file)
            for key, value in values.items():
                text = str(value).replace('\n', '\\n')
                print(f'{key.replace("_", "-")}={text}', file=file)
        os.chmod(path, 0o600)
        return self.start(['dbus-run-session', '--', 'remote-viewer', path])

    def xdotool(self, *args):
        return subprocess.run(['xdotool', *map(str, args)], env=self.env, check=True,
                              timeout=TIMEOUT, stdout=subprocess.PIPE, text=True).stdout

    def pixels(self):
        got = subprocess.run(['import', '-window', 'root', '-depth', '8', 'ppm:-'], env=self.env,
                             check=True, timeout=TIMEOUT, stdout=subprocess.PIPE).stdout
        head, size, depth, pixels = got.split(b'\n', 3)
        assert (head, size, depth) == (b'P6', f'{WIDTH} {HEIGHT}'.encode(), b'255'), size
        return pixels

    def find(self, width, height, pixels):
        """Where this picture is shown, px; None: nowhere."""
        got = self.pixels()
        rows = [pixels[3 * width * y:3 * width * (y + 1)] for y in range(height)]
        at = got.find(rows[0])
        while at >= 0:
            if all(got[at + 3 * WIDTH * y:][:3 * width] == row for y, row in enumerate(rows)):
                return at // 3 % WIDTH, at // 3 // WIDTH
            at = got.find(rows[0], at + 1)
        return None

    def wait_for(self, width, height, pixels):
        end = time.monotonic() + TIMEOUT
        while not self.find(width, height, pixels):
            assert time.monotonic() < end, 'the viewer shows something else'
            time.sleep(0.2)
        return self.find(width, height, pixels)

    def close(self):
        for process in reversed(self.processes):
            try:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(timeout=10)
            except (subprocess.TimeoutExpired, ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self.log.close()
