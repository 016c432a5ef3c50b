"""mullion-vnc with other people's clients: libvncclient in all encodings, and TigerVNC's viewer."""
import os
import shutil
import subprocess
import time
import unittest

from processes import Process, Stage
from rfb import pattern

TIMEOUT = 60


def read_ppm(path):
    with open(path, 'rb') as file:
        assert file.readline().split()[0] == b'P6'
        file.seek(0)
        head = file.readline().split()
        return int(head[1]), int(head[2]), file.read()


class TestLibvncclient(unittest.TestCase):
    def probe(self, stage, encodings, password=None):
        probe = Process([os.environ['VNC_PROBE'], str(stage.port), password or stage.password,
                         encodings])
        self.addCleanup(probe.stop)
        return probe

    def wait_for_pixel(self, probe, x, y, seed):
        red, green, blue = pattern(x, y, seed)
        while True:
            probe.send(f'pixel {x} {y}')
            if probe.wait_for('pixel') == f'pixel {red} {green} {blue}':
                return
            probe.wait_for('updated')

    def check_picture(self, stage, probe, width, height, seed):
        path = os.path.join(stage.folder.name, 'picture.ppm')
        probe.send(f'save {path}')
        probe.wait_for('saved')
        want = b''.join(bytes(pattern(x, y, seed)) for y in range(height) for x in range(width))
        self.assertTrue(read_ppm(path) == (width, height, want), 'the pictures differ')

    def test_encodings(self):
        for encodings in ('raw', 'hextile', 'zrle', 'zlib', 'tight', 'ultra', 'corre', 'rre',
                          'copyrect tight zrle hextile raw'):
            with self.subTest(encodings), Stage() as stage:
                stage.do('show 333 200 1')
                probe = self.probe(stage, encodings)
                probe.wait_for('connected 333 200')
                self.wait_for_pixel(probe, 332, 199, 1)
                stage.do('paint 10 20 200 100 2')
                self.wait_for_pixel(probe, 209, 119, 2)
                self.wait_for_pixel(probe, 10, 20, 2)
                stage.do('show 257 111 3')
                probe.wait_for('size 257 111')
                self.wait_for_pixel(probe, 256, 110, 3)
                self.check_picture(stage, probe, 257, 111, 3)
                probe.send('key 65293 1')
                probe.send('pointer 5 6 4')
                self.assertEqual(stage.desktop.wait_for('key'), 'key 28 1')
                self.assertEqual(stage.desktop.wait_for('move'), 'move 5 6')
                self.assertEqual(stage.desktop.wait_for('button'), 'button 2 1')

    def test_jpeg(self):
        """With loss, and the less of it the better the quality is."""
        losses = []
        for quality in (9, 5, 1):
            with self.subTest(quality), Stage() as stage:
                stage.do('show 333 200 1')
                probe = self.probe(stage, f'tight/{quality}')
                probe.wait_for('connected 333 200')
                probe.wait_for('updated')
                path = os.path.join(stage.folder.name, 'picture.ppm')
                got = None
                while not got or got[-3:] == bytes(3):
                    probe.send(f'save {path}')
                    probe.wait_for('saved')
                    got = read_ppm(path)[2]
                want = b''.join(bytes(pattern(x, y, 1)) for y in range(200) for x in range(333))
                losses.append(sum(abs(a - b) for a, b in zip(got, want)) / len(want))
        self.assertLess(losses[0], 4)
        self.assertLess(losses[0], losses[1])
        self.assertLess(losses[1], losses[2])
        self.assertLess(losses[2], 40)

    def test_wrong_password(self):
        with Stage() as stage:
            self.probe(stage, 'raw', 'nonsense').wait_for('refused')


@unittest.skipUnless(shutil.which('xtigervncviewer') and shutil.which('Xvfb') and
                     shutil.which('xdotool') and shutil.which('import'),
                     'needs xtigervncviewer, Xvfb, xdotool and ImageMagick')
