#!/usr/bin/python3
"""mullion on a screen of its own: DRM, GLES2 and libinput, in a virtual machine that has them. What
mullion says that it shows is what the machine's screen shows."""
import pathlib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import paths, png, qmp

HERE = pathlib.Path(__file__).resolve().parent
PATIENCE = 420  # s; all is emulated
PATIENCE_INSIDE = 120  # s, for each step
SHARE = 0.01  # of the pixels may differ: the pointer


def wait_for(path, machine):
    end = time.monotonic() + PATIENCE
    while not path.exists() and machine.poll() is None and time.monotonic() < end:
        time.sleep(0.2)
    return path.exists()


def press(monitor, *keys):
    monitor.send_input(*(qmp.key(key, True) for key in keys))
    monitor.send_input(*(qmp.key(key, False) for key in reversed(keys)))


def compare_screen(monitor, folder):
    """The share of the machine's screen that isn't as in mullion's screenshot, when it has settled:
    the screenshot may come before the machine has shown its frame."""
    said = png.read(folder / 'screen.png')
    end = time.monotonic() + PATIENCE_INSIDE / 2
    share = 1.0
    while share > SHARE and time.monotonic() < end:
        monitor.command('screendump', filename=str(folder / 'dump.png'), format='png')
        share = png.difference(png.read(folder / 'dump.png'), said)
    return share


def main():
    with tempfile.TemporaryDirectory(prefix='gpu-') as name:
        folder = pathlib.Path(name)
        machine = subprocess.Popen(
            [HERE / 'run-in-machine', '--gpu', '--size', '800x600', '--timeout', str(PATIENCE),
             '--results', folder, '--qmp', folder / 'qmp', '--env', f'MULLION_BUILD={paths.BUILD}',
             '--env', f'MULLION_PATIENCE={PATIENCE_INSIDE}', '--', 'python3', HERE / 'inside_gpu.py'])
        try:
            share = 1.0
            if wait_for(folder / 'ready', machine):
                monitor = qmp.Qmp(folder / 'qmp')
                share = compare_screen(monitor, folder)
                print(f'{share:.4%} of the screen differ from the screenshot')
                press(monitor, 'meta_l', 'g')
            status = machine.wait()
        finally:
            machine.terminate()
            machine.wait()
        return status or (0 if share <= SHARE else 1)


if __name__ == '__main__':
    sys.exit(main())
