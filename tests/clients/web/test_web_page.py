"""The whole way in a browser: from the log-in to a command typed into GRUB, and through what may
happen on it. Screenshots are kept in the build folder's web-page/."""
import base64
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest

TESTS = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TESTS / 'guests'), str(TESTS / 'clients/vnc')]
import desktop.guests as guests  # noqa: E402
from browser import Browser, find  # noqa: E402
from lib import png  # noqa: E402
from lib.mullion import Mullion  # noqa: E402
from processes import Process  # noqa: E402
from secure import hash_password  # noqa: E402

MENU = (50, 304, 570, 48)  # px of GRUB's screen, as in tests/guests/desktop/test_screens.py
PROMPTS = ((0, 128, 45, 16), (0, 144, 45, 16))
ECHOES = ((0, 128, 270, 32), (0, 144, 270, 32))
TO_DESKTOP = 'From the page: gr\u00f6\u00dfer, \u4e16\u754c, two\nlines'
TO_PAGE = 'From the desktop: \u00fcber \u2603'
USERS = '''[anna]
password = {}
targets = desktop, guest:*
[ben]
password = {}
targets = guest:*
rights = view
'''


def view_is(name):
    return f'document.body.dataset.view === {json.dumps(name)}'


def is_shown(selector):
    return f'document.querySelector({json.dumps(selector)}).checkVisibility()'