class TestTigerVNC(unittest.TestCase):
    encoding = 'ZRLE'

    make_stage = Stage

    def setUp(self):
        self.stage = self.make_stage()
        self.addCleanup(self.stage.close)
        self.env = {**os.environ, 'HOME': self.stage.folder.name}
        self.start_x()
        self.start_viewer()

    def start(self, args, **options):
        log = open(os.path.join(self.stage.folder.name, 'log'), 'ab')
        self.addCleanup(log.close)
        process = subprocess.Popen(args, env=self.env, stdout=log, stderr=log, **options)

        def stop():
            process.terminate()
            process.wait(timeout=TIMEOUT)
        self.addCleanup(stop)
        return process

    def start_x(self):
        read, write = os.pipe()
        self.start(['Xvfb', '-displayfd', str(write), '-screen', '0', '900x600x24', '-nolisten',
                    'tcp'], pass_fds=(write,))
        os.close(write)
        with os.fdopen(read) as file:
            self.env['DISPLAY'] = ':' + file.readline().strip()

    def viewer_options(self):
        password_file = os.path.join(self.stage.folder.name, 'passwd')
        with open(password_file, 'wb') as file:
            subprocess.run(['tigervncpasswd', '-f'], input=self.stage.password.encode() + b'\n',
                           stdout=file, check=True)
        return ['-passwd', password_file]

    def start_viewer(self):
        self.start(['xtigervncviewer', *self.viewer_options(), '-RemoteResize=0',
                    '-Shared', '-AlertOnFatalError=0', '-ReconnectOnError=0', '-AutoSelect=0',
                    f'-PreferredEncoding={self.encoding}', '-NoJPEG=1', f'127.0.0.1::{self.stage.port}'])

    def xdotool(self, *args):
        subprocess.run(['xdotool', *args], env=self.env, check=True, timeout=TIMEOUT)

    def screen(self):
        got = subprocess.run(['import', '-window', 'root', '-depth', '8', 'ppm:-'], env=self.env, check=True,
                             timeout=TIMEOUT, stdout=subprocess.PIPE).stdout
        head, size, depth, pixels = got.split(b'\n', 3)
        self.assertEqual((head, size, depth), (b'P6', b'900 600', b'255'))
        return pixels

    def find_picture(self, seed, width, height):
        """Where the viewer shows it; its hint about F8 covers a part of the upper rows for a while."""
        got = self.screen()
        rows = [(y, b''.join(bytes(pattern(x, y, seed)) for x in range(width)))
                for y in (*range(0, 40), *range(120, height, 7))]
        corner = got.find(rows[0][1])
        if corner >= 0 and all(got[corner + 2700 * y:][:3 * width] == row for y, row in rows):
            return corner // 3 % 900, corner // 2700
        return None

    def wait_for_picture(self, seed, width=640, height=400):
        deadline = time.monotonic() + TIMEOUT
        while not self.find_picture(seed, width, height):
            self.assertLess(time.monotonic(), deadline, 'the viewer shows something else')
            time.sleep(0.2)
        return self.find_picture(seed, width, height)

    def expect(self, *lines):
        got = [self.stage.desktop.wait_for(('key', 'button')) for _ in lines]
        self.assertEqual(got, list(lines))

    def test_picture_and_input(self):
        self.stage.do('show 640 400 11')
        self.wait_for_picture(11)
        self.stage.do('paint 0 0 640 400 12')
        left, top = self.wait_for_picture(12)
        self.xdotool('mousemove', str(left + 200), str(top + 100), 'click', '1')
        self.stage.desktop.wait_for('move 200 100')
        self.expect('button 0 1', 'button 0 0')
        self.xdotool('click', '4')
        self.expect('button 3 1', 'button 3 0')
        self.xdotool('search', '--onlyvisible', '--name', 'mullion', 'windowfocus', '--sync')
        self.xdotool('key', 'a')
        self.expect('key 30 1', 'key 30 0')
        self.xdotool('key', 'exclam')
        got = [self.stage.desktop.wait_for('key') for _ in range(4)]
        self.assertEqual(got[:2], ['key 42 1', 'key 2 1'])
        self.assertEqual(sorted(got[2:]), ['key 2 0', 'key 42 0'])
        self.xdotool('key', 'Return', 'Left')
        self.expect('key 28 1', 'key 28 0', 'key 203 1', 'key 203 0')

    def test_new_size(self):
        self.stage.do('show 640 400 13')
        self.wait_for_picture(13)
        self.stage.do('show 512 300 14')
        self.wait_for_picture(14, 512, 300)


class TestTigerVNCTight(TestTigerVNC):
    encoding = 'Tight'


if __name__ == '__main__':
    unittest.main(verbosity=2)
