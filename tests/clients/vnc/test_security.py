"""mullion-vnc's users and TLS: who gets in, what they see, and who doesn't."""
import hashlib
import os
import socket
import ssl
import stat
import time
import unittest
import warnings

from rfb import RAW, Client, Refused
from secure import SecureStage, context_for, hash_password
from test_abuse import children


class TestUsers(unittest.TestCase):
    def setUp(self):
        self.stage = SecureStage()
        self.addCleanup(self.stage.close)

    def check_shows(self, client, seed=1):
        client.set_encodings(RAW)
        client.update_until(lambda: client.shows(seed), incremental=False)

    def test_sees_and_types(self):
        for version, key in ((7, 'a'), (8, 's')):
            with self.stage.client('anna', version=version) as client:
                self.check_shows(client)
                self.assertEqual(client.name, 'mullion')
                client.key(ord(key), True)
                self.stage.desktop.wait_for(f'key {30 if key == "a" else 31} 1')

    def test_tls_versions(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = context_for(self.stage.certificate)
            context.minimum_version = context.maximum_version = version
            with self.stage.client(context=context) as client:
                self.check_shows(client)
        context = context_for(self.stage.certificate)
        context.set_ciphers('DEFAULT:@SECLEVEL=0')
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1_1
        with self.assertRaises(ssl.SSLError):
            self.stage.client(context=context)

    def test_the_picture_follows(self):
        with self.stage.client() as client:
            self.check_shows(client)
            for seed in range(2, 12):
                self.stage.do(f'paint 0 0 640 400 {seed}')
                client.update_until(lambda: client.shows(seed))

    def test_targets(self):
        for name, target, title in (
                ('anna', 'open desktop 3', 'mullion'), ('anna@desktop', 'open desktop 3', 'mullion'),
                ('anna@guest:alpha', 'open guest:alpha 3', 'alpha - mullion'),
                ('ben', 'open guest:alpha 1', 'alpha - mullion'),
                ('cleo@guest:alpha:0', 'open guest:alpha 3', 'alpha - mullion')):
            with self.stage.client(name) as client:
                self.assertEqual(client.name, title)
                self.assertEqual(self.stage.desktop.wait_for('open'), target)

    def test_targets_of_others(self):
        for name, reason in (
                ('ben@desktop', 'ben may not see desktop'), ('cleo', 'cleo may not see desktop'),
                ('anna@guest:beta', 'anna may not see guest:beta'),
                ('anna@guest:', 'expected desktop'), ('anna@guest:alpha:99', "a guest's head is"),
                ('anna@\x1b[2J', 'expected desktop'),
                ('cleo@guest:nobody', 'there is no guest:nobody')):
            with self.assertRaisesRegex(Refused, reason):
                self.stage.client(name)
        self.assertFalse([line for line in self.stage.desktop.said
                          if line.startswith('open') and 'nobody' not in line])

    def test_view_only(self):
        with self.stage.client('ben') as client:
            client.key(ord('a'), True)
            client.pointer(1, 1, 1)
            self.check_shows(client)
            self.assertFalse([line for line in self.stage.desktop.said if line[:3] in ('key', 'but')])

    def test_mullion_knows_who_it_is(self):
        with self.stage.client('anna@guest:alpha') as client:
            self.assertEqual(self.stage.desktop.wait_for('session').rstrip(),
                             'session  vnc anna 127.0.0.1 guest:alpha')
            self.check_shows(client)
            self.stage.do('kick')
            with self.assertRaises(ConnectionError):
                while True:
                    client.request()
                    client.read_update()
        with self.stage.client() as client:
            self.check_shows(client)

    def test_wrong_passwords(self):
        for i, (name, password) in enumerate((
                ('anna', 'no'), ('anna', ''), ('nobody', "anna's"), ('ann', "anna's"),
                ('ANNA', "anna's"), ('anna', "anna's "), ('anna\x1b]0;\r\n', "anna's"),
                ('x' * 255, 'y' * 255))):
            with self.assertRaisesRegex(Refused, 'wrong user name or password'):
                self.stage.client(name, password, source=f'127.0.1.{1 + i}')
        self.stage.server.wait_for_error(
            'mullion-vnc: error: client 127.0.1.7: wrong name or password for anna?]0;??')
        with self.stage.client() as client:
            self.check_shows(client)
        with self.assertRaises(Refused):
            self.stage.client('anna', version=7, password='no', source='127.0.1.9')

    def test_users_change_while_it_runs(self):
        with self.assertRaises(Refused):
            self.stage.client('dora', "dora's")
        with open(self.stage.users_file, 'a', encoding='ascii') as file:
            file.write(f'[dora]\npassword = {hash_password("dora" + chr(39) + "s")}\n')
        self.stage.client('dora', source='127.0.0.2').close()
        os.chmod(self.stage.users_file, 0o644)
        with self.assertRaises(Refused):
            self.stage.client('dora', source='127.0.0.3')
        self.stage.server.wait_for_error('mullion-vnc: error: nobody can log in: ')

    def test_nothing_but_vencrypt(self):
        for kind in (1, 2, 18, 16):
            with socket.create_connection(('127.0.0.1', self.stage.port), 30) as stream:
                stream.sendall(b'RFB 003.008\n' + bytes([kind]))
                self.assertEqual(self.read_all(stream), b'RFB 003.008\n\1\x13')
        with socket.create_connection(('127.0.0.1', self.stage.port), 30) as stream:
            stream.sendall(b'RFB 003.003\n')
            self.assertTrue(self.read_all(stream).startswith(b'RFB 003.008\n\0\0\0\0\0\0\0'))
        with self.assertRaises(AssertionError):
            Client(self.stage.port, 'x')

    @staticmethod
    def read_all(stream):
        data = b''
        try:
            while part := stream.recv(4096):
                data += part
        except ConnectionError:
            pass
        return data

    @staticmethod
    def threads(pid):
        """What the kernel says of each thread of a session."""
        for thread in os.listdir(f'/proc/{pid}/task'):
            with open(f'/proc/{pid}/task/{thread}/status', encoding='ascii') as file:
                yield dict(line.rstrip('\n').split(':\t', 1) for line in file if ':\t' in line)

    def test_sandbox_and_idleness(self):
        with self.stage.client() as client:
            self.check_shows(client)
            client.request()
            server = self.stage.server.process.pid
            session, = children(server)
            time.sleep(1)  # what the last update set off has settled
            before = [t['voluntary_ctxt_switches'] for t in self.threads(session)]
            self.assertGreater(len(before), 1)
            time.sleep(2)
            threads = list(self.threads(session))
            self.assertEqual([t['voluntary_ctxt_switches'] for t in threads], before)
            if 'SANITIZED' not in os.environ:
                self.assertEqual({(t['NoNewPrivs'], t['Seccomp']) for t in threads}, {('1', '2')})

    def test_certificate(self):
        status = os.stat(os.path.join(os.path.dirname(self.stage.certificate), 'key.pem'))
        self.assertEqual(stat.S_IMODE(status.st_mode), 0o600)
        with open(self.stage.certificate, encoding='ascii') as file:
            der = ssl.PEM_cert_to_DER_cert(file.read())
        digest = hashlib.sha256(der).hexdigest().upper()
        line = self.stage.server.wait_for_error('mullion-vnc: the SHA-256 fingerprint')
        self.assertEqual(line.split()[-1].replace(':', ''), digest)
        with self.stage.client() as client:
            names = [name for _, name in client.socket.getpeercert()['subjectAltName']]
        for name in ('localhost', '127.0.0.1', socket.gethostname()):
            self.assertIn(name, names)


if __name__ == '__main__':
    unittest.main(verbosity=2)
