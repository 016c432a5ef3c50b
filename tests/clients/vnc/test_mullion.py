"""The whole way: a VNC client, mullion-vnc, mullion, QEMU and GRUB's prompt."""
import os
import pathlib
import select
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / 'guests'))
import desktop.guests as guests  # noqa: E402
from lib.mullion import Mullion  # noqa: E402
from processes import Process  # noqa: E402
from rfb import DESKTOP_SIZE, RAW, Client  # noqa: E402

PATIENCE = 100  # seconds
LETTER = range(8, 200)  # px that a letter and the cursor behind it change
BLINK = 60  # px that the prompt's cursor may change
XK_CONTROL_L = 0xffe3
TEXT = 'Mullion_42!'


def picture_of(client):
    """Rows of RGB."""
    rows = []
    for y in range(client.height):
        row = client.pixels[4 * y * client.width:4 * (y + 1) * client.width]
        rgb = bytearray(3 * client.width)
        rgb[0::3], rgb[1::3], rgb[2::3] = row[2::4], row[1::4], row[0::4]
        rows.append(bytes(rgb))
    return rows


def difference(one, two):
    """How many pixels differ; all if the sizes do."""
    if len(one) != len(two) or len(one[0]) != len(two[0]):
        return len(one) * len(one[0]) // 3
    return sum(a[i:i + 3] != b[i:i + 3] for a, b in zip(one, two) if a != b
               for i in range(0, len(a), 3))


class Viewer(Client):
    """Follows the picture as far as it comes."""
    asked = False

    def pump(self, seconds):
        end = time.monotonic() + seconds
        while True:
            if not self.asked:
                self.request()
                self.asked = True
            left = max(0, end - time.monotonic())
            if not select.select([self.socket], [], [], left)[0]:
                return
            self.read_update()
            self.asked = False

    def until(self, condition, what):
        end = time.monotonic() + PATIENCE
        while True:
            self.pump(0.3)
            if condition():
                return
            assert time.monotonic() < end, what

    def type(self, text):
        for character in text:
            self.key(ord(character), True)
            self.key(ord(character), False)
            self.pump(0.05)  # firmware's keyboard buffer is small


class TestMullion(unittest.TestCase):
    def setUp(self):
        self.mullion = Mullion('-o', 'LEFT=640x480', '-l', 'single')
        self.mullion.__enter__()
        self.addCleanup(self.mullion.__exit__, None, None, None)
        self.mullion.ctl('start', self.mullion.write_guest('grub', guests.GRUB))

    def connect(self, *options):
        server = Process([os.environ['MULLION_VNC'], '--port', '0', *options],
                         {'XDG_RUNTIME_DIR': str(self.mullion.runtime)})
        self.addCleanup(lambda: self.assertEqual(server.stop(), 0))
        port = int(server.wait_for('mullion-vnc: listening on ').rsplit(':', 1)[1])
        password = (self.mullion.runtime / 'mullion/vnc-password').read_text().strip()
        viewer = Viewer(port, password)
        self.addCleanup(viewer.close)
        viewer.set_encodings(RAW, DESKTOP_SIZE)
        return viewer

    def reach_prompt(self, viewer):
        """'c' in the menu gives the prompt, which alone echoes single letters."""
        def echoes():
            viewer.type('c')
            viewer.pump(2)
            before = picture_of(viewer)
            viewer.type('Q')
            viewer.pump(2)
            return difference(before, picture_of(viewer)) in LETTER
        viewer.until(echoes, 'no prompt')

    def check_typing(self, viewer):
        """VNC's keys give what mullionctl's do."""
        viewer.key(XK_CONTROL_L, True)
        viewer.type('u')  # empties the line
        viewer.key(XK_CONTROL_L, False)
        viewer.pump(3)
        empty = picture_of(viewer)
        viewer.type(TEXT)
        viewer.until(lambda: difference(empty, picture_of(viewer)) > LETTER[0] * len(TEXT),
                     'no echo')
        viewer.pump(3)
        typed = picture_of(viewer)
        self.mullion.ctl('key', '--guest', 'grub', 'ctrl+u')
        viewer.until(lambda: difference(empty, picture_of(viewer)) <= BLINK, 'nothing is deleted')
        self.mullion.ctl('type', '--guest', 'grub', TEXT)
        viewer.until(lambda: difference(typed, picture_of(viewer)) <= BLINK, 'VNC typed otherwise')

    def check_same(self, viewer, *screenshot):
        """The client gets to see what mullionctl does."""
        viewer.until(lambda: difference(self.mullion.screenshot(*screenshot).rows,
                                        picture_of(viewer)) <= BLINK, 'the pictures differ')

    def test_guest(self):
        viewer = self.connect('--guest', 'grub')
        self.assertEqual(viewer.name, 'grub - mullion')
        self.reach_prompt(viewer)
        self.check_typing(viewer)
        self.check_same(viewer, '--guest', 'grub')

    def test_desktop_and_restart(self):
        viewer = self.connect()
        self.assertEqual((viewer.width, viewer.height), (640, 480))
        guest = self.connect('--guest', 'grub')
        self.reach_prompt(guest)
        self.check_same(viewer, '--output', 'LEFT')
        self.mullion.kill()
        self.mullion.start('-o', 'LEFT=640x480', '-l', 'single')
        before = picture_of(viewer)

        def is_echoed():
            viewer.type('Z')  # lost while the session hasn't found the new mullion
            return difference(before, picture_of(viewer)) > 20
        viewer.until(is_echoed, 'no echo')
        self.check_same(viewer, '--output', 'LEFT')
        self.check_typing(guest)


if __name__ == '__main__':
    unittest.main(verbosity=2)
