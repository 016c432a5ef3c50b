"""What mullion-spice shows and passes on, with spicy-screenshot and a client of our own."""
import array
import ctypes
import os
import shutil
import signal
import ssl
import struct
import subprocess
import tempfile
import threading
import time
import unittest

from spice import (AGENT_CONNECTED, CURSOR, CURSOR_SET, DENIED, DISPLAY, DRAW_COPY, INPUTS,
                   KEY_MODIFIERS, MAIN, MOUSE_MODE, OPUS, PLAYBACK, RAW, SOUND_DATA, SOUND_MODE,
                   SOUND_START, SOUND_STOP, SURFACE_CREATE, Channel, Client, Refused, connect,
                   trusting, until)
from stage import Stage, painted

SCREENSHOT = shutil.which('spicy-screenshot')
SERVER_MOUSE, CLIENT_MOUSE = 1, 2


def client_of(stage):
    return Client(stage.address, stage.password)


@unittest.skipUnless(SCREENSHOT, 'needs spicy-screenshot')
class TestPicture(unittest.TestCase):
    def test_pixels(self):
        for options in ([], ['--compression', 'lz4'], ['--compression', 'off'],
                        ['--compression', 'quic'], ['--video', 'off']):
            with self.subTest(options), Stage(*options) as stage:
                stage.do('show 333 200 2')
                self.assertTrue(stage.seen() == (333, 200, painted(333, 200, 2)))

    def test_changes(self):
        """A client that stays gets each change; one that comes later the whole."""
        with Stage() as stage, client_of(stage) as client:
            display = client.open_display()
            display.wait_for(SURFACE_CREATE)  # the primary surface
            want = bytearray(painted(640, 400, 1))
            for x, y, width, height, seed in ((10, 20, 200, 100, 5), (600, 390, 40, 10, 6),
                                              (0, 0, 640, 3, 7)):
                stage.do(f'paint {x} {y} {width} {height} {seed}')
                fresh = painted(640, 400, seed)
                for row in range(y, y + height):
                    at = (row * 640 + x) * 3
                    want[at:at + width * 3] = fresh[at:at + width * 3]
                box = (y, x, y + height, x + width)
                while struct.unpack_from('<4I', display.wait_for(DRAW_COPY), 4) != box:
                    pass
            self.assertTrue(stage.seen() == (640, 400, bytes(want)))

    def test_sizes(self):
        with Stage() as stage, client_of(stage) as client:
            display = client.open_display()
            display.wait_for(SURFACE_CREATE)
            for width, height in ((500, 300), (1, 1), (257, 111)):
                stage.do(f'show {width} {height} 3')
                while True:
                    body = display.wait_for(SURFACE_CREATE)
                    if struct.unpack_from('<II', body, 4) == (width, height):
                        break
                self.assertTrue(stage.seen() == (width, height, painted(width, height, 3)))

    def test_rgb16(self):
        with Stage() as stage:
            stage.do('rgb16 64 48 1')
            width, height, pixels = stage.seen()
            want = painted(64, 48, 1)
            self.assertEqual((width, height), (64, 48))
            self.assertTrue(all(abs(a - b) < 8 for a, b in zip(pixels, want)))

    def test_no_desktop_yet(self):
        """Clients wait for mullion, and see it come."""
        with Stage(desktop=False) as stage, client_of(stage) as client:
            display = client.open_display()
            stage.start_desktop()
            while struct.unpack_from('<II', display.wait_for(SURFACE_CREATE), 4) != (640, 400):
                pass
            self.assertTrue(stage.seen() == (640, 400, painted(640, 400, 1)))


