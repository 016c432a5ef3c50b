"""mullion-vnc before a fake desktop, with a client that speaks RFB by hand."""
import os
import stat
import unittest

from processes import Stage
from rfb import (ALPHA_CURSOR, CURSOR, DESKTOP_SIZE, EXTENDED_DESKTOP_SIZE, EXTENDED_KEYS, LEDS,
                 RAW, Client, Refused, pattern)

LEFT_SHIFT, RIGHT_ALT = 42, 0xb8  # qnums
XK_SHIFT_L, XK_RETURN, XK_LEFT = 0xffe1, 0xff0d, 0xff51


class TestPicture(unittest.TestCase):
    def test_pixels(self):
        with Stage() as stage, Client(stage.port, stage.password) as client:
            self.assertEqual((client.width, client.height, client.name), (640, 400, 'mullion'))
            client.set_encodings(RAW)
            client.update_until(lambda: client.shows(1, step=1), incremental=False)

    def test_damage(self):
        with Stage() as stage, Client(stage.port, stage.password) as client:
            client.set_encodings(RAW)
            client.update_until(lambda: client.shows(1), incremental=False)
            stage.do('paint 100 50 30 20 9')
            client.update_until(lambda: client.pixel(129, 69) == pattern(129, 69, 9))
            self.assertEqual(client.pixel(130, 69), pattern(130, 69, 1))
            self.assertEqual(client.pixel(100, 50), pattern(100, 50, 9))

    def test_new_size(self):
        for encoding in (DESKTOP_SIZE, EXTENDED_DESKTOP_SIZE):
            with Stage() as stage, Client(stage.port, stage.password) as client:
                client.set_encodings(RAW, encoding)
                client.update_until(lambda: client.shows(1), incremental=False)
                stage.do('show 801 333 5')
                client.update_until(lambda: client.width == 801)
                client.update_until(lambda: client.shows(5), incremental=False)
                stage.do('show 64 48 6')
                client.update_until(lambda: client.width == 64)
                client.update_until(lambda: client.shows(6), incremental=False)

    def test_new_size_that_a_client_cannot_follow(self):
        with Stage() as stage, Client(stage.port, stage.password) as client:
            client.set_encodings(RAW)
            client.update_until(lambda: client.shows(1), incremental=False)
            stage.do('show 320 200 2')
            client.request()
            with self.assertRaises(ConnectionError):
                client.read_update()

    def test_other_formats(self):
        with Stage() as stage, Client(stage.port, stage.password) as client:
            client.set_encodings(RAW, DESKTOP_SIZE)
            stage.do('rgb16 320 200 3')
            red, green, blue = pattern(200, 100, 3)

            def is_near():
                got = client.pixel(200, 100) if client.width == 320 else (0, 0, 0)
                return all(abs(a - b) <= 8 for a, b in zip(got, (red, green, blue)))
            client.update_until(is_near, incremental=False)

    def test_off_and_on(self):
        with Stage() as stage, Client(stage.port, stage.password) as client:
            client.set_encodings(RAW)
            client.update_until(lambda: client.shows(1), incremental=False)
            stage.do('off')
            client.update_until(lambda: not any(client.pixels))
            self.assertEqual((client.width, client.height), (640, 400))
            stage.do('show 640 400 4')
            client.update_until(lambda: client.shows(4))

    def test_guest_that_is_started_again(self):
        with Stage() as stage, Client(stage.port, stage.password) as client:
            client.set_encodings(RAW)
            client.update_until(lambda: client.shows(1), incremental=False)
            stage.do('unplug')
            client.update_until(lambda: not any(client.pixels))
            stage.do('show 640 400 7')
            stage.do('plug')
            client.update_until(lambda: client.shows(7))
            client.key(ord('a'), True)
            stage.desktop.wait_for('key 30 1')

    def test_cursor(self):
        with Stage() as stage, Client(stage.port, stage.password) as client:
            client.set_encodings(RAW, CURSOR)
            stage.do('cursor 9 5 2 3 ff102030')
            client.update_until(lambda: client.cursor and client.cursor[1] == 9)
            kind, width, height, hot_x, hot_y, pixels, mask = client.cursor
            self.assertEqual((kind, width, height, hot_x, hot_y), ('masked', 9, 5, 2, 3))
            self.assertEqual(mask, b'\x7f\x80' + b'\xff\x80' * 4)
            self.assertEqual(pixels[4:7], b'\x30\x20\x10')

    def test_cursor_with_alpha(self):
        with Stage() as stage, Client(stage.port, stage.password) as client:
            client.set_encodings(RAW, CURSOR, ALPHA_CURSOR)
            stage.do('cursor 256 200 255 0 80102030')
            client.update_until(lambda: client.cursor and client.cursor[1] == 256)
            kind, _, height, hot_x, _, pixels, _ = client.cursor
            self.assertEqual((kind, height, hot_x), ('alpha', 200, 255))
            self.assertEqual(pixels[:8], b'\0\0\0\0\x10\x20\x30\x80')


