#!/usr/bin/python3
"""mullion on a screen of its own: DRM, GLES2 and libinput, in a virtual machine that has them. The
keyboard is pressed from outside; the pictures are compared inside (inside_gpu.py)."""
import pathlib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import paths, qmp

HERE = pathlib.Path(__file__).resolve().parent
PATIENCE = 420  # s; all is emulated
PATIENCE_INSIDE = 120  # s, for each step


def wait_for(path, machine):
    end = time.monotonic() + PATIENCE
    while not path.exists() and machine.poll() is None and time.monotonic() < end:
        time.sleep(0.2)
    return path.exists()


def press(monitor, *keys):
    monitor.send_input(*(qmp.key(key, True) for key in keys))
    monitor.send_input(*(qmp.key(key, False) for key in reversed(keys)))


def main():
    with tempfile.TemporaryDirectory(prefix='gpu-') as name:
        folder = pathlib.Path(name)
        machine = subprocess.Popen(
            [HERE / 'run-in-machine', '--gpu', '--size', '800x600', '--timeout', str(PATIENCE),
             '--results', folder, '--qmp', folder / 'qmp', '--env', f'MULLION_BUILD={paths.BUILD}',
             '--env', f'MULLION_PATIENCE={PATIENCE_INSIDE}', '--', 'python3', HERE / 'inside_gpu.py'])
        try:
            if wait_for(folder / 'ready', machine):
                monitor = qmp.Qmp(folder / 'qmp')
                press(monitor, 'meta_l', 'g')
            status = machine.wait()
        finally:
            machine.terminate()
            machine.wait()
        return status


if __name__ == '__main__':
    sys.exit(main())
