#!/usr/bin/python3
"""What test_devices.py runs in the test machine: a mouse and a touchpad that are made here, plugged
in while mullion runs, obey its configuration, which is read again."""
import fcntl
import pathlib
import struct
import sys
import time

HERE = pathlib.Path(__file__).resolve()
sys.path.insert(0, str(HERE.parents[1]))
sys.path.insert(0, str(HERE.parents[2] / 'clients' / 'wayland'))
from lib import paths
from lib.mullion import Mullion, run
from session import App

EV_SYN, EV_KEY, EV_REL, EV_ABS = range(4)
BTN_LEFT, BTN_RIGHT, BTN_TOOL_FINGER, BTN_TOUCH, BTN_TOOL_DOUBLETAP = 272, 273, 0x145, 0x14a, 0x14d
REL_X, REL_Y, REL_WHEEL = 0, 1, 8
ABS_X, ABS_Y, MT_SLOT, MT_X, MT_Y, MT_ID = 0, 1, 0x2f, 0x35, 0x36, 0x39
SET_EV, SET_KEY, SET_REL, SET_PROP = 0x40045564, 0x40045565, 0x40045566, 0x4004556e
DEV_SETUP, ABS_SETUP, DEV_CREATE = 0x405c5503, 0x401c5504, 0x5501
PROP_POINTER, PROP_BUTTONPAD = 0, 2
RESOLUTION = 40  # units a mm


class Device:
    def __init__(self, name, keys, rels=(), axes=None, props=()):
        self.file = open('/dev/uinput', 'wb', buffering=0)
        kinds = [EV_KEY] + [EV_REL] * bool(rels) + [EV_ABS] * bool(axes)
        for request, numbers in ((SET_EV, kinds), (SET_KEY, keys), (SET_REL, rels),
                                 (SET_PROP, props)):
            for number in numbers:
                fcntl.ioctl(self.file, request, number)
        for code, (largest, resolution) in (axes or {}).items():
            fcntl.ioctl(self.file, ABS_SETUP,
                        struct.pack('HxxiiiiiI', code, 0, 0, largest, 0, 0, resolution))
        fcntl.ioctl(self.file, DEV_SETUP,
                    struct.pack('HHHH80sI', 3, 0x1234, len(name), 1, name.encode(), 0))
        fcntl.ioctl(self.file, DEV_CREATE)

    def send(self, *events):
        for kind, code, value in (*events, (EV_SYN, 0, 0)):
            self.file.write(struct.pack('qqHHi', 0, 0, kind, code, value))

    def click(self, button):
        self.send((EV_KEY, button, 1))
        self.send((EV_KEY, button, 0))


def touchpad():
    axes = {ABS_X: (4000, RESOLUTION), ABS_Y: (2400, RESOLUTION), MT_SLOT: (1, 0),
            MT_X: (4000, RESOLUTION), MT_Y: (2400, RESOLUTION), MT_ID: (65535, 0)}
    return Device('Test Pad', (BTN_LEFT, BTN_TOUCH, BTN_TOOL_FINGER, BTN_TOOL_DOUBLETAP),
                  axes=axes, props=(PROP_POINTER, PROP_BUTTONPAD))


def tap(pad, number):
    pad.send((EV_ABS, MT_SLOT, 0), (EV_ABS, MT_ID, number), (EV_ABS, MT_X, 2000),
             (EV_ABS, MT_Y, 1200), (EV_ABS, ABS_X, 2000), (EV_ABS, ABS_Y, 1200),
             (EV_KEY, BTN_TOUCH, 1), (EV_KEY, BTN_TOOL_FINGER, 1))
    time.sleep(0.03)  # a finger isn't faster
    pad.send((EV_ABS, MT_ID, -1), (EV_KEY, BTN_TOUCH, 0), (EV_KEY, BTN_TOOL_FINGER, 0))


def until_said(app, act, line):
    """Acts again and again: a device that was plugged in is taken in at some time."""
    for _ in range(60):
        act()
        said = [said for said in app.sync() if said.startswith('button')]
        if said:
            assert said[0] == line, f'{said}, not {line}'
            return
        time.sleep(0.5)
    raise AssertionError(f'never {line}')


class Desk:
    """What session.App needs to know."""

    def __init__(self, mullion):
        socket = next(p for p in mullion.runtime.glob('wayland-*') if p.suffix != '.lock')
        self.client = paths.BUILD / 'tests/clients/wayland/wayland-client'
        self.environment = {**mullion.environment, 'WAYLAND_DISPLAY': socket.name}


def configure(mullion, text):
    path = mullion.folder / 'config/mullion/config.ini'
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    mullion.ctl('reload')


def test_settings_of_devices():
    with Mullion('-b', 'drm', '-r', 'pixman', '-l', 'single', '-d') as mullion:
        configure(mullion, '[input pointer]\nleft-handed = yes\n[input *Pad]\ntap = yes\n')
        app = App(Desk(mullion))
        app.tell('toplevel a 0x0 ff204080 one')
        app.expect('configure a .*')
        mouse = Device('Test Mouse', (BTN_LEFT, BTN_RIGHT), (REL_X, REL_Y, REL_WHEEL))

        def move_and_click():
            mouse.send((EV_REL, REL_X, 1))
            mouse.click(BTN_LEFT)

        until_said(app, move_and_click, f'button {BTN_RIGHT} down')
        app.expect(f'button {BTN_RIGHT} up')
        app.sync()
        configure(mullion, '[input pointer]\naccel-speed = 0.5\n[input *Pad]\ntap = yes\n')
        until_said(app, move_and_click, f'button {BTN_LEFT} down')
        app.sync()
        pad = touchpad()
        until_said(app, lambda: tap(pad, 1), f'button {BTN_LEFT} down')
        app.end()


run(test_settings_of_devices)
