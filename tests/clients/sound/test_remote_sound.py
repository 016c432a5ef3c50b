"""`[remote NAME] protocol = sound`: mullion runs mullion-sound, tells of it, starts it again when it
was killed, and stops it; while it runs it is a node of PipeWire."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[2] / 'guests')]
from lib.mullion import Mullion, expect, run  # noqa: E402

PROGRAMS = ('pipewire', 'pw-cli')
PATIENCE = 30  # s
SOCKET = 'pipewire-0'
NODE = 'node.name = "mullion"'
CONFIGURATION = '''[remote loudspeaker]
protocol = sound
program = {}
pipewire = {}
'''


class Scene(Mullion):
    """A mullion with a PipeWire beside it, in which no other program is."""

    def __init__(self):
        super().__init__('-o', 'LEFT=320x200')
        folder = self.folder / 'config/mullion'
        folder.mkdir(parents=True)
        self.place = self.folder / 'sound'  # mullion's servers are another user's if it is root
        self.place.mkdir()
        program = shutil.copy(os.environ['MULLION_SOUND'], self.place)
        (folder / 'config.ini').write_text(CONFIGURATION.format(program, self.place / SOCKET))
        self.pipewire = None

    def __enter__(self):
        self.pipewire = subprocess.Popen(
            ['pipewire'], env={**self.environment, 'XDG_RUNTIME_DIR': str(self.place)},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.until(lambda: 'node.name' in self.nodes(), 'no PipeWire', PATIENCE)
        (self.place / SOCKET).chmod(0o666)
        return super().__enter__()

    def __exit__(self, *error):
        super().__exit__(*error)
        self.pipewire.terminate()
        self.pipewire.wait()

    def nodes(self):
        return subprocess.run(['pw-cli', '-r', str(self.place / SOCKET), 'ls', 'Node'],
                              capture_output=True, text=True, timeout=PATIENCE,
                              check=False).stdout

    def server(self):
        server, = json.loads(self.ctl('remote', 'list', '--json').stdout)
        return server

    def until_node(self, there):
        self.until(lambda: (NODE in self.nodes()) == there, f'a node is there: {not there}',
                   PATIENCE)


def test_mullion_runs_it():
    with Scene() as scene:
        scene.until_node(True)
        first = scene.server()
        expect([first[key] for key in ('name', 'protocol', 'state', 'restarts')] ==
               ['loudspeaker', 'sound', 'running', 0], first)
        line, = [line for line in scene.ctl('remote', 'list').stdout.splitlines()
                 if line.startswith('loudspeaker')]
        expect('sound' in line and 'running' in line, line)

        os.kill(first['pid'], signal.SIGKILL)
        scene.until(lambda: scene.server()['restarts'] == 1 and
                    scene.server()['state'] == 'running', 'it is not started again', PATIENCE)
        scene.until_node(True)
        expect(scene.server()['pid'] != first['pid'], 'it is the one that was killed')

        scene.ctl('remote', 'stop', 'loudspeaker')
        scene.until(lambda: scene.server()['state'] == 'stopped', 'it is not stopped', PATIENCE)
        scene.until_node(False)


if __name__ == '__main__':
    if not all(shutil.which(program) for program in PROGRAMS):
        print('no PipeWire here')
        sys.exit(77)
    run(test_mullion_runs_it)
