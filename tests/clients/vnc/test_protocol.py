"""What a client may agree on with the server beyond pictures."""
import struct
import unittest
import zlib

from decode import (CLIPBOARD, CONTINUOUS_UPDATES, FENCE, LAST_RECT, MOUSE_BUTTONS, RAW, TIGHT,
                    Decoder, Format)
from processes import Stage
from rfb import EXTENDED_DESKTOP_SIZE, EXTENDED_KEYS, LEDS, pattern

FORM = Format(32, 24, 0, (255, 255, 255), (16, 8, 0))
REQUEST, BLOCK_BEFORE = 1 << 31, 1
TEXT, CAPS, ASK, PEEK, NOTIFY, PROVIDE = 1, 1 << 24, 1 << 25, 1 << 26, 1 << 27, 1 << 28
END = ('end of continuous updates',)


class Peer(Decoder):
    def fence(self, flags, payload=b''):
        self.send('BxxxIB', 248, flags, len(payload))
        self.socket.sendall(payload)

    def continuous(self, enable):
        self.send('BBHHHH', 150, enable, 0, 0, self.width, self.height)

    def text(self, data):
        """Extended."""
        self.send('Bxxxi', 6, -len(data))
        self.socket.sendall(data)

    def shows_seed(self, seed):
        return self.values == [FORM.value(pattern(x, y, seed))
                               for y in range(self.height) for x in range(self.width)]


