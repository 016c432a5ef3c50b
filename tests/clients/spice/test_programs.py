"""mullion-spice with remote-viewer and spicy, before a fake desktop."""
import os
import unittest

import screen
from stage import Stage, painted


@unittest.skipIf(screen.MISSING, f'needs {screen.MISSING}')
class TestPrograms(unittest.TestCase):
    def setUp(self):
        self.stage = Stage('--resize', listen=('--listen', '127.0.0.1:0',
                                               '--tls-listen', '127.0.0.1:0'))
        self.addCleanup(self.stage.close)
        self.desktop = self.stage.desktop
        folder = os.path.join(self.stage.folder.name, 'x')
        os.mkdir(folder, 0o700)
        self.screen = screen.Screen(folder, os.path.join(folder, 'log'))
        self.addCleanup(self.screen.close)

    def expect(self, *lines):
        got = [self.desktop.wait_for(('key', 'button')) for _ in lines]
        self.assertEqual(got, list(lines))

    def check_input(self, left, top):
        self.screen.xdotool('mousemove', left + 200, top + 100, 'click', 1)
        self.desktop.wait_for('move 200 100')
        self.expect('button 0 1', 'button 0 0')
        self.screen.xdotool('click', 3, 'click', 4, 'click', 5)
        self.expect('button 2 1', 'button 2 0', 'button 3 1', 'button 3 0', 'button 4 1',
                    'button 4 0')
        self.screen.xdotool('key', 'a')
        self.expect('key 30 1', 'key 30 0')
        self.screen.xdotool('key', 'Return', 'Left')
        self.expect('key 28 1', 'key 28 0', 'key 203 1', 'key 203 0')

    def test_remote_viewer(self):
        with open(os.path.join(self.stage.folder.name, 'mullion/tls/cert.pem'),
                  encoding='ascii') as file:
            certificate = file.read()
        self.stage.do('show 640 400 11')
        self.screen.view(tls_port=self.stage.addresses[1], password=self.stage.password,
                         ca=certificate)
        self.screen.wait_for(640, 400, painted(640, 400, 11))
        self.stage.do('paint 0 0 640 400 12')
        self.check_input(*self.screen.wait_for(640, 400, painted(640, 400, 12)))
        self.desktop.drain()
        window = self.screen.xdotool('search', '--onlyvisible', '--name', 'mullion').split()[0]
        self.screen.xdotool('windowsize', window, 820, 640)
        self.desktop.wait_for('size ')
        self.stage.do('show 512 300 13')
        self.screen.wait_for(512, 300, painted(512, 300, 13))

    def test_spicy(self):
        self.screen.start(['spicy', '-h', '127.0.0.1', '-p', str(self.stage.addresses[0]),
                           '-w', self.stage.password])
        self.check_input(*self.screen.wait_for(640, 400, painted(640, 400, 1)))


if __name__ == '__main__':
    unittest.main(verbosity=2)
