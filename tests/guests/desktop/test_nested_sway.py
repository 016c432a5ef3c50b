#!/usr/bin/python3
"""mullion as a window of sway: its size and place are sway's, its picture is seen there, keys and
clicks come through, and it ends when its window is closed. A mullion within that mullion as well."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import desktop.guests as guests
from lib import paths, png
from lib.mullion import PATIENCE, Mullion, expect, run
from lib.virtual_pointer import VirtualPointer

CONFIG = '''output HEADLESS-1 resolution 1300x900
default_border none
for_window [title="mullion"] floating enable, border none
focus_follows_mouse no
'''
BUTTON_LEFT = 272
PLACE = 20, 30  # px, of the window
STRIP = 6  # px at the top, where an outer mullion says whose window it is
SIZES = (900, 640), (701, 523)


class Sway:
    """Headless, in a folder of its own; not as root, which it refuses to be."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='mullion-sway-'))
        (self.folder / 'config').write_text(CONFIG)
        self.environment = {**os.environ, 'XDG_RUNTIME_DIR': str(self.folder),
                            'HOME': str(self.folder), 'SWAYSOCK': str(self.folder / 'ipc'),
                            'WLR_BACKENDS': 'headless', 'WLR_RENDERER': 'pixman'}
        for name in ('WAYLAND_DISPLAY', 'DISPLAY'):
            self.environment.pop(name, None)
        user = {}
        if os.getuid() == 0:
            shutil.chown(self.folder, 'nobody', 'nogroup')
            (self.folder / 'config').chmod(0o644)
            user = {'user': 'nobody', 'group': 'nogroup', 'extra_groups': []}
        with open(self.folder / 'log', 'w') as log:
            self.process = subprocess.Popen(['sway', '-c', self.folder / 'config'], stdout=log,
                                            stderr=log, env=self.environment, **user)
        self.socket = self.wait_for_sockets()
        self.environment['WAYLAND_DISPLAY'] = str(self.socket)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder)

    def wait_for_sockets(self):
        end = time.monotonic() + PATIENCE
        while True:
            sockets = [p for p in self.folder.glob('wayland-*') if p.suffix != '.lock']
            if sockets and (self.folder / 'ipc').exists():
                return sockets[0]
            expect(self.process.poll() is None and time.monotonic() < end,
                   (self.folder / 'log').read_text())
            time.sleep(0.05)

    def tool(self, *command):
        return subprocess.run(command, env=self.environment, check=True, capture_output=True,
                              text=True, timeout=60).stdout

    def tell(self, command):
        self.tool('swaymsg', '--socket', self.folder / 'ipc', f'[title="mullion"] {command}')

    def look(self, size):
        self.tool('grim', '-l', '1', self.folder / 'screen.png')
        return png.read(self.folder / 'screen.png').crop(*PLACE, *size)


def nested_in(socket, *arguments):
    mullion = Mullion('-b', 'wayland', *arguments)
    mullion.environment['WAYLAND_DISPLAY'] = str(socket)
    return mullion


def start_guest(mullion):
    """Returns what reads its record of keys, clicks and sizes."""
    record = mullion.folder / 'record'
    record.touch()
    record.chmod(0o666)  # it may run as another user
    mullion.ctl('start', mullion.write_guest('inner', guests.synthetic(
        'inner', f'pattern=gradient,mode=640x480,follow=on,record={record}')))
    mullion.until(lambda: mullion.guest('inner')['width'], 'the guest shows nothing')
    return record.read_text


def window_size(mullion):
    output = mullion.list()['outputs'][0]
    return output['width'], output['height']


def check_sizes(sway, mullion):
    for size in SIZES:
        sway.tell(f'resize set {size[0]} {size[1]}, move absolute position {PLACE[0]} {PLACE[1]}')
        mullion.until(lambda: window_size(mullion) == size,
                      f'the output does not become {size}: {mullion.list()["outputs"]}')
        content = mullion.view('inner')['content'][2:]
        mullion.until(lambda: [mullion.guest('inner')[side] for side in ('width', 'height')]
                      == content, 'the guest does not follow its window')
        mullion.until(lambda: sway.look(size).rows[STRIP:] == mullion.screenshot().rows[STRIP:],
                      'the window does not show what mullion shows')


def check_input(sway, mullion, record):
    sway.tell('focus')
    mullion.until(lambda: sway.tool('wtype', 'a') or record().count(' key ') >= 2,
                  f'no keys come to the guest: {record()}')
    pointer = VirtualPointer(sway.socket)
    x, y = PLACE[0] + SIZES[-1][0] // 2, PLACE[1] + SIZES[-1][1] // 2

    def click():
        pointer.move(x, y, 1300, 900)
        pointer.click(BUTTON_LEFT)
        return record().count(' button ') >= 2
    # The first ones may come before mullion has heard of the seat's new pointer.
    mullion.until(click, f'no click comes to the guest: {record()}')
    pointer.close()


def check_close(sway, mullion):
    sway.tell('kill')
    expect(mullion.process.wait(PATIENCE) == 0, 'mullion does not leave in order')
    expect('the guests go on' in mullion.log.read_text(), 'mullion does not say why it left')


def test_in_sway():
    with Sway() as sway, nested_in(sway.socket, '-o', '800x600', '-l', 'single') as mullion:
        record = start_guest(mullion)
        check_sizes(sway, mullion)
        check_input(sway, mullion, record)
        check_close(sway, mullion)


def test_in_mullion_in_sway():
    with Sway() as sway, nested_in(sway.socket, '-o', '800x600', '-l', 'single') as outer:
        socket = next(p for p in outer.runtime.glob('wayland-*') if p.suffix != '.lock')
        with nested_in(socket, '-l', 'single') as mullion:
            record = start_guest(mullion)
            check_sizes(sway, mullion)
            check_input(sway, mullion, record)
        expect(outer.running(), 'the outer mullion left, too')


if not all(map(shutil.which, ('sway', 'swaymsg', 'grim', 'wtype'))):
    sys.exit(paths.EXIT_SKIP)
run(test_in_sway, test_in_mullion_in_sway)