class TestInput(unittest.TestCase):
    def setUp(self):
        self.stage = Stage()
        self.addCleanup(self.stage.close)

    def connect(self, *encodings):
        client = Client(self.stage.port, self.stage.password)
        self.addCleanup(client.close)
        client.set_encodings(RAW, *encodings)
        client.update_until(lambda: client.shows(1), incremental=False)
        return client

    def expect(self, *lines):
        got = [self.stage.desktop.wait_for(('key', 'button', 'move')) for _ in lines]
        self.assertEqual(got, list(lines))

    def type(self, client, *keysyms):
        for keysym in keysyms:
            client.key(keysym, True)
            client.key(keysym, False)

    def test_plain_keys(self):
        client = self.connect()
        self.type(client, ord('a'), XK_RETURN, XK_LEFT)
        self.expect('key 30 1', 'key 30 0', 'key 28 1', 'key 28 0', 'key 203 1', 'key 203 0')

    def test_shift_is_not_pressed_twice(self):
        client = self.connect()
        client.key(XK_SHIFT_L, True)
        self.type(client, ord('!'))
        client.key(XK_SHIFT_L, False)
        self.expect('key 42 1', 'key 2 1', 'key 2 0', 'key 42 0')

    def test_shift_is_added(self):
        self.type(self.connect(), ord('!'))
        self.expect('key 42 1', 'key 2 1', 'key 42 0', 'key 2 0')

    def test_shift_is_lifted(self):
        client = self.connect()
        client.key(XK_SHIFT_L, True)
        self.type(client, ord('/'))  # shift+7 on a German keyboard
        self.expect('key 42 1', 'key 42 0', 'key 53 1', 'key 42 1', 'key 53 0')

    def test_shift_with_a_cursor_key(self):
        client = self.connect()
        client.key(XK_SHIFT_L, True)
        self.type(client, XK_LEFT)
        self.expect('key 42 1', 'key 203 1', 'key 203 0')

    def test_release_under_another_name(self):
        client = self.connect()
        client.key(XK_SHIFT_L, True)
        client.key(ord('A'), True)
        client.key(XK_SHIFT_L, False)
        client.key(ord('a'), False)
        self.expect('key 42 1', 'key 30 1', 'key 42 0', 'key 30 0')

    def test_caps_lock(self):
        client = self.connect(LEDS)
        self.stage.do('leds 4')
        client.update_until(lambda: client.leds == 4)
        self.type(client, ord('A'))
        self.expect('key 30 1', 'key 30 0')

    def test_extended_keys(self):
        client = self.connect(EXTENDED_KEYS)
        client.update_until(lambda: client.extended_keys, incremental=False)
        client.extended_key(0x1000451, 0x9c, True)
        client.extended_key(0x1000451, 0x9c, False)
        client.extended_key(ord('b'), 0, True)
        self.expect('key 156 1', 'key 156 0', 'key 48 1')

    def test_keys_are_released_when_a_client_goes(self):
        client = self.connect()
        client.key(ord('a'), True)
        self.expect('key 30 1')
        client.close()
        self.expect('key 30 0')

    def test_pointer(self):
        client = self.connect()
        client.pointer(10, 20)
        client.pointer(10, 20, 1)
        client.pointer(30, 20, 1)
        client.pointer(60000, 60000, 0)
        self.expect('move 10 20', 'button 0 1', 'move 30 20', 'move 639 399', 'button 0 0')

    def test_wheel(self):
        client = self.connect()
        client.pointer(1, 1, 8)
        client.pointer(1, 1, 0)
        client.pointer(1, 1, 16)
        client.pointer(1, 1, 0)
        self.expect('move 1 1', 'button 3 1', 'button 3 0', 'button 4 1', 'button 4 0')

    def test_relative_pointer(self):
        client = self.connect()
        client.pointer(100, 100)
        self.expect('move 100 100')
        self.stage.do('absolute 0')
        self.stage.do('paint 0 0 1 1 2')
        client.update_until(lambda: client.pixel(0, 0) == pattern(0, 0, 2))
        client.pointer(90, 105)
        self.expect('move-by -10 5')