class TestInput(unittest.TestCase):
    def setUp(self):
        self.stage = Stage()
        self.addCleanup(self.stage.close)
        self.client = client_of(self.stage)
        self.addCleanup(self.client.close)
        self.display = self.client.open_display()
        self.display.wait_for(SURFACE_CREATE)
        self.inputs = self.client.open(INPUTS)
        self.inputs.wait_for(101)
        self.desktop = self.stage.desktop

    def expect(self, *lines):
        start = tuple({line.split()[0] + ' ' for line in lines})
        self.assertEqual([self.desktop.wait_for(start) for _ in lines], list(lines))

    def test_keys(self):
        self.inputs.send(101, struct.pack('<I', 0x1e))  # a
        self.inputs.send(102, struct.pack('<I', 0x9e))
        self.expect('key 30 1', 'key 30 0')
        self.inputs.send(101, struct.pack('<I', 0x4be0))  # left
        self.inputs.send(102, struct.pack('<I', 0xcbe0))
        self.expect('key 203 1', 'key 203 0')
        self.inputs.send(104, bytes((0xe1, 0x1d, 0x45, 0xe1, 0x9d, 0xc5)))  # pause
        self.expect('key 198 1', 'key 198 0')
        # Shifts that some keyboards put around a grey key say nothing.
        self.inputs.send(104, bytes((0xe0, 0x2a, 0xe0, 0x53, 0xe0, 0xd3, 0xe0, 0xaa)))
        self.expect('key 211 1', 'key 211 0')
        self.inputs.send(104, bytes((0x80, 0xe0, 0x80, 0x2a)))
        self.expect('key 42 1')
        self.inputs.close()
        self.expect('key 42 0')  # held when its client left

    def test_pointer(self):
        self.assertEqual(self.client.mouse_mode, SERVER_MOUSE)
        self.client.main.send(105, struct.pack('<H', CLIENT_MOUSE))
        while struct.unpack('<HH', self.client.main.wait_for(MOUSE_MODE))[1] != CLIENT_MOUSE:
            pass
        self.inputs.send(112, struct.pack('<IIHB', 200, 100, 0, 0))
        self.expect('move 200 100')
        for button, mask, name in ((1, 1, 0), (2, 2, 1), (3, 4, 2), (6, 32, 5), (7, 64, 6)):
            self.inputs.send(113, struct.pack('<BH', button, mask))
            self.inputs.send(114, struct.pack('<BH', button, 0))
            self.expect(f'button {name} 1', f'button {name} 0')
        self.inputs.send(113, struct.pack('<BH', 4, 0))
        self.inputs.send(113, struct.pack('<BH', 5, 0))
        self.expect('button 3 1', 'button 3 0', 'button 4 1', 'button 4 0')
        self.inputs.send(112, struct.pack('<IIHB', 1 << 31, 5, 0, 0))  # nowhere
        self.inputs.send(112, struct.pack('<IIHB', 639, 399, 0, 0))
        self.expect('move 639 399')

    def test_relative(self):
        self.stage.do('absolute 0')
        while struct.unpack('<HH', self.client.main.wait_for(MOUSE_MODE))[0] & CLIENT_MOUSE:
            pass
        self.inputs.send(111, struct.pack('<iiH', 5, -7, 0))
        self.expect('move-by 5 -7')
        self.stage.do('absolute 1')
        while not struct.unpack('<HH', self.client.main.wait_for(MOUSE_MODE))[0] & CLIENT_MOUSE:
            pass

    def test_leds(self):
        self.stage.do('leds 4')
        while self.inputs.wait_for(KEY_MODIFIERS) != struct.pack('<H', 4):
            pass

    def test_cursor(self):
        self.stage.do('cursor 3 2 1 1 ff00ff00')
        cursor = self.client.open(CURSOR)
        image = struct.pack('<6I', 0, *[0xff00ff00] * 5)
        while not cursor.receive()[1].endswith(image):  # it is there, or on its way
            pass
        self.stage.do('cursor 2 2 0 0 ff0000ff')
        while not cursor.wait_for(CURSOR_SET).endswith(struct.pack('<4I', 0, *[0xff0000ff] * 3)):
            pass