class TestProtocol(unittest.TestCase):
    def setUp(self):
        self.stage = Stage()
        self.addCleanup(self.stage.close)
        self.stage.do('show 97 61 1')
        self.client = Peer(self.stage.port, self.stage.password)
        self.addCleanup(self.client.close)

    def test_one_update_for_a_request(self):
        client = self.client
        client.start(FORM, RAW, LEDS, EXTENDED_KEYS, MOUSE_BUTTONS, FENCE)
        client.request(False)
        client.fence(REQUEST, b'end')
        self.assertEqual(client.read_other()[1:], (REQUEST, b''))
        self.assertEqual(client.read_other(), ('fence', 0, b'end'))
        self.assertLessEqual(client.updates, 1)
        if client.updates == 0:
            client.read_update()
        self.assertTrue(client.shows_seed(1) and client.extended_keys and client.buttons)
        self.assertEqual(client.leds, 0)

    def test_fence(self):
        self.client.start(FORM, RAW, FENCE)
        self.assertEqual(self.client.read_other(), ('fence', REQUEST, b''))
        for size in (0, 1, 64):
            self.client.fence(REQUEST | 0x7ffffff8 | BLOCK_BEFORE, b'x' * size)
            self.assertEqual(self.client.read_other(), ('fence', BLOCK_BEFORE, b'x' * size))
        self.client.fence(0, b'an answer to nothing')
        self.client.fence(REQUEST, b'y')
        self.assertEqual(self.client.read_other(), ('fence', 0, b'y'))

    def test_continuous_updates(self):
        client = self.client
        client.start(FORM, TIGHT, LAST_RECT, FENCE, CONTINUOUS_UPDATES)
        self.assertEqual(client.read_other(), ('fence', REQUEST, b''))
        self.assertEqual(client.read_other(), END)
        client.continuous(True)
        for seed in range(2, 8):
            self.stage.do(f'paint 0 0 97 61 {seed}')
            while not client.shows_seed(seed):
                client.read_message()
            while client.others:  # what asks whether the update has come
                self.assertEqual(client.others.pop(0), ('fence', REQUEST | BLOCK_BEFORE, b'\1'))
                client.fence(BLOCK_BEFORE, b'\1')
        client.continuous(False)
        while client.read_other() != END:
            pass
        self.stage.do('paint 0 0 97 61 9')
        client.fence(REQUEST, b'z')
        while client.read_other() != ('fence', 0, b'z'):
            pass
        self.assertFalse(client.shows_seed(9))
        client.request()
        client.update_until(lambda: client.shows_seed(9))

    def test_continuous_updates_wait_for_the_client(self):
        client = self.client
        client.start(FORM, RAW, FENCE, CONTINUOUS_UPDATES)
        client.continuous(True)
        seed, asked = 1, 0
        while asked < 3:  # none of them is answered
            if client.read_other()[1:] == (REQUEST | BLOCK_BEFORE, b'\1'):
                asked += 1
                seed += 1
                self.stage.do(f'paint 0 0 97 61 {seed}')
        for seed in range(10, 20):
            self.stage.do(f'paint 0 0 97 61 {seed}')
        updates = client.updates
        client.fence(REQUEST, b'z')
        self.assertEqual(client.read_other(), ('fence', 0, b'z'))
        self.assertEqual(client.updates, updates)
        client.fence(BLOCK_BEFORE, b'\1')
        client.read_update()
        self.assertTrue(client.shows_seed(19))

    def test_what_was_not_offered(self):
        for message in (struct.pack('>BxxxIB', 248, REQUEST, 0),
                        struct.pack('>BBHHHH', 150, 1, 0, 0, 97, 61),
                        struct.pack('>BxxxIB', 248, REQUEST, 65) + bytes(65)):
            with Peer(self.stage.port, self.stage.password) as client:
                client.start(FORM, RAW)
                client.socket.sendall(message)
                with self.assertRaises(ConnectionError):
                    client.read_other()

    def test_mouse_buttons(self):
        client = self.client
        client.start(FORM, RAW, MOUSE_BUTTONS)
        client.see(lambda: True)
        self.assertTrue(client.buttons)
        for mask, more, lines in ((0x80, 1, ['button 5 1']), (0x81, 3, ['button 0 1', 'button 6 1']),
                                  (0x80, 0, ['button 0 0', 'button 5 0', 'button 6 0'])):
            client.send('BBHHB', 5, mask, 9, 9, more)
            self.assertEqual([self.stage.desktop.wait_for('button') for _ in lines], lines)
        client.pointer(9, 9, 2)
        self.assertEqual(self.stage.desktop.wait_for('button'), 'button 1 1')

    def test_clipboard_capabilities(self):
        client = self.client
        client.start(FORM, RAW, CLIPBOARD)
        kind, extended, data = client.read_other()
        flags, size = struct.unpack('>II', data)
        self.assertEqual((kind, extended, flags), (
            'text', True, CAPS | ASK | PEEK | NOTIFY | PROVIDE | TEXT))
        self.assertEqual(size, 64 * 1024)
        client.text(struct.pack('>III', CAPS | ASK | NOTIFY | PROVIDE | TEXT, 1 << 20, 0))
        client.text(struct.pack('>I', NOTIFY | TEXT))
        self.assertEqual(client.read_other(), ('text', True, struct.pack('>I', ASK | TEXT)))
        packed = zlib.compress(struct.pack('>I', 6) + 'grün\0'.encode())
        client.text(struct.pack('>I', PROVIDE | TEXT) + packed)
        client.text(struct.pack('>I', PEEK))
        self.assertEqual(client.read_other(), ('text', True, struct.pack('>I', NOTIFY)))
        client.see(lambda: client.shows_seed(1))

    def test_bad_clipboards(self):
        bomb = zlib.compress(bytes(64 << 20))
        for data in (b'', b'\0', struct.pack('>I', PROVIDE | TEXT),
                     struct.pack('>I', PROVIDE | TEXT) + b'this is not packed',
                     struct.pack('>I', PROVIDE | TEXT) + zlib.compress(b'\0\0\0\7abc')):
            with Peer(self.stage.port, self.stage.password) as client:
                client.start(FORM, RAW, CLIPBOARD)
                client.read_other()
                client.text(data)
                if data:
                    with self.assertRaises(ConnectionError):
                        client.read_other()
        self.client.start(FORM, RAW, CLIPBOARD)
        self.client.text(struct.pack('>I', PROVIDE | TEXT) + bomb)
        self.client.see(lambda: self.client.shows_seed(1))

    def test_answer_to_a_size(self):
        """It comes also when nothing changes."""
        with Stage(['--resize']) as stage, Peer(stage.port, stage.password) as client:
            client.start(FORM, RAW, EXTENDED_DESKTOP_SIZE)
            client.update_until(lambda: client.screens, incremental=False)
            self.assertEqual(client.resize_answer, (0, 0))
            client.set_desktop_size(640, 400)
            client.update_until(lambda: client.resize_answer == (1, 0))
            client.set_desktop_size(0, 400)
            client.update_until(lambda: client.resize_answer == (1, 3))
            client.set_desktop_size(300, 200)
            stage.desktop.wait_for('size 300 200')
            stage.do('show 300 200 2')
            client.update_until(lambda: client.width == 300)
            self.assertEqual(client.resize_answer, (1, 0))


class TestSlowClient(unittest.TestCase):
    def test_gets_the_newest_picture(self):
        """However much changes meanwhile, it gets what was on the way and what there is now."""
        with Stage() as stage, Peer(stage.port, stage.password) as client:
            stage.do('show 1600 1200 1')
            client.start(FORM, RAW, EXTENDED_DESKTOP_SIZE)
            client.update_until(lambda: client.width == 1600, incremental=False)
            for seed in range(2, 40):
                client.request()
                stage.do(f'paint 0 0 1600 1200 {seed}')
            before = client.updates
            newest = [FORM.value(pattern(x, y, 39)) for x, y in ((0, 0), (1599, 1199))]
            client.update_until(lambda: [client.values[0], client.values[-1]] == newest)
            self.assertLessEqual(client.updates - before, 4)


if __name__ == '__main__':
    unittest.main(verbosity=2)
