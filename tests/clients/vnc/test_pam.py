"""Users whose password PAM checks: mullion-vnc sees a folder of PAM services that the test made."""
import os
import subprocess
import unittest

from processes import Stage
from rfb import Refused
from secure import SecureStage

SERVICE = '''auth required pam_exec.so quiet expose_authtok {script}
account required pam_permit.so
'''
SCRIPT = '''#!/bin/sh
[ "$PAM_USER" = dora ] && [ "$PAM_SERVICE" = mullion ] && [ "$(tr -d '\\0')" = "dora's" ]
'''


class PamStage(SecureStage):
    def start_server(self, options):
        self.services = os.path.join(self.folder.name, 'pam.d')
        script = os.path.join(self.folder.name, 'check')
        os.makedirs(self.services, exist_ok=True)
        self.write(script, SCRIPT)
        os.chmod(script, 0o755)
        self.write(os.path.join(self.services, 'mullion'), SERVICE.format(script=script))
        super().start_server(options)
        with open(self.users_file, 'a', encoding='ascii') as file:
            file.write('[dora]\npassword = pam\n')


def apart():
    return ['unshare', '--mount'] + (['--map-root-user'] if os.geteuid() else [])


@unittest.skipUnless(os.path.isdir('/etc/pam.d') and subprocess.run(
    [*apart(), 'true'], stderr=subprocess.DEVNULL, check=False).returncode == 0,
    'needs mount namespaces')
class TestPam(unittest.TestCase):
    def test_dora(self):
        program = os.environ['MULLION_VNC']
        with Stage() as outer:
            wrapper = os.path.join(outer.folder.name, 'wrapper')
            SecureStage.write(wrapper, f'''#!/bin/sh
exec {" ".join(apart())} sh -c 'mount --bind "$0" /etc/pam.d && exec "$@"' \\
	"${{XDG_RUNTIME_DIR}}/pam.d" "{program}" "$@"
''')
            os.chmod(wrapper, 0o755)
            os.environ['MULLION_VNC'] = wrapper
            try:
                self.check()
            finally:
                os.environ['MULLION_VNC'] = program

    def check(self):
        with PamStage() as stage:
            stage.client('dora').close()
            stage.client('anna').close()
            for i, (name, password) in enumerate((('dora', 'no'), ('dora', ''), ('anna', "dora's"))):
                with self.assertRaisesRegex(Refused, 'wrong user name or password'):
                    stage.client(name, password, source=f'127.0.6.{1 + i}')
            stage.server.wait_for_error('mullion-vnc: user dora: PAM says no: ')


if __name__ == '__main__':
    unittest.main(verbosity=2)
