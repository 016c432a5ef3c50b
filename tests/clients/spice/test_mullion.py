"""The whole way: a real guest of a real mullion, in remote-viewer and spicy-screenshot."""
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import unittest

import screen
from spice import SURFACE_CREATE, Agent, Client
from stage import Process

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / 'guests'))
import desktop.guests as guests  # noqa: E402
from lib.mullion import Mullion  # noqa: E402

MENU = (50, 304, 570, 48)  # px of GRUB's screen, as in tests/guests/desktop/test_screens.py
PROMPTS = ((0, 128, 45, 16), (0, 144, 45, 16))
ECHOES = ((0, 128, 270, 32), (0, 144, 270, 32))
BLINK = 8 * 16  # px, of GRUB's cursor


def difference(left, right):
    """How many pixels differ; all, if the sizes do."""
    if len(left) != len(right):
        return len(left)
    return sum(left[i:i + 3] != right[i:i + 3] for i in range(0, len(left), 3))


@unittest.skipIf(screen.MISSING, f'needs {screen.MISSING}')
class TestMullion(unittest.TestCase):
    def setUp(self):
        self.mullion = Mullion('-o', 'LEFT=720x400', '-l', 'single')
        self.mullion.__enter__()
        self.addCleanup(self.mullion.__exit__, None, None, None)
        self.mullion.ctl('start', self.mullion.write_guest('grub', guests.GRUB))
        self.folder = self.mullion.folder / 'x'
        self.folder.mkdir(mode=0o700)
        self.screen = screen.Screen(str(self.folder), str(self.folder / 'log'))
        self.addCleanup(self.screen.close)

    def serve(self, *options):
        server = Process([os.environ['MULLION_SPICE'], '--listen', '127.0.0.1:0', '--jpeg',
                          'never', *options], {'XDG_RUNTIME_DIR': str(self.mullion.runtime)})
        self.addCleanup(lambda: self.assertEqual(server.stop(), 0))
        port = int(server.wait_for('mullion-spice: listening on ').rsplit(':', 1)[1])
        return port, (self.mullion.runtime / 'mullion/spice-password').read_text().strip()

    def until_grub_shows(self, name, *areas):
        def seen():
            picture = self.mullion.screenshot('--guest', 'grub')
            return any(guests.looks_like(picture, name, area) for area in areas)
        self.mullion.until(seen, f'GRUB does not show {name}')

    def check_same(self, port, password, *screenshot):
        """spicy-screenshot sees what mullionctl does."""
        path = str(self.folder / 'spice.ppm')

        def same():
            subprocess.run(['spicy-screenshot', '-h', '127.0.0.1', '-p', str(port), '-w', password,
                            '-o', path], check=True, timeout=60, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
            with open(path, 'rb') as file:
                got = file.read().split(b'\n255\n', 1)[1]
            want = b''.join(map(bytes, self.mullion.screenshot(*screenshot).rows))
            return difference(got, want) <= BLINK
        self.mullion.until(same, 'the pictures differ')

    def type(self, text):
        self.screen.xdotool('type', '--delay', '60', text)
        self.screen.xdotool('key', 'Return')

    def test_guest(self):
        """Seen and typed into, before and after a SIGKILL of mullion; the guest goes on."""
        port, password = self.serve('--target', 'guest:grub')
        self.until_grub_shows('grub-menu', MENU)
        self.check_same(port, password, '--guest', 'grub')
        self.screen.view(port=port, password=password)
        self.mullion.until(lambda: 'grub' in self.windows(), 'no window')
        self.mullion.until(self.viewer_follows, 'the viewer shows something else')
        self.screen.xdotool('mousemove', 300, 300)
        self.screen.xdotool('key', 'c')
        self.until_grub_shows('grub-prompt', *PROMPTS)
        self.type('echo Hello, "World" 123')
        self.until_grub_shows('grub-echo', *ECHOES)
        self.mullion.until(self.viewer_follows, 'the viewer does not follow')
        pid = self.mullion.guest('grub')['pid']
        self.mullion.kill()
        self.mullion.start('-o', 'LEFT=720x400', '-l', 'single')

        def goes_on():
            before = self.guest_pixels()
            self.screen.xdotool('key', 'x')  # lost while there is no mullion
            return difference(before, self.guest_pixels()) > 20
        self.mullion.until(goes_on, 'no echo')
        self.mullion.until(self.viewer_follows, 'the viewer does not go on')
        self.assertEqual(self.mullion.guest('grub')['pid'], pid)
        self.check_same(port, password, '--guest', 'grub')

    def test_desktop(self):
        port, password = self.serve()
        self.until_grub_shows('grub-menu', MENU)
        self.check_same(port, password, '--output', 'LEFT')

    def test_started_by_mullion(self):
        """By its configuration; who is there is listed, and kicked."""
        self.mullion.ctl('quit')
        self.mullion.process.wait(60)
        config = self.mullion.folder / 'config/mullion'
        config.mkdir(parents=True)
        with socket.create_server(('127.0.0.1', 0)) as free:
            port = free.getsockname()[1]
        program = self.mullion.share(pathlib.Path(os.environ['MULLION_SPICE']))
        (config / 'config.ini').write_text(
            f'[remote desk]\nprotocol = spice\nprogram = {program}\nlisten = 127.0.0.1:{port}\nresize = yes\n'
            'no-password = yes\nview-only = no\n')
        self.mullion.start('-o', 'LEFT=720x400', '-l', 'single')

        def is_there():
            with socket.socket() as stream:
                return stream.connect_ex(('127.0.0.1', port)) == 0
        self.mullion.until(is_there, 'the server does not come')
        with Client(port, '') as client:
            client.open_display().wait_for(SURFACE_CREATE)
            session, = json.loads(self.mullion.ctl('remote', 'sessions', '--json').stdout)
            self.assertEqual((session['server'], session['protocol'], session['address']),
                             ('desk', 'spice', '127.0.0.1'))
            self.mullion.ctl('remote', 'kick', session['id'])
            with self.assertRaises((EOFError, ConnectionError)):
                while True:
                    client.main.receive()
        Client(port, '').close()

    @unittest.skipUnless(shutil.which('wl-copy'), 'needs wl-clipboard')
    def test_clipboard(self):
        """Between a SPICE client and a Wayland client of the desktop."""
        port, password = self.serve()
        with Client(port, password) as client:
            client.open_display().wait_for(SURFACE_CREATE)
            agent = Agent(client)
            agent.wait_for(Agent.CAPABILITIES)
            copy = self.mullion.spawn('wl-copy', '--foreground', 'Grüße\nvom Tisch')
            self.addCleanup(copy.kill)
            self.assertEqual(agent.wait_for(Agent.GRAB), Agent.TEXT)
            agent.send(Agent.REQUEST, Agent.TEXT)
            self.assertEqual(agent.wait_for(Agent.CLIPBOARD),
                             Agent.TEXT + 'Grüße\nvom Tisch'.encode())
            text = 'von fern ' + 'é' * 5000
            agent.send(Agent.GRAB, Agent.TEXT)
            self.assertEqual(agent.wait_for(Agent.REQUEST), Agent.TEXT)
            agent.send(Agent.CLIPBOARD, Agent.TEXT + text.encode())
            self.mullion.until(lambda: self.paste() == text, 'the desktop pastes something else')

    def paste(self):
        socket_path = next(p for p in self.mullion.runtime.glob('wayland-*')
                           if p.suffix != '.lock')
        return subprocess.run(
            ['wl-paste', '--no-newline'], stdout=subprocess.PIPE, text=True, timeout=60,
            env={**self.mullion.environment, 'WAYLAND_DISPLAY': socket_path.name}).stdout

    def windows(self):
        try:
            return self.screen.xdotool('search', '--onlyvisible', '--name', 'mullion',
                                       'getwindowname', '%@')
        except subprocess.CalledProcessError:
            return ''

    def guest_pixels(self):
        return b''.join(map(bytes, self.mullion.screenshot('--guest', 'grub').rows))

    def viewer_follows(self):
        """The guest's whole screen is on the X screen, but for the cursor's blinking."""
        rows = list(map(bytes, self.mullion.screenshot('--guest', 'grub').rows))
        got = self.screen.pixels()
        known = max(range(len(rows)), key=lambda y: len(set(zip(*[iter(rows[y])] * 3))))
        at = got.find(rows[known])
        found = [got[at + 3 * screen.WIDTH * (y - known):][:len(row)]
                 for y, row in enumerate(rows)]
        return at >= 0 and difference(b''.join(found), b''.join(rows)) <= BLINK


if __name__ == '__main__':
    unittest.main(verbosity=2)
