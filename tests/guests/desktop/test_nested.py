#!/usr/bin/python3
"""mullion as a window of another session: of Wayland, here another mullion, and of X11. The window
shows what mullion shows, px by px; its size and its keys are mullion's."""
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import desktop.guests as guests
from lib import png
from lib.mullion import Mullion, expect, run


def only_output(mullion):
    outputs = mullion.list()['outputs']
    expect(len(outputs) == 1, f'outputs: {outputs}')
    return outputs[0]


def start_guest(mullion):
    """A synthetic one; returns what reads its record of keys."""
    folder = mullion.folder / 'files'
    folder.mkdir()
    os.chmod(folder, 0o777)  # it may run as another user
    record = folder / 'record'
    mullion.ctl('start', mullion.write_guest('inner', guests.synthetic(
        'inner', f'pattern=gradient,mode=640x480,record={record}')))
    mullion.until(lambda: mullion.guest('inner')['width'], 'the guest shows nothing')
    return lambda: record.read_text() if record.exists() else ''


def check_size(mullion, size):
    mullion.until(lambda: (only_output(mullion)['width'], only_output(mullion)['height']) == size,
                  f'the output does not become {size}: {mullion.list()["outputs"]}')


def check_picture(mullion, look):
    mullion.until(lambda: look().rows == mullion.screenshot().rows,
                  'the window does not show what mullion shows')


def check_keys(mullion, record, press):
    before = record()
    press()
    mullion.until(lambda: record()[len(before):].count('key') >= 2,
                  f'no keys come to the guest: {record()}')


def test_in_wayland():
    with Mullion('-o', 'HOST=1300x900', '-l', 'free') as host:
        nested = Mullion('-b', 'wayland', '-o', '800x600')
        socket = next(p for p in host.runtime.glob('wayland-*') if p.suffix != '.lock')
        nested.environment['WAYLAND_DISPLAY'] = str(socket)
        with nested as mullion:
            record = start_guest(mullion)
            window = host.until(lambda: host.list()['views'], 'there is no window')[0]['id']

            def look():
                return host.screenshot('--output', 'HOST').crop(*host.view(window)['content'])
            for size in ((900, 640), (701, 523)):
                host.ctl('move', window, 20, 30, *size)
                x, y, *content = host.view(window)['content']
                check_size(mullion, tuple(content))
                check_picture(mullion, look)
            check_keys(mullion, record, lambda: host.ctl('key', 'a'))
            host.ctl('close', window)
            mullion.until(lambda: not host.list()['views'], 'the window does not close')


def test_in_x11():
    server = subprocess.Popen(['Xvfb', '-displayfd', '1', '-screen', '0', '1300x900x24',
                               '-nolisten', 'tcp', '-noreset'], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True)
    try:
        nested = Mullion('-b', 'x11', '-o', '800x600')
        nested.environment['DISPLAY'] = f':{server.stdout.readline().strip()}'

        def tool(*command):
            return subprocess.run(command, env=nested.environment, check=True,
                                  capture_output=True, text=True, timeout=60).stdout.strip()

        def pointed_at():
            place = tool('xdotool', 'mousemove', '300', '200', 'getmouselocation', '--shell')
            return dict(line.split('=') for line in place.splitlines())['WINDOW']
        # Without a window manager, the window stands in the corner, and wlroots gives it no title.
        root = pointed_at()
        with nested as mullion:
            record = start_guest(mullion)
            mullion.until(lambda: pointed_at() != root, 'there is no window')
            window = pointed_at()
            picture = mullion.folder / 'window.png'

            def look():
                tool('import', '-window', window, '-depth', '8', f'PNG24:{picture}')
                return png.read(picture)
            check_size(mullion, (800, 600))
            for size in ((1101, 803), (640, 479)):
                tool('xdotool', 'windowsize', window, *map(str, size))
                check_size(mullion, size)
                check_picture(mullion, look)
            tool('xdotool', 'windowfocus', '--sync', window)
            check_keys(mullion, record, lambda: tool('xdotool', 'key', 'a'))
    finally:
        server.terminate()
        server.wait()


run(test_in_wayland, test_in_x11)