class TestTargets(unittest.TestCase):
    def test_guest_with_its_layout(self):
        with Stage(['--guest', 'alpha']) as stage, Client(stage.port, stage.password) as client:
            self.assertEqual(client.name, 'alpha - mullion')
            stage.desktop.wait_for('open guest:alpha 3')
            client.key(ord('z'), True)
            self.assertEqual(stage.desktop.wait_for('key'), 'key 21 1')
            client.key(ord('@'), True)
            self.assertEqual([stage.desktop.wait_for('key') for _ in range(3)],
                             [f'key {RIGHT_ALT} 1', 'key 16 1', f'key {RIGHT_ALT} 0'])

    def test_layout_option(self):
        with Stage(['--guest', 'alpha', '--layout', 'us']) as stage, \
                Client(stage.port, stage.password) as client:
            client.key(ord('z'), True)
            self.assertEqual(stage.desktop.wait_for('key'), 'key 44 1')

    def test_missing_guest(self):
        with Stage(['--guest', 'nobody']) as stage:
            with self.assertRaisesRegex(Refused, 'there is no guest:nobody'):
                Client(stage.port, stage.password)

    def test_view_only(self):
        with Stage(['--view-only']) as stage, Client(stage.port, stage.password) as client:
            stage.desktop.wait_for('open desktop 1')
            client.key(ord('a'), True)
            client.pointer(1, 1, 1)
            client.set_encodings(RAW)
            client.update_until(lambda: client.shows(1), incremental=False)
            self.assertFalse([line for line in stage.desktop.said if line[:3] in ('key', 'but')])

    def test_resize(self):
        with Stage(['--resize']) as stage, Client(stage.port, stage.password) as client:
            client.set_encodings(RAW, EXTENDED_DESKTOP_SIZE)
            client.update_until(lambda: client.screens, incremental=False)
            client.set_desktop_size(1024, 700)
            self.assertEqual(stage.desktop.wait_for('size'), 'size 1024 700')
            stage.do('show 1024 700 8')
            client.update_until(lambda: client.width == 1024)

    def test_no_resize(self):
        with Stage() as stage, Client(stage.port, stage.password) as client:
            client.set_encodings(RAW, EXTENDED_DESKTOP_SIZE)
            client.update_until(lambda: client.screens, incremental=False)
            client.set_desktop_size(1024, 700)
            client.update_until(lambda: client.resize_answer == (1, 1))


class TestPassword(unittest.TestCase):
    def test_file(self):
        with Stage() as stage:
            status = os.stat(os.path.join(stage.runtime, 'vnc-password'))
            self.assertEqual(stat.S_IMODE(status.st_mode), 0o600)
            self.assertRegex(stage.password, '^[A-Za-z2-9]{8}$')
            self.assertTrue(stage.server.wait_for_error('mullion-vnc: the password is in ')
                            .endswith('/mullion/vnc-password'))
            self.assertFalse(any(stage.password in line for line in
                                 stage.server.complaints + stage.server.said))

    def test_wrong(self):
        with Stage() as stage:
            for version in (3, 7, 8):
                with self.assertRaises(Refused):
                    Client(stage.port, 'nonsense', version)
            stage.server.wait_for_error(
                'mullion-vnc: error: client 127.0.0.1: wrong password')
            Client(stage.port, stage.password, source='127.0.0.2').close()
            self.assertFalse([line for line in stage.desktop.said if line.startswith('open')][1:])

    def test_old_versions(self):
        with Stage() as stage:
            for version in (3, 7):
                with Client(stage.port, stage.password, version) as client:
                    self.assertEqual(client.width, 640)

    def test_none(self):
        with Stage(['--no-password']) as stage:
            for version in (3, 7, 8):
                with Client(stage.port, None, version) as client:
                    self.assertEqual(client.width, 640)


class TestReturn(unittest.TestCase):
    def test_mullion_restarts(self):
        with Stage() as stage, Client(stage.port, stage.password) as client:
            client.set_encodings(RAW)
            client.update_until(lambda: client.shows(1), incremental=False)
            stage.desktop.process.kill()
            stage.desktop.stop()
            stage.start_desktop()
            stage.do('paint 0 0 640 400 7')
            client.update_until(lambda: client.shows(7))
            client.key(ord('a'), True)
            self.assertEqual(stage.desktop.wait_for('key'), 'key 30 1')
            with Client(stage.port, stage.password) as other:
                self.assertEqual(other.width, 640)

    def test_mullion_does_not_run(self):
        with Stage(desktop=False) as stage:
            with self.assertRaisesRegex(Refused, "mullion isn't running"):
                Client(stage.port, stage.password)
            stage.start_desktop()
            Client(stage.port, stage.password).close()


if __name__ == '__main__':
    unittest.main(verbosity=2)