@unittest.skipUnless(find(), 'there is no Chromium')
class TestPage(unittest.TestCase):
    def setUp(self):
        self.mullion = Mullion('-o', 'LEFT=720x400', '-l', 'single')
        self.mullion.__enter__()
        self.addCleanup(self.mullion.__exit__, None, None, None)
        self.mullion.ctl('start', self.mullion.write_guest('grub', guests.GRUB))
        self.shots = pathlib.Path(os.environ['MULLION_BUILD']) / 'web-page'
        self.shots.mkdir(exist_ok=True)
        self.make_users()
        self.start_server()
        self.browser = Browser()
        self.addCleanup(self.browser.close)
        self.addCleanup(self.keep, 'end')

    def start_server(self, port=0):
        """`port`: that of one that was killed."""
        server = Process(
            [os.environ['MULLION_VNC'], '--users', '--web-listen', f'127.0.0.1:{port}'],
            {'XDG_RUNTIME_DIR': str(self.mullion.runtime),
             'XDG_CONFIG_HOME': str(self.mullion.folder / 'config')})
        self.addCleanup(server.stop)
        self.server = server
        self.url = server.wait_for('mullion-vnc: listening on https').split()[-1]

    def make_users(self):
        folder = self.mullion.folder / 'config/mullion'
        folder.mkdir(parents=True)
        users = folder / 'users.ini'
        users.write_text(USERS.format(*(hash_password(word) for word in ('secret', 'look'))))
        users.chmod(0o600)

    def keep(self, name):
        self.browser.screenshot(str(self.shots / f'{name}.png'))

    def keep_both(self, name):
        self.keep(name)
        self.browser.set_dark(True)
        self.keep(f'{name}-dark')
        self.browser.set_dark(False)

    def log_in(self, user, password):
        self.browser.wait(view_is('login'))
        self.browser.fill('#login-user', user)
        self.browser.fill('#login-password', password)
        self.browser.press('Enter')

    def open(self, target):
        self.browser.wait(view_is('targets'))
        self.browser.click(f'[data-target="{target}"]')
        self.wait_for_picture()

    def wait_for_picture(self):
        self.browser.wait("document.querySelector('#stage canvas')?.width === 720 "
                          "&& document.getElementById('bar-state').textContent === ''")

    def picture(self):
        """What noVNC has drawn."""
        url = self.browser.run("document.querySelector('#stage canvas').toDataURL()")
        with tempfile.NamedTemporaryFile(suffix='.png') as file:
            file.write(base64.b64decode(url.split(',')[1]))
            file.flush()
            return png.read(file.name)

    def until_page_shows(self, name, *areas):
        self.mullion.until(
            lambda: any(guests.looks_like(self.picture(), name, area) for area in areas),
            f'the page does not show {name}')

    def sessions(self):
        return json.loads(self.mullion.ctl('remote', 'sessions', '--json').stdout)

    def session_process(self):
        """The newest: the others of the page have ended, or look after its files."""
        words = subprocess.run(['ps', '-o', 'pid=', '--ppid', str(self.server.process.pid)],
                               capture_output=True, text=True, check=True).stdout.split()
        for pid in map(int, words):
            links = [os.readlink(f'/proc/{pid}/fd/{fd}') for fd in os.listdir(f'/proc/{pid}/fd')]
            if any('eventfd' in link for link in links) and len(os.listdir(f'/proc/{pid}/task')) > 1:
                return pid
        self.fail('no session has a relay')

    def check_log_in(self):
        browser = self.browser
        browser.open(self.url)
        browser.wait(view_is('login'))
        self.keep_both('log-in')
        self.log_in('anna', 'wrong')
        browser.wait("document.getElementById('login-error').textContent === "
                     "'Wrong user name or password.'")
        self.keep('log-in-wrong')
        self.log_in('anna', 'secret')
        browser.wait("document.querySelectorAll('.target').length === 3")
        browser.wait("document.querySelector('[data-target=\"guest:grub\"]').textContent"
                     ".includes('running')")
        self.keep_both('screens')

    def check_types(self):
        self.open('guest:grub')
        self.until_page_shows('grub-menu', MENU)
        self.keep('guest')
        self.browser.press('c')
        self.until_page_shows('grub-prompt', *PROMPTS)
        self.browser.type('echo Hello, "World" 123')
        self.browser.press('Enter')
        self.until_page_shows('grub-echo', *ECHOES)
        self.keep_both('typed')
        session, = self.sessions()
        self.assertEqual([session[key] for key in ('protocol', 'user', 'address', 'target')],
                         ['web', 'anna', '127.0.0.1', 'guest:grub'])

    def check_bindings(self):
        self.browser.click('#bar [data-do="back"]')
        self.open('desktop')
        self.browser.click('[data-panel="keys"]')
        self.keep_both('keys')
        rows = '#keys-bindings button:nth-child(4)'
        self.assertIn('Super+G', self.browser.run(f"document.querySelector('{rows}').textContent"))
        self.browser.click(rows)
        self.mullion.until(lambda: self.mullion.list()['outputs'][0]['layout'] == 'grid',
                           'the layout did not change')
        self.browser.click('[data-panel="clipboard"]')
        self.keep('clipboard')
        self.check_clipboard()
        self.browser.click('[data-panel="view"]')
        self.keep('view')
        self.browser.click('#stage')

    def desktop_text(self):
        environment = {**self.mullion.environment, 'WAYLAND_DISPLAY': 'wayland-0'}
        return subprocess.run(['wl-paste', '--no-newline'], env=environment, timeout=30,
                              capture_output=True, text=True).stdout

    def check_clipboard(self):
        """The panel is open; its text goes to the desktop, and the desktop's comes."""
        self.browser.fill('#clipboard-text', TO_DESKTOP)
        self.browser.click('#clipboard-send')
        self.mullion.until(lambda: self.desktop_text() == TO_DESKTOP, 'the desktop got no text')
        owner = self.mullion.spawn('wl-copy', '--foreground', '--', TO_PAGE)
        self.addCleanup(owner.wait)
        self.addCleanup(owner.terminate)
        self.browser.wait("document.getElementById('clipboard-text').value === "
                          + json.dumps(TO_PAGE))
        self.keep('clipboard-received')

    def check_reconnects(self):
        os.kill(self.session_process(), signal.SIGKILL)
        self.browser.wait(is_shown('#lost'))
        self.keep_both('disconnected')
        self.browser.wait(f"!{is_shown('#lost')}")
        self.wait_for_picture()

    def check_server_restarts(self):
        """The page goes on with the next server, without a log-in."""
        port = self.url.rstrip('/').rsplit(':', 1)[1]
        self.server.process.kill()
        self.server.process.wait()
        self.browser.wait(is_shown('#lost'))
        self.start_server(port)
        self.browser.wait(f"!{is_shown('#lost')}")
        self.wait_for_picture()

    def check_reload_and_kick(self):
        self.browser.call('Page.reload')
        self.wait_for_picture()
        self.mullion.ctl('remote', 'kick', self.sessions()[-1]['id'])
        self.browser.wait(view_is('login'))
        self.assertEqual(self.browser.run("document.getElementById('login-error').textContent"),
                         'Please log in again.')

    def check_view_only(self):
        self.log_in('ben', 'look')
        self.browser.wait(view_is('screen'))  # of the only one that he may see
        self.wait_for_picture()
        self.assertTrue(self.browser.run(is_shown('#bar-view-only')))
        self.assertTrue(self.browser.run("document.querySelector('[data-panel=keys]').disabled"))
        self.keep('view-only')

    def check_phone(self):
        browser = self.browser
        browser.resize(390, 844, 2, True)
        self.keep('phone-guest')
        browser.click('#bar [data-do="logout"]')
        browser.wait(view_is('login'))
        self.keep('phone-log-in')
        self.log_in('anna', 'secret')
        browser.wait("document.querySelectorAll('.target').length === 3")
        self.keep('phone-screens')
        self.open('desktop')
        browser.click('[data-panel="keys"]')
        self.keep('phone-keys')
        browser.click('#bar [data-do="logout"]')
        browser.wait(view_is('login'))
        self.assertIsNone(browser.run("sessionStorage.getItem('mullion-key')"))

    def test_all(self):
        self.check_log_in()
        self.check_types()
        self.check_bindings()
        self.check_reconnects()
        self.check_server_restarts()
        self.check_reload_and_kick()
        self.check_view_only()
        self.check_phone()
        wrong = [text for text in self.browser.complaints()
                 if '(Forbidden)' not in text and '(Unauthorized)' not in text]
        self.assertEqual(wrong, [])


if __name__ == '__main__':
    unittest.main(verbosity=2)
