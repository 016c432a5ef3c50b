#!/usr/bin/python3
"""What test_gpu.py runs in the test machine: mullion on the machine's own screen, with GLES2 and
libinput. It tells the tester outside by a file when it waits for its keys."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import desktop.guests as guests
from lib.mullion import Mullion, expect, run

RESULTS = pathlib.Path('/run/results')
BACKGROUND = (0x1d, 0x23, 0x30)
STRIP = 40  # px from the top, which may show the frame
POINTER = 40  # px around the centre, where the pointer is drawn at the start


def worst(picture, rows):
    """The largest difference of a byte, but for the strip and the pointer."""
    x, y = picture.width // 2 - POINTER, picture.height // 2 - POINTER
    result = 0
    for number in range(STRIP, picture.height):
        row, wanted = picture.rows[number], rows[number]
        spans = [slice(None)]
        if y <= number < y + 2 * POINTER:
            spans = [slice(0, 3 * x), slice(3 * (x + 2 * POINTER), None)]
        for span in spans:
            result = max(result, max(abs(a - b) for a, b in zip(row[span], wanted[span])))
    return result


def blend(picture):
    ground = bytes(BACKGROUND) * picture.width
    return [[(a + b) / 2 for a, b in zip(row, ground)] for row in picture.rows]


def until_shown(mullion, size):
    """Waits until the output shows the guest as it is; returns the guest's picture."""
    def look():
        guest, whole = mullion.screenshot('--guest', 'one'), mullion.screenshot()
        same = (guest.width, guest.height) == (whole.width, whole.height) == size
        return guest if same and worst(whole, guest.rows) == 0 else None
    return mullion.until(look, 'an opaque guest is not shown as it is')


def test_drm_gles2_libinput():
    with Mullion('-b', 'drm', '-r', 'gles2', '-l', 'single') as mullion:
        outputs = mullion.list()['outputs']
        expect(len(outputs) == 1 and 'Virtual' in outputs[0]['name'], f'outputs: {outputs}')
        size = outputs[0]['width'], outputs[0]['height']
        for name in ('one', 'two'):
            mullion.ctl('start', mullion.write_guest(name, guests.synthetic(
                name, f'pattern=gradient,mode={size[0]}x{size[1]}')))
        mullion.ctl('focus', 'one')
        mullion.until(lambda: mullion.guest('one')['width'], 'the guest shows nothing')
        guest = until_shown(mullion, size)
        mullion.ctl('opacity', 'one', 0.5)
        half = mullion.screenshot('--output', outputs[0]['name'])
        off = worst(half, blend(guest))
        expect(off <= 1, f'the blend is off by {off}/255')
        half.save(RESULTS / 'screen.png')
        (RESULTS / 'ready').touch()
        mullion.until(lambda: all(view['visible'] for view in mullion.list()['views']),
                      'Super+G on the keyboard does not make a grid')


run(test_drm_gles2_libinput)
