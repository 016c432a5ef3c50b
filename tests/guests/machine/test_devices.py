#!/usr/bin/python3
"""Settings of mice and touchpads, in a virtual machine in which such devices can be made."""
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import paths

HERE = pathlib.Path(__file__).resolve().parent
PATIENCE = 300  # s; all is emulated

sys.exit(subprocess.run(
    [HERE / 'run-in-machine', '--gpu', '--size', '640x480', '--timeout', str(PATIENCE),
     '--env', f'MULLION_BUILD={paths.BUILD}', '--env', 'MULLION_PATIENCE=120', '--',
     'python3', HERE / 'inside_devices.py'], check=False).returncode)
