#!/usr/bin/python3
"""A guest that listens to its monitor: it follows any size of its view, exactly, on every head,
and gets keys, clicks and the power button."""
import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import initramfs, paths, pattern, png
from lib.mullion import Mullion, expect, run

SIZES = [(640, 480), (801, 603), (1111, 777), (1230, 641), (333, 777)]  # px, of the view


def start(mullion, heads=1):
    """Starts the guest; returns what reads its serial port."""
    kernel = shutil.copy(initramfs.kernel(), mullion.folder / 'kernel')
    initrd = shutil.copy(initramfs.build('kms'), mullion.folder / 'initrd')
    serial = mullion.folder / 'serial'
    serial.touch()
    serial.chmod(0o666)  # QEMU may run as another user
    mullion.ctl('start', mullion.write_guest('kms', f'''[guest]
name = kms
[machine]
memory = 256
[boot]
kernel = {kernel}
initrd = {initrd}
append = console=ttyS0 quiet
[network]
mode = none
[display]
device = virtio-vga
heads = {heads}
[qemu]
extra = -serial file:{serial}
'''))
    return lambda: serial.read_text(errors='replace')


def content(mullion, name):
    return mullion.view(name)['content']


def shows_pattern(mullion, name, size, head=0, **drawn):
    """The guest's own picture is the pattern, pixel by pixel; the cursor's plane isn't in it."""
    picture = mullion.screenshot('--guest', name)
    return (picture.width, picture.height) == size and \
        png.difference(picture, pattern.picture(*size, head, **drawn)) == 0


def follows(mullion, serial, name, head):
    for width, height in SIZES:
        mullion.ctl('move', name, 10, 10, width, height)
        x, y, *size = content(mullion, name)
        size = tuple(size)
        mullion.until(lambda: shows_pattern(mullion, name, size, head),
                      f'{name} does not become {size}: {serial()[-300:]}', 60)
        shown = mullion.screenshot('--output', 'LEFT').crop(x, y, *size)
        expect(png.difference(shown, pattern.picture(*size, head)) == 0,
               f'{name} is not shown as it is at {size}')


def test_follows_its_view():
    with Mullion('-o', 'LEFT=1280x800', '-l', 'free') as mullion:
        serial = start(mullion)
        mullion.until(lambda: 'READY head 0' in serial(), 'the guest does not start')
        follows(mullion, serial, 'kms', 0)


def test_two_heads():
    with Mullion('-o', 'LEFT=1280x800', '-l', 'free') as mullion:
        serial = start(mullion, heads=2)
        mullion.until(lambda: 'READY head 0' in serial(), 'the first head does not start')
        mullion.until(lambda: 'READY head 1' in serial(), 'the second head does not start')
        mullion.ctl('focus', 'kms:1')
        follows(mullion, serial, 'kms:1', 1)
        mullion.ctl('focus', 'kms')
        follows(mullion, serial, 'kms', 0)


def test_input_and_power():
    with Mullion('-o', 'LEFT=1000x700', '-l', 'single') as mullion:
        serial = start(mullion)
        mullion.until(lambda: 'READY head 0' in serial(), 'the guest does not start')
        _, _, *size = content(mullion, 'kms')
        size = tuple(size)
        mullion.until(lambda: shows_pattern(mullion, 'kms', size), 'the guest does not follow', 60)
        mullion.ctl('key', 'a', 'F5', 'Right')  # evdev's 30, 63, 106
        mullion.until(lambda: 'KEY 106 0' in serial(), f'no keys come: {serial()[-300:]}', 60)
        mullion.until(lambda: shows_pattern(mullion, 'kms', size, white_keys=[30, 63, 106]),
                      'the keys are not seen', 60)
        mullion.ctl('click', '--guest', 'kms', 345, 234)
        mullion.until(lambda: 'BUTTON 272 0' in serial(), f'no click comes: {serial()[-300:]}', 60)
        press = [line.split() for line in serial().splitlines() if line.startswith('BUTTON 272 1')]
        place = int(press[0][3]), int(press[0][4])
        # A tablet's range is coarser than pixels.
        expect(abs(place[0] - 345) <= 1 and abs(place[1] - 234) <= 1, f'the click came at {place}')
        mullion.until(lambda: shows_pattern(mullion, 'kms', size, white_keys=[30, 63, 106],
                                            crosses=[place]), 'the click is not seen', 60)
        mullion.ctl('stop', 'kms')
        mullion.until_state('kms', 'off')
        expect('POWER' in serial(), 'the guest did not learn of the power button')


if not initramfs.is_available():
    print('no kernel for test machines here (scripts/setup --tests)')
    sys.exit(paths.EXIT_SKIP)
run(test_follows_its_view, test_two_heads, test_input_and_power)
