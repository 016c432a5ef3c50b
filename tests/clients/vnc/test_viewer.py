"""The whole way with TigerVNC's viewer: it sees the desktop, and types into GRUB."""
import json
import os
import pathlib
import sys
import types
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / 'guests'))
import desktop.guests as guests  # noqa: E402
import test_clients  # noqa: E402
from lib.mullion import Mullion  # noqa: E402
from processes import Process  # noqa: E402

MENU = (50, 304, 570, 48)  # px of GRUB's screen, as in tests/guests/desktop/test_screens.py
PROMPTS = ((0, 128, 45, 16), (0, 144, 45, 16))
ECHOES = ((0, 128, 270, 32), (0, 144, 270, 32))
X_WIDTH = 900  # px, of the X screen


class TestViewer(unittest.TestCase):
    start = test_clients.TestTigerVNC.start
    start_x = test_clients.TestTigerVNC.start_x
    start_viewer = test_clients.TestTigerVNC.start_viewer
    encoding = 'Tight'
    viewer_options = test_clients.TestTigerVNC.viewer_options
    xdotool = test_clients.TestTigerVNC.xdotool
    screen = test_clients.TestTigerVNC.screen
    target = ('--output', 'LEFT')
    server_options = ()

    def setUp(self):
        self.mullion = Mullion('-o', 'LEFT=720x400', '-l', 'single')
        self.mullion.__enter__()
        self.addCleanup(self.mullion.__exit__, None, None, None)
        self.mullion.ctl('start', self.mullion.write_guest('grub', guests.GRUB))
        server = Process([os.environ['MULLION_VNC'], '--port', '0', *self.server_options],
                         {'XDG_RUNTIME_DIR': str(self.mullion.runtime),
                          'XDG_CONFIG_HOME': str(self.mullion.folder / 'config')})
        self.addCleanup(server.stop)
        port = int(server.wait_for('mullion-vnc: listening on ').rsplit(':', 1)[1])
        folder = types.SimpleNamespace(name=str(self.mullion.folder))
        self.stage = types.SimpleNamespace(folder=folder, port=port)
        self.find_password()
        self.env = {**os.environ, 'HOME': folder.name}
        self.start_x()
        self.start_viewer()

    def find_password(self):
        self.stage.password = (self.mullion.runtime / 'mullion/vnc-password').read_text().strip()

    def until_grub_shows(self, name, *areas):
        def seen():
            picture = self.mullion.screenshot('--guest', 'grub')
            return any(guests.looks_like(picture, name, area) for area in areas)
        self.mullion.until(seen, f'GRUB does not show {name}')

    def viewer_shows(self, top, bottom):
        """Rows with text in them; the viewer's hint covers some for a while."""
        rows = self.mullion.screenshot(*self.target).rows[top:bottom]
        got = self.screen()
        known = max(range(len(rows)), key=lambda y: len(set(zip(*[iter(rows[y])] * 3))))
        at = got.find(bytes(rows[known]))
        return at >= 0 and all(got[at + 3 * X_WIDTH * (y - known):][:len(row)] == row
                               for y, row in enumerate(rows))

    def test_sees_and_types(self):
        self.until_grub_shows('grub-menu', MENU)
        self.mullion.until(lambda: self.viewer_shows(304, 352), 'the viewer shows something else')
        self.xdotool('search', '--onlyvisible', '--name', 'mullion', 'windowfocus', '--sync')
        self.xdotool('key', 'c')
        self.until_grub_shows('grub-prompt', *PROMPTS)
        self.xdotool('type', '--delay', '60', 'echo Hello, "World" 123')
        self.xdotool('key', 'Return')
        self.until_grub_shows('grub-echo', *ECHOES)
        self.mullion.until(lambda: self.viewer_shows(128, 160), 'the viewer does not follow')


class TestUser(TestViewer):
    """Over TLS, with a certificate that is checked, as somebody who chooses a guest."""
    target = ('--guest', 'grub')
    server_options = ('--users',)

    def find_password(self):
        self.mullion.ctl('remote', 'add-user', 'anna', '--target', 'guest:grub', input='secret\n')

    def viewer_options(self):
        self.env.update(VNC_USERNAME='anna@guest:grub', VNC_PASSWORD='secret')
        certificate = self.mullion.folder / 'config/mullion/tls/cert.pem'
        return ['-SecurityTypes=X509Plain', f'-X509CA={certificate}']

    def test_sees_and_types(self):
        super().test_sees_and_types()
        session, = json.loads(self.mullion.ctl('remote', 'sessions', '--json').stdout)
        self.assertEqual((session['user'], session['target']), ('anna', 'guest:grub'))
        self.mullion.ctl('remote', 'kick', session['id'])
        self.mullion.until(lambda: not self.viewer_shows(128, 160), 'the viewer is still there')


if __name__ == '__main__':
    unittest.main(verbosity=2)
