#!/usr/bin/python3
"""Two outputs, three guests and a Wayland client; opacity; layouts."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import desktop.guests as guests
from lib.mullion import Mullion, expect, run

BACKGROUND = (0x1d, 0x23, 0x30)


def content(view):
    return view['content'] if isinstance(view['content'], list) else list(view['content'])


def near(one, two, tolerance):
    return all(abs(a - b) <= tolerance for a, b in zip(one, two))


def test_two_outputs_three_guests_and_foot():
    with Mullion('-o', 'LEFT=1280x800', '-o', 'RIGHT=1024x768') as mullion:
        for name, text in (('memtest', guests.MEMTEST), ('grub', guests.GRUB),
                           ('uefi', guests.UEFI)):
            mullion.ctl('start', mullion.write_guest(name, text))
        mullion.spawn('foot', '--override=colors.background=204080', '-e', 'sleep', '1000')
        window = mullion.until(
            lambda: [v for v in mullion.list()['views'] if v['app'] == 'foot'], 'no foot')[0]
        mullion.ctl('move', '--output', 'RIGHT', 'uefi')
        mullion.ctl('move', '--output', 'RIGHT', window['id'])
        for name in ('memtest', 'grub', 'uefi'):
            mullion.until(lambda: mullion.guest(name)['width'], f'{name} shows nothing')
        mullion.until(lambda: memtest_is_blue(mullion), 'memtest is not seen on LEFT')
        left, right = mullion.screenshot('--output', 'LEFT'), mullion.screenshot('--output', 'RIGHT')
        expect((left.width, left.height) == (1280, 800), 'LEFT has another size')
        expect((right.width, right.height) == (1024, 768), 'RIGHT has another size')
        for view in mullion.list()['views']:
            check_frame(view, left if view['output'] == 'LEFT' else right)
        x, y, width, height = content(mullion.view(window['id']))
        expect(near(right.pixel(x - 1280 + width // 2, y + height - 20), (0x20, 0x40, 0x80), 2),
               'foot is not seen')
        expect(left.pixel(2, 2) == BACKGROUND, 'the background has another colour')


def memtest_is_blue(mullion):
    x, y, width, height = content(mullion.view('memtest'))
    return near(mullion.screenshot('--output', 'LEFT').pixel(x + width // 2, y + height * 2 // 3),
                (0, 0, 170), 4)


def check_frame(view, picture):
    """All four edges have the label's colour, dimmed without the focus."""
    label = [int(view['label'][i:i + 2], 16) for i in (1, 3, 5)]
    if not view['focused']:
        label = [part * 5 // 10 + 0x1c for part in label]
    left = view['x'] - (0 if view['output'] == 'LEFT' else 1280)
    right, bottom = left + view['width'] - 1, view['y'] + view['height'] - 1
    for x, y in ((left, view['y'] + 50), (right, view['y'] + 50), (left + 50, bottom),
                 (right - 5, view['y'] + 2)):
        expect(near(picture.pixel(x, y), label, 1),
               f'{view["id"]}: {picture.pixel(x, y)} instead of {label} at {x},{y}')


def test_opacity():
    """Half of a picture over the background, within 1/255."""
    with Mullion('-o', 'LEFT=800x600', '-l', 'single') as mullion:
        path = mullion.write_guest('gradient', guests.synthetic(
            'gradient', 'pattern=gradient,mode=800x600'))
        mullion.ctl('start', path)
        mullion.until(lambda: mullion.guest('gradient')['width'], 'no picture')
        whole = mullion.screenshot('--output', 'LEFT')
        guest = mullion.screenshot('--guest', 'gradient')
        expect(whole.rows[10:] == guest.rows[10:], 'an opaque picture is not shown as it is')
        mullion.ctl('opacity', 'gradient', 0.5)
        half = mullion.screenshot('--output', 'LEFT')
        for y in range(10, 600, 7):
            for x in range(0, 800, 11):
                wanted = [(a + b) / 2 for a, b in zip(guest.pixel(x, y), BACKGROUND)]
                expect(near(half.pixel(x, y), wanted, 1),
                       f'{half.pixel(x, y)} instead of {wanted} at {x},{y}')


def test_layouts_and_focus():
    with Mullion('-o', 'LEFT=1000x700') as mullion:
        for i in range(4):
            mullion.ctl('start', mullion.write_guest(f's{i}', guests.synthetic(
                f's{i}', f'pattern=solid,color=0x{0x3f << (8 * (i % 3)):06x},mode=640x480')))
        for i in range(4):
            mullion.until(lambda: mullion.guest(f's{i}')['width'], f's{i} shows nothing')
        mullion.ctl('layout', 'single')
        mullion.ctl('focus', 's2')
        seen = [view['id'] for view in mullion.list()['views'] if view['visible']]
        expect(seen == ['s2'], f'{seen} are seen')
        mullion.ctl('key', 'super+Tab')
        mullion.until(lambda: mullion.view('s3')['focused'], 'super+Tab does nothing', 20)
        mullion.ctl('key', 'super+1')
        mullion.until(lambda: mullion.view('s0')['focused'], 'super+1 does nothing', 20)
        mullion.ctl('key', 'super+g')
        mullion.until(lambda: all(v['visible'] for v in mullion.list()['views']), 'no grid', 20)
        view = mullion.view('s3')
        mullion.ctl('click', '--output', 'LEFT', view['x'] + 60, view['y'] + 60)
        mullion.until(lambda: mullion.view('s3')['focused'], 'a click does not focus', 20)
        mullion.ctl('key', 'super+shift+e', check=False)
        expect(mullion.process.wait(20) == 0, 'leaving has another status')


run(test_two_outputs_three_guests_and_foot, test_opacity, test_layouts_and_focus)
