#!/usr/bin/python3
"""mullion on screens of its own: DRM, both renderers and libinput, in a virtual machine that has them.
The tests themselves run in the machine (inside_gpu.py); here are its person's hands and eyes."""
import json
import pathlib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import monitors, paths, png, qmp

HERE = pathlib.Path(__file__).resolve().parent
PATIENCE = 560  # s; all is emulated
PATIENCE_INSIDE = 120  # s, for each step


class Person:
    """Who sits before the machine. Each public method is what a test inside can ask for."""

    def __init__(self, folder):
        self.folder = folder
        self.qmp = qmp.Qmp(folder / 'qmp')
        self.monitors = monitors.Monitors(self.qmp)

    def press(self, *keys):
        self.qmp.send_input(*(qmp.key(key, True) for key in keys))
        self.qmp.send_input(*(qmp.key(key, False) for key in reversed(keys)))

    def plug(self, head, width, height):
        self.monitors.plug(head, width, height)

    def look(self, name):
        self.qmp.command('screendump', filename=str(self.folder / name), format='png')
        return png.read(self.folder / name)

    def settle(self, name, is_right):
        """The share of the first screen that isn't as in the picture, when that is right: the
        machine may show a frame later than mullion publishes it."""
        said = png.read(self.folder / name)
        end = time.monotonic() + PATIENCE_INSIDE / 2
        while True:
            share = png.difference(self.look('dump.png'), said)
            if is_right(share) or time.monotonic() > end:
                return share
            time.sleep(0.2)

    def compare(self, name):
        return self.settle(name, lambda share: share <= 0.01)

    def differs(self, name):
        return self.settle(name, lambda share: share > 0.1)


def serve(folder, machine):
    """Answers questions until the machine ends."""
    person, number = None, 1
    while machine.poll() is None:
        question = folder / f'ask-{number}'
        if not question.exists():
            time.sleep(0.1)
            continue
        person = person or Person(folder)
        what, *arguments = json.loads(question.read_text())
        answer = folder / 'answer'
        answer.write_text(json.dumps(getattr(person, what)(*arguments)))
        answer.rename(folder / f'answer-{number}')
        number += 1
    return machine.wait()


def main():
    with tempfile.TemporaryDirectory(prefix='gpu-') as name:
        folder = pathlib.Path(name)
        machine = subprocess.Popen(
            [HERE / 'run-in-machine', '--gpu', '--heads', '2', '--size', '640x480',
             '--timeout', str(PATIENCE), '--results', folder, '--qmp', folder / 'qmp',
             '--env', f'MULLION_BUILD={paths.BUILD}',
             '--env', f'MULLION_PATIENCE={PATIENCE_INSIDE}',
             '--', 'python3', HERE / 'inside_gpu.py', *sys.argv[1:]])
        try:
            return serve(folder, machine)
        finally:
            machine.terminate()
            machine.wait()


if __name__ == '__main__':
    sys.exit(main())
