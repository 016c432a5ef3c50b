"""X11 windows: dialogs float, and what rules its own place covers no guest and takes no keys."""

import ctypes
import os
import shutil
import sys
import tempfile

from session import Session, main

OVERRIDE_REDIRECT = 1 << 9
RED, BLUE, WINDOWS = 0x900000, 0x204080, (0x6C, 0x7A, 0x96)
GUEST = "[guest]\nname = debian\nlabel = #c030c0\n[display]\ndevice = VGA\n"
EXEC = ("-e", 'cd "$XDG_RUNTIME_DIR" && echo "$DISPLAY" >new && mv new environment')


class Attributes(ctypes.Structure):
    """XSetWindowAttributes"""

    _fields_ = [
        ("background_pixmap", ctypes.c_ulong), ("background_pixel", ctypes.c_ulong),
        ("border_pixmap", ctypes.c_ulong), ("border_pixel", ctypes.c_ulong),
        ("bit_gravity", ctypes.c_int), ("win_gravity", ctypes.c_int),
        ("backing_store", ctypes.c_int), ("backing_planes", ctypes.c_ulong),
        ("backing_pixel", ctypes.c_ulong), ("save_under", ctypes.c_int),
        ("event_mask", ctypes.c_long), ("do_not_propagate_mask", ctypes.c_long),
        ("override_redirect", ctypes.c_int), ("colormap", ctypes.c_ulong),
        ("cursor", ctypes.c_ulong),
    ]


class Program:
    """An X11 client."""

    def __init__(self, session):
        self.x = ctypes.CDLL("libX11.so.6")
        self.x.XOpenDisplay.restype = ctypes.c_void_p
        self.x.XCreateSimpleWindow.restype = ctypes.c_ulong
        self.x.XDefaultRootWindow.restype = ctypes.c_ulong
        self.display = ctypes.c_void_p(self.x.XOpenDisplay(x11_display(session).encode()))
        assert self.display, "no X11 server"

    def window(self, title, box, color, parent=0, override=False):
        root = ctypes.c_ulong(self.x.XDefaultRootWindow(self.display))
        pixel = ctypes.c_ulong(color)
        window = ctypes.c_ulong(
            self.x.XCreateSimpleWindow(self.display, root, *box, 0, pixel, pixel)
        )
        self.x.XStoreName(self.display, window, title.encode())
        if override:
            self.x.XChangeWindowAttributes(
                self.display, window, ctypes.c_ulong(OVERRIDE_REDIRECT),
                ctypes.byref(Attributes(override_redirect=1)),
            )
        if parent:
            self.x.XSetTransientForHint(self.display, window, parent)
        self.x.XMapRaised(self.display, window)
        self.x.XSync(self.display, 0)
        return window

    def destroy(self, window):
        self.x.XDestroyWindow(self.display, window)
        self.x.XSync(self.display, 0)

    def end(self):
        self.x.XCloseDisplay(self.display)


def x11_display(session):
    path = os.path.join(session.folder, "environment")
    while not os.path.exists(path):
        session.list()
    with open(path, encoding="utf-8") as file:
        return file.read().strip()


def view(session, title):
    return next(v for v in session.list()["views"] if v["title"] == title)


def rgb(color):
    return color >> 16, color >> 8 & 255, color & 255


def test_dialogs_float_above_their_parents():
    with Session(*EXEC) as session:
        program = Program(session)
        parent = program.window("parent", (0, 0, 300, 200), BLUE)
        session.wait_for_views(1)
        session.wait_for_pixel(400, 300, rgb(BLUE))
        program.window("dialog", (5, 5, 200, 100), RED, parent)
        session.wait_for_views(2)
        session.wait_for_pixel(400, 310, rgb(RED))
        dialog = view(session, "dialog")
        assert dialog["content"][2:] == [200, 100], dialog
        assert abs(dialog["x"] + dialog["width"] / 2 - 400) <= 1, "centred"
        assert view(session, "parent")["width"] > 700
        session.ctl("layout", "single", "--output", "A")
        session.wait_for_pixel(400, 310, rgb(RED))
        program.destroy(parent)
        session.wait_for_views(1)
        program.end()


def test_menus_cover_no_guest_and_take_no_keys():
    with tempfile.NamedTemporaryFile("w", suffix=".ini") as file:
        file.write(GUEST)
        file.flush()
        with Session(*EXEC, file.name) as session:
            program = Program(session)
            program.window("window", (0, 0, 300, 200), BLUE)
            session.wait_for_views(2)
            session.ctl("focus", "debian")
            program.window("menu", (0, 0, 800, 600), RED, override=True)
            picture = session.wait_for_pixel(400, 4, rgb(RED))
            assert picture.at(0, 300) == picture.at(799, 300) == WINDOWS, "its outline"
            guest = view(session, "debian — off")
            assert guest["focused"]
            for dx in range(0, guest["width"], 5):
                for dy in range(0, guest["height"], 5):
                    pixel = picture.at(guest["x"] + dx, guest["y"] + dy)
                    assert pixel not in (rgb(RED), WINDOWS), (dx, dy)
            program.end()


if not shutil.which("Xwayland"):
    print("there is no Xwayland")
    sys.exit(77)
main(globals())
