"""Where mullion-vnc listens, and with which certificates."""
import os
import socket
import stat
import subprocess
import unittest

from processes import TIMEOUT, Process, Stage
from rfb import RAW, Client, Refused
from secure import SecureClient, SecureStage

OUTSIDE = '0.0.0.0:0'


class UnixClient(Client):
    def _connect(self, path):
        stream = socket.socket(socket.AF_UNIX)
        stream.settimeout(TIMEOUT)
        stream.connect(path)
        return stream

    def __init__(self, path, password):
        self.socket = self._connect(path)
        self._shake_hands(password, 8)
        self.screens, self.updates = None, 0


def run(*options, folder=None):
    """Of options that don't let it start: the status and what it says."""
    env = {**os.environ, **({'XDG_RUNTIME_DIR': folder, 'XDG_CONFIG_HOME': folder} if folder else {})}
    done = subprocess.run([os.environ['MULLION_VNC'], *options], env=env, timeout=TIMEOUT,
                          stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, check=False)
    return done.returncode, done.stderr


class TestDoors(unittest.TestCase):
    def test_unix_socket(self):
        with Stage() as outer:
            path = os.path.join(outer.folder.name, 'vnc.sock')
            with Stage(['--listen', f'unix:{path}']) as stage:
                stage.server.wait_for(f'mullion-vnc: listening on unix:{path}')
                self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
                with UnixClient(path, stage.password) as client:
                    client.set_encodings(RAW)
                    client.update_until(lambda: client.shows(1), incremental=False)
                stage.desktop.wait_for('session  vnc  unix desktop')
                stage.server.wait_for_error('mullion-vnc: client unix: the session ends')
                with self.assertRaises(Refused):
                    UnixClient(path, 'no')
                stage.server.process.kill()
                stage.server.process.wait()
                self.assertTrue(os.path.exists(path))
                stage.server.stop()
                stage.start_server(['--listen', f'unix:{path}'])
                UnixClient(path, stage.password).close()
            self.assertFalse(os.path.exists(path))

    def test_addresses(self):
        with Stage(['--listen', '127.0.0.1:0', '--listen', '127.0.0.2:0']) as stage:
            for address in ('127.0.0.1', '127.0.0.2'):
                line = stage.server.wait_for(f'mullion-vnc: listening on {address}:')
                with socket.create_connection((address, int(line.rsplit(':', 1)[1])), TIMEOUT) as it:
                    self.assertEqual(it.recv(12), b'RFB 003.008\n')

    def test_the_first_free_port(self):
        address = f'127.8.{os.getpid() >> 8 & 255}.{os.getpid() & 255}'  # no other test's
        with Stage(['--listen', address]) as one, Stage(['--listen', address]) as two:
            ports = [int(stage.server.wait_for(f'mullion-vnc: listening on {address}:')
                         .rsplit(':', 1)[1]) for stage in (one, two)]
        self.assertLess(ports[0], ports[1])
        self.assertTrue(all(5900 <= port <= 5999 for port in ports), ports)

    @unittest.skipUnless(os.path.exists('/proc/net/if_inet6'), 'needs IPv6')
    def test_version_6(self):
        with Stage(['--listen', '[::1]:0']) as stage:
            line = stage.server.wait_for('mullion-vnc: listening on [::1]:')
            with socket.create_connection(('::1', int(line.rsplit(':', 1)[1])), TIMEOUT) as stream:
                self.assertEqual(stream.recv(12), b'RFB 003.008\n')

    def test_wrong_options(self):
        for options, words in (
                (['--listen', 'example'], 'expected ADDRESS:PORT'),
                (['--listen', '127.0.0.1:65536'], 'a port is'), (['--listen', '127.0.0.1:'], 'a port'),
                (['--listen', 'unix:relative'], 'is absolute'), (['--listen', '[::1'], 'expected'),
                (['--listen', 'unix:/' + 'x' * 107], 'is absolute'), (['--port', '-1'], 'a port is'),
                (['--listen', '127.0.0.1:0'] * 17, 'too many'), (['--users=maybe'], 'yes or no'),
                (['--target', 'screen'], 'expected desktop'), (['-g', 'a', '-o', 'b'], 'a second'),
                (['--guest', 'a:16'], '0 to 15'), (['--users', '--no-password'], 'beside it'),
                (['--tls-cert', '/x'], 'both of them'), (['--view-only=2'], 'yes or no'),
                (['--password-file', '/x', '--no-password'], 'only one')):
            status, said = run(*options)
            self.assertEqual((status, words in said), (2, True), (options, said))

    def test_outside_only_with_users(self):
        with Stage() as stage:
            for options in (['--no-password'], ['--password-file', '/dev/null']):
                status, said = run('--listen', OUTSIDE, *options, folder=stage.folder.name)
                self.assertEqual((status, 'over TLS' in said), (2, True), said)
        with SecureStage(['--listen', OUTSIDE]) as stage:
            stage.server.wait_for('mullion-vnc: listening on 0.0.0.0:')
            with stage.client() as client:
                self.assertEqual(client.width, 640)
            with self.assertRaises(AssertionError):
                Client(stage.port, 'password')

    def test_sockets_of_systemd(self):
        with Stage() as stage, socket.create_server(('127.0.0.1', 0)) as door:
            script = 'exec 3<&"$1"; shift; LISTEN_FDS=1 LISTEN_FDNAMES=vnc LISTEN_PID=$$ exec "$@"'
            server = subprocess.Popen(
                ['bash', '-c', script, 'bash', str(door.fileno()), os.environ['MULLION_VNC'],
                 '--no-password'], pass_fds=[door.fileno()], env={**os.environ, **stage.env},
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            try:
                port = door.getsockname()[1]
                self.assertEqual(server.stdout.readline(),
                                 f'mullion-vnc: listening on 127.0.0.1:{port}\n')
                Client(port, None).close()
            finally:
                server.terminate()
                self.assertEqual(server.wait(timeout=TIMEOUT), 0)
                self.assertEqual(server.stdout.read(), '')
                server.stdout.close()


class TestCertificates(unittest.TestCase):
    def make(self, stage, *options):
        """A certificate authority's and one that it signed, by openssl."""
        path = {name: os.path.join(stage.folder.name, name)
                for name in ('ca.pem', 'ca-key.pem', 'cert.pem', 'key.pem', 'csr.pem', 'san')}

        def openssl(*args):
            subprocess.run(['openssl', *args], check=True, timeout=TIMEOUT,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        stage.write(path['san'], 'subjectAltName=DNS:localhost\nsubjectKeyIdentifier=hash\n'
                    'authorityKeyIdentifier=keyid\n')
        openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
                '-subj', '/CN=authority', '-addext', 'keyUsage=critical,keyCertSign',
                '-days', '2', '-keyout', path['ca-key.pem'], '-out',
                path['ca.pem'])
        openssl('req', '-newkey', *options, '-nodes', '-subj', '/CN=localhost', '-keyout',
                path['key.pem'], '-out', path['csr.pem'])
        openssl('x509', '-req', '-in', path['csr.pem'], '-CA', path['ca.pem'], '-CAkey',
                path['ca-key.pem'], '-CAcreateserial', '-days', '2', '-extfile', path['san'],
                '-out', path['cert.pem'])
        os.chmod(path['key.pem'], 0o600)
        return path

    def test_own_ones(self):
        for options in (['rsa:2048'], ['rsa:4096'], ['ec', '-pkeyopt', 'ec_paramgen_curve:P-384']):
            with SecureStage() as outer:
                path = self.make(outer, *options)
                own = ['--users', '--tls-cert', path['cert.pem'], '--tls-key', path['key.pem']]
                with SecureStage(own) as stage:
                    SecureClient(stage.port, 'anna', "anna's", path['ca.pem']).close()
                    with self.assertRaises(OSError):
                        SecureClient(stage.port, 'anna', "anna's", outer.certificate)

    def test_wrong_ones(self):
        with SecureStage() as stage:
            path = self.make(stage, 'rsa:2048')
            key = os.path.join(os.path.dirname(stage.certificate), 'key.pem')
            for certificate, key, words in (
                    (path['cert.pem'], key, 'another certificate'),
                    (path['key.pem'], path['key.pem'], "can't use"),
                    (path['cert.pem'], path['cert.pem'], 'others may read'),
                    (path['cert.pem'], '/nowhere', 'No such file'), ('/dev/null', key, 'a file')):
                status, said = run('--port', '0', '--users', '--tls-cert', certificate, '--tls-key',
                                   key, folder=stage.folder.name)
                self.assertEqual((status, words in said), (1, True), said)
            os.chmod(path['key.pem'], 0o644)
            status, said = run('--port', '0', '--users', '--tls-cert', path['cert.pem'],
                               '--tls-key', path['key.pem'], folder=stage.folder.name)
            self.assertEqual((status, 'others may read' in said), (1, True), said)

    def test_it_stays(self):
        with SecureStage() as stage:
            with open(stage.certificate, encoding='ascii') as file:
                first = file.read()
            stage.server.stop()
            stage.start_server(['--users'])
            with open(stage.certificate, encoding='ascii') as file:
                self.assertEqual(file.read(), first)


class TestX509Vnc(unittest.TestCase):
    def test_password_alone(self):
        with SecureStage(['--users', '--x509-vnc', '--target', 'guest:alpha']) as stage:
            with SecureClient(stage.port, None, 'cleovnc', stage.certificate) as client:
                self.assertEqual(client.width, 640)
            stage.desktop.wait_for('session  vnc cleo 127.0.0.1 guest:alpha')
            with self.assertRaisesRegex(Refused, 'wrong password'):
                SecureClient(stage.port, None, 'other', stage.certificate, source='127.0.0.2')
            stage.client('anna').close()
            with self.assertRaisesRegex(Refused, 'this server shows guest:alpha only'):
                stage.client('anna@desktop')

    def test_not_unless_asked_for(self):
        with SecureStage() as stage, self.assertRaises((ConnectionError, AssertionError)):
            SecureClient(stage.port, None, 'cleovnc', stage.certificate)


if __name__ == '__main__':
    unittest.main(verbosity=2)