class TestSound(unittest.TestCase):
    """A tone arrives, and has its frequency."""
    FREQUENCY, SECONDS = 1000, 0.5

    def hear(self, decode, mode, caps):
        samples = array.array('h')
        with Stage() as stage, client_of(stage) as client:
            client.open_display().wait_for(SURFACE_CREATE)
            sound = client.open(PLAYBACK, caps=caps)
            stage.desktop.wait_for('listening 1')
            begun = False
            stage.do(f'tone {self.FREQUENCY} {int(self.SECONDS * 100)}')
            while True:
                kind, body = sound.receive()
                if kind == SOUND_MODE:
                    self.assertEqual(struct.unpack_from('<IH', body)[1], mode)
                elif kind == SOUND_START:
                    self.assertEqual(struct.unpack_from('<IHI', body), (2, 1, 48000))
                    begun = True
                elif kind == SOUND_DATA:
                    samples.extend(decode(body[4:]))
                elif kind == SOUND_STOP and begun:
                    return samples[0::2]

    def check(self, left):
        self.assertGreater(len(left), 48000 * self.SECONDS * 0.4)  # some may be late, and lost
        middle = left[4800:-4800]
        rises = [i for i in range(1, len(middle)) if middle[i - 1] < 0 <= middle[i]]
        periods = [b - a for a, b in zip(rises, rises[1:])]
        usual = sorted(periods)[len(periods) // 2]
        self.assertEqual(usual, 48000 // self.FREQUENCY)
        self.assertGreater(periods.count(usual), len(periods) * 0.7)
        self.assertGreater(max(middle), 8000)

    def test_raw(self):
        self.check(self.hear(lambda data: array.array('h', data), RAW, ()))

    def test_opus(self):
        try:
            opus = ctypes.CDLL('libopus.so.0')
        except OSError:
            self.skipTest('needs libopus')
        opus.opus_decoder_create.restype = ctypes.c_void_p
        error = ctypes.c_int()
        decoder = ctypes.c_void_p(opus.opus_decoder_create(48000, 2, ctypes.byref(error)))
        out = (ctypes.c_int16 * (2 * 5760))()

        def decode(data):
            count = opus.opus_decode(decoder, data, len(data), out, 5760, 0)
            self.assertGreater(count, 0)
            return out[:2 * count]
        try:
            self.check(self.hear(decode, OPUS, (1 << 3,)))
        finally:
            opus.opus_decoder_destroy(decoder)


class TestRights(unittest.TestCase):
    def test_view_only(self):
        with Stage('--view-only') as stage, client_of(stage) as client:
            self.assertEqual(stage.desktop.wait_for('open'), 'open desktop 1')
            client.open_display().wait_for(SURFACE_CREATE)
            inputs = client.open(INPUTS)
            inputs.send(101, struct.pack('<I', 0x1e))
            inputs.send(112, struct.pack('<IIHB', 200, 100, 0, 0))
            inputs.send(113, struct.pack('<BH', 1, 1))
            stage.do('leds 1')
            inputs.wait_for(KEY_MODIFIERS)
            self.assertFalse([line for line in stage.desktop.said
                              if line.startswith(('key', 'move', 'button'))])
            self.assertFalse(client.agent)

    def test_resize(self):
        with Stage('--resize') as stage, client_of(stage) as client:
            self.assertEqual(stage.desktop.wait_for('open'), 'open desktop 7')
            client.open_display().wait_for(SURFACE_CREATE)
            if not client.agent:
                client.main.wait_for(AGENT_CONNECTED)
            client.main.send(106, struct.pack('<I', 10))
            config = struct.pack('<II5I', 1, 0, 600, 800, 32, 0, 0)
            client.main.send(107, struct.pack('<IIQI', 1, 2, 0, len(config)) + config)
            self.assertEqual(stage.desktop.wait_for('size'), 'size 800 600')

    def test_heads(self):
        with Stage('--heads', '2') as stage, client_of(stage) as client:
            self.assertEqual(client.heads, 2)
            self.assertLessEqual({(DISPLAY, 0), (DISPLAY, 1), (CURSOR, 0), (CURSOR, 1)},
                                 set(client.kinds))
            for number in range(2):
                client.open_display(number).wait_for(SURFACE_CREATE)
            stage.desktop.wait_for('listening 1')
            client.main.send(105, struct.pack('<H', CLIENT_MOUSE))
            while struct.unpack('<HH', client.main.wait_for(MOUSE_MODE))[1] != CLIENT_MOUSE:
                pass
            inputs = client.open(INPUTS)
            for message in ((112, '<IIHB', 200, 100, 0, 0), (113, '<BH', 3, 4), (114, '<BH', 3, 0),
                            (113, '<BH', 4, 0), (114, '<BH', 4, 0), (112, '<IIHB', 1, 2, 0, 9),
                            (112, '<IIHB', 300, 200, 0, 0)):
                inputs.send(message[0], struct.pack(*message[1:]))
            self.assertEqual([stage.desktop.wait_for(('move', 'button')) for _ in range(6)],
                             ['move 200 100', 'button 2 1', 'button 2 0', 'button 3 1',
                              'button 3 0', 'move 300 200'])


class TestLogIn(unittest.TestCase):
    def test_wrong_password(self):
        with Stage() as stage:
            for end, password in enumerate(('', stage.password + 'x', stage.password[:-1]), 2):
                with connect(stage.address, f'127.0.0.{end}') as stream:
                    with self.assertRaises(Refused) as refused:
                        Channel(stream, MAIN, password)
                self.assertEqual(refused.exception.args, (DENIED,))
                stage.server.wait_for_error(f'mullion-spice: client 127.0.0.{end}: refused')
            client_of(stage).close()

    def test_new_password(self):
        with Stage() as stage:
            with open(os.path.join(stage.runtime, 'spice-password'), 'w') as file:
                file.write('changed\n')
            Client(stage.address, 'changed').close()

    def test_unix_socket_without_password(self):
        folder = tempfile.mkdtemp(prefix='mullion-test-')
        self.addCleanup(shutil.rmtree, folder)
        with Stage('--no-password', listen=('--listen', f'unix:{folder}/here')) as stage:
            path = stage.address
            self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
            Client(path, '').close()
        self.assertFalse(os.path.exists(path))

    def test_tls(self):
        with Stage(listen=('--tls-listen', '127.0.0.1:0', '--listen', '127.0.0.1:0')) as stage:
            certificate = os.path.join(stage.folder.name, 'mullion/tls/cert.pem')
            context = trusting(certificate)
            with Client(stage.address, stage.password, context) as client:
                client.open_display().wait_for(SURFACE_CREATE)
            for end, oldest in ((2, ssl.TLSVersion.TLSv1), (3, ssl.TLSVersion.TLSv1_1)):
                old = trusting(certificate)
                old.minimum_version = old.maximum_version = oldest
                old.set_ciphers('ALL:@SECLEVEL=0')
                with self.assertRaises((ssl.SSLError, ConnectionError)):
                    old.wrap_socket(connect(stage.address, f'127.0.0.{end}'),
                                    server_hostname='localhost')
            stranger = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            with self.assertRaises(ssl.SSLCertVerificationError):
                stranger.wrap_socket(connect(stage.address, '127.0.0.4'),
                                     server_hostname='localhost')
            with connect(stage.address, '127.0.0.5') as stream:
                with self.assertRaises((EOFError, ConnectionError)):
                    Channel(stream, MAIN, stage.password)  # no plain text where TLS is


class TestIdle(unittest.TestCase):
    """Nothing wakes up for a client that does nothing, but the library for its pings."""
    SECONDS = 3

    @staticmethod
    def wake_ups(pid):
        count = 0
        for task in os.listdir(f'/proc/{pid}/task'):
            with open(f'/proc/{pid}/task/{task}/status', encoding='ascii') as file:
                count += next(int(line.split()[1]) for line in file
                              if line.startswith('voluntary_ctxt_switches'))
        return count

    def test_wake_ups(self):
        with Stage() as stage, client_of(stage) as client:
            for channel in (client.main, client.open_display(), client.open(INPUTS)):
                threading.Thread(target=self.drain, args=(channel,), daemon=True).start()
            time.sleep(self.SECONDS)  # its first pings, and what follows a log-in
            processes = stage.server.process.pid, stage.session()
            before = [self.wake_ups(pid) for pid in processes]
            time.sleep(self.SECONDS)
            keeper, session = (self.wake_ups(pid) - count
                               for pid, count in zip(processes, before))
            self.assertEqual(keeper, 0)
            self.assertLessEqual(session, 12)

    @staticmethod
    def drain(channel):
        try:
            while True:
                channel.receive()
        except (EOFError, OSError):
            pass


class TestOptions(unittest.TestCase):
    def test_mistakes(self):
        for options, words in (
                (['--listen', '0.0.0.0:1'], "it isn't a loopback address"),
                (['--listen', '192.0.2.1:5'], "it isn't a loopback address"),
                (['--listen', '127.0.0.1'], 'there is no port in it'),
                (['--listen', 'nowhere:5'], '--listen: "nowhere:5"'),
                (['--tls-listen', '127.0.0.1:0', '--no-password'], 'only one of them'),
                (['--no-password', '--password-file', 'x'], 'only one of them'),
                (['--tls-cert', 'x'], 'both or none'),
                (['--target', 'guest:'], '--target: "guest:"'),
                (['--target', 'guest:a:16'], "a guest's head is a number"),
                (['--heads', '5'], '--heads: "5"'),
                (['--heads', '0'], '--heads: "0"'),
                (['--target', 'guest:a:14', '--heads', '3'], 'there are no heads after 15'),
                (['--compression', 'zip'], '--compression: "zip" is none of'),
                (['--video', 'on'], '--video: "on" is none of'),
                (['--jpeg', ''], '--jpeg: "" is none of'),
                (['word'], '"word": no arguments but options'),
                (['--nonsense'], 'nonsense')):
            done = subprocess.run([os.environ['MULLION_SPICE'], *options], capture_output=True,
                                  text=True, timeout=30)
            self.assertEqual(done.returncode, 2, options)
            self.assertIn(words, done.stderr)

    def test_help(self):
        done = subprocess.run([os.environ['MULLION_SPICE'], '--help'], capture_output=True,
                              text=True, timeout=30)
        self.assertEqual(done.returncode, 0)
        for option in ('--target', '--tls-listen', '--server-name'):
            self.assertIn(option, done.stdout)


class TestSurvival(unittest.TestCase):
    def test_desktop_returns(self):
        with Stage() as stage, client_of(stage) as client:
            display = client.open_display()
            display.wait_for(SURFACE_CREATE)
            stage.desktop.process.kill()
            stage.desktop.stop()
            os.unlink(os.path.join(stage.runtime, 'control'))
            stage.start_desktop()
            stage.do('show 320 200 9')
            while struct.unpack_from('<II', display.wait_for(SURFACE_CREATE), 4) != (320, 200):
                pass
            inputs = client.open(INPUTS)
            inputs.send(101, struct.pack('<I', 0x1e))
            stage.desktop.wait_for('key 30 1')

    def test_session_returns(self):
        with Stage() as stage:
            for _ in range(2):
                client_of(stage).close()
                pid = stage.session()
                os.kill(pid, signal.SIGKILL)
                stage.server.wait_for_error('mullion-spice: error: the session ended by signal 9')

                def is_back():
                    try:
                        client_of(stage).close()
                        return True
                    except (EOFError, ConnectionError, Refused):
                        return False
                until(is_back, 'the session does not come back')
                self.assertNotEqual(stage.session(), pid)

    def test_idle_server_lets_go(self):
        with Stage() as stage:
            client_of(stage).close()
            stage.desktop.wait_for('listening 1')
            stage.desktop.wait_for('listening 0')
            client_of(stage).close()
            stage.desktop.wait_for('listening 1')


if __name__ == '__main__':
    unittest.main(verbosity=2)
