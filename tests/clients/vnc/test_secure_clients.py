"""mullion-vnc's TLS with other people's clients, which check its certificate: TigerVNC's viewer,
gtk-vnc's gvnccapture, and libvncclient."""
import os
import pty
import pwd
import select
import shutil
import subprocess
import termios
import time
import unittest

import test_clients
from processes import TIMEOUT, Process
from rfb import pattern
from secure import SecureStage


def make_other_certificate(stage):
    """Somebody else's."""
    with SecureStage() as other:
        path = os.path.join(stage.folder.name, 'other.pem')
        shutil.copy(other.certificate, path)
        return path


class TestLibvncclient(unittest.TestCase):
    wait_for_pixel = test_clients.TestLibvncclient.wait_for_pixel
    check_picture = test_clients.TestLibvncclient.check_picture

    def setUp(self):
        self.stage = SecureStage()
        self.addCleanup(self.stage.close)

    def probe(self, password="anna's", certificate=None, user='anna'):
        probe = Process([os.environ['VNC_PROBE'], str(self.stage.port), password, 'tight zrle raw',
                         user, certificate or self.stage.certificate])
        self.addCleanup(probe.stop)
        return probe

    def test_picture_and_input(self):
        self.stage.do('show 333 200 1')
        probe = self.probe()
        probe.wait_for('connected 333 200')
        self.wait_for_pixel(probe, 332, 199, 1)
        self.stage.do('paint 10 20 200 100 2')
        self.wait_for_pixel(probe, 209, 119, 2)
        self.stage.do('show 257 111 3')
        probe.wait_for('size 257 111')
        self.wait_for_pixel(probe, 256, 110, 3)
        self.check_picture(self.stage, probe, 257, 111, 3)
        probe.send('key 65293 1')
        self.assertEqual(self.stage.desktop.wait_for('key'), 'key 28 1')

    def test_refusals(self):
        self.probe(password='no').wait_for('refused')
        self.probe(user='anna@guest:beta').wait_for('refused')

    def test_another_certificate(self):
        self.probe(certificate=make_other_certificate(self.stage)).wait_for('refused')
        self.assertFalse([line for line in self.stage.server.complaints if 'admitted' in line])


@unittest.skipUnless(shutil.which('gvnccapture') and shutil.which('import'),
                     'needs gvnccapture and ImageMagick')
class TestGtkVnc(unittest.TestCase):
    """gtk-vnc looks for the certificate in the user's home folder, wherever HOME points: the test
    puts one in its place, for that process alone."""

    def setUp(self):
        self.stage = SecureStage()
        self.addCleanup(self.stage.close)
        self.home = os.path.join(self.stage.folder.name, 'home')
        os.makedirs(os.path.join(self.home, '.pki', 'CA'))
        self.apart = ['unshare', '--mount'] + (['--map-root-user'] if os.geteuid() else [])
        if subprocess.run([*self.apart, 'true'], stderr=subprocess.DEVNULL, check=False).returncode:
            self.skipTest('no mount namespaces here')

    def capture(self, certificate):
        shutil.copy(certificate, os.path.join(self.home, '.pki', 'CA', 'cacert.pem'))
        self.picture = os.path.join(self.stage.folder.name, 'picture.png')
        script = 'mount --bind "$1" "$2" && exec gvnccapture "$3" "$4"'
        pid, terminal = pty.fork()
        if pid == 0:
            os.execvp('unshare', [*self.apart, 'sh', '-c', script, 'sh', self.home,
                                  pwd.getpwuid(0).pw_dir, f'127.0.0.1:{self.stage.port - 5900}',
                                  self.picture])
        said, answers = b'', {b'Username:': b'anna\n', b'Password:': b"anna's\n"}
        while select.select([terminal], [], [], TIMEOUT)[0]:
            try:
                said += os.read(terminal, 4096)
            except OSError:
                break
            for question in [question for question in answers if question in said]:
                if question == b'Password:':
                    self.wait_for_no_echo(terminal)  # what was typed before is discarded
                os.write(terminal, answers.pop(question))
        os.close(terminal)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), said

    @staticmethod
    def wait_for_no_echo(terminal):
        deadline = time.monotonic() + TIMEOUT
        while termios.tcgetattr(terminal)[3] & termios.ECHO:
            assert time.monotonic() < deadline, 'it does not hide the password'
            time.sleep(0.01)

    def test_picture(self):
        self.stage.do('show 320 200 5')
        status, said = self.capture(self.stage.certificate)
        self.assertEqual(status, 0, said)
        got = subprocess.run(['convert', self.picture, '-depth', '8', 'rgb:-'], check=True,
                             timeout=TIMEOUT, stdout=subprocess.PIPE).stdout
        self.assertEqual(got, b''.join(bytes(pattern(x, y, 5)) for y in range(200)
                                       for x in range(320)))

    def test_another_certificate(self):
        status, said = self.capture(make_other_certificate(self.stage))
        self.assertNotEqual(status, 0, said)
        self.assertFalse(os.path.exists(self.picture))


class TestTigerVNC(test_clients.TestTigerVNC):
    make_stage = SecureStage

    def viewer_options(self):
        self.env.update(VNC_USERNAME='anna', VNC_PASSWORD="anna's")
        return ['-SecurityTypes=X509Plain', f'-X509CA={self.stage.certificate}']


if __name__ == '__main__':
    unittest.main(verbosity=2)
