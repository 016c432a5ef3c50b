#!/usr/bin/python3
"""A guest that listens to its monitor: it follows any size of its view, exactly, on every head,
and gets keys, clicks, the wheel and the power button."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib.kms_guest import KmsGuest, skip_without_kernel
from lib.mullion import Mullion, expect, run

SIZES = [(640, 480), (641, 479), (1023, 767), (333, 777), (201, 203), (1601, 901), (1230, 641),
         (640, 480)]  # px, of the content
BTN_LEFT, BTN_RIGHT, BTN_MIDDLE = 272, 273, 274


def test_follows_its_view():
    with Mullion('-o', 'LEFT=1700x1000', '-l', 'free') as mullion:
        guest = KmsGuest(mullion)
        guest.follows()
        for size in SIZES:
            guest.resize(*size)
            guest.follows()
        # QEMU's monitors have at least 200 lines: a smaller view shows a multiple of its size.
        guest.resize(201, 103)
        guest.until_shows((402, 206))
        # Only the last size counts, and late answers to the others undo nothing.
        for size in ((801, 603), (500, 500), (777, 555), (1111, 601)):
            guest.resize(*size)
        guest.follows()
        expect(guest.place()[2:] == (1111, 601), 'the guest has resized its view')
        for layout in ('grid', 'single', 'free'):
            mullion.ctl('layout', layout)
            guest.follows()
        mullion.ctl('output', 'configure', 'LEFT', '--scale', 1.5)
        for layout in ('grid', 'single'):
            mullion.ctl('layout', layout)
            guest.follows(scale=1.5)
        for size in ((427, 320), (640, 481), (333, 505)):
            guest.resize(*size)
            guest.follows(scale=1.5)
        mullion.ctl('output', 'configure', 'LEFT', '--mode', '1357x911', '--scale', 1)
        mullion.ctl('layout', 'grid')
        guest.follows()


def test_two_heads():
    with Mullion('-o', 'LEFT=1400x900') as mullion:
        guest = KmsGuest(mullion, heads=2)
        for head in (0, 1):
            guest.follows(head)
        for head in (1, 0):
            mullion.ctl('focus', guest.view_name(head))
            for size in ((641, 479), (1023, 767), (333, 505)):
                guest.resize(*size, head=head)
                guest.follows(head)
        mullion.ctl('output', 'create', 'RIGHT', '801x601')
        mullion.ctl('move', '--output', 'RIGHT', 'kms:1')
        mullion.ctl('layout', 'single', '--output', 'RIGHT')
        mullion.until(lambda: mullion.view('kms:1')['content'][2] == 801, 'no single layout')
        guest.until_shows(mullion.view('kms:1')['content'][2:], 1)
        mullion.ctl('focus', 'kms:1')
        mullion.ctl('key', '--output', 'RIGHT', 'q')
        guest.wait_line('KEY 16 0')
        guest.white_keys.add(16)
        for head in (0, 1):
            guest.until_shows(mullion.view(guest.view_name(head))['content'][2:], head)


def click(guest, x, y, *target, button='left', code=BTN_LEFT, at=None):
    """It comes at exactly that pixel, or at `at`."""
    after = len(guest.lines())
    guest.mullion.ctl('click', *target, '--button', button, x, y)
    x, y = at or (x, y)
    guest.wait_line(f'BUTTON {code} 0', after=after)
    said = [line for line in guest.lines()[after:] if line.startswith('BUTTON')]
    expect(said == [f'BUTTON {code} {down} {x} {y}' for down in (1, 0)],
           f'a click at {x},{y} came as {said}')
    guest.crosses.append((x, y))


def click_around(guest):
    """Every corner, the edges' neighbours and some between; through the guest's published console
    and through the seat."""
    left, top, width, height = guest.place()
    for x, y in ((0, 0), (width - 1, 0), (0, height - 1), (width - 1, height - 1)):
        click(guest, x, y, '--guest', guest.name)
        click(guest, left + x, top + y, '--output', 'LEFT', at=(x, y))
    for x, y in ((1, 1), (345, 234), (width // 2, height // 2), (width - 2, height - 2)):
        click(guest, left + x, top + y, '--output', 'LEFT', at=(x, y))
    click(guest, left + 201, top + 102, '--output', 'LEFT', button='right', code=BTN_RIGHT,
          at=(201, 102))
    click(guest, 77, 310, '--guest', guest.name, button='middle', code=BTN_MIDDLE)
    guest.until_shows((width, height))


def type_around(guest):
    """Through the seat: each key presses and releases once, in order."""
    after = len(guest.lines())
    guest.mullion.ctl('key', 'a', 'F5', 'Right', 'shift+b', 'KP_5')
    guest.wait_line('KEY 76 0', after=after)
    keys = [line for line in guest.lines()[after:] if line.startswith('KEY')]
    expect([line for line in keys if line.startswith('KEY 42')] == ['KEY 42 1', 'KEY 42 0'],
           f'shift came as {keys}')
    guest.white_keys |= {30, 63, 106, 42, 48, 76}
    after = len(guest.lines())
    guest.mullion.ctl('type', 'xyz')
    guest.wait_line('KEY 44 0', after=after)
    expect([line for line in guest.lines()[after:] if line.startswith('KEY')] ==
           [f'KEY {code} {down}' for code in (45, 21, 44) for down in (1, 0)],
           f'text came as {guest.lines()[after:]}')
    guest.white_keys |= {45, 21, 44}
    guest.until_shows(guest.place()[2:])


def turned(guest, after):
    """Steps, upwards; the tablet may join several in one report."""
    return sum(int(line.split()[1]) for line in guest.lines()[after:] if line.startswith('WHEEL'))


def turn_wheel(guest):
    for direction, steps in (('down', -2), ('up', 3)):
        after = len(guest.lines())
        guest.mullion.ctl('scroll', '--output', 'LEFT', direction, abs(steps), 300, 200)
        guest.mullion.until(lambda: turned(guest, after) == steps, 'the wheel does not come')


def test_input():
    with Mullion('-o', 'LEFT=1001x703', '-l', 'single') as mullion:
        guest = KmsGuest(mullion)
        guest.follows()
        type_around(guest)
        turn_wheel(guest)
        click_around(guest)
        guest.resize(797, 599)
        guest.until_shows((797, 599))
        click_around(guest)
        guest.follows()


def test_power():
    with Mullion('-o', 'LEFT=1001x703') as mullion:
        guest = KmsGuest(mullion)
        guest.follows()
        pid = mullion.guest('kms')['pid']
        mullion.ctl('pause', 'kms')
        mullion.until_state('kms', 'paused')
        expect('paused' in mullion.view('kms')['title'], 'the title does not say it')
        mullion.ctl('resume', 'kms')
        mullion.until_state('kms', 'running')
        mullion.ctl('key', 'a')
        guest.wait_line('KEY 30 0')
        guest.white_keys.add(30)
        guest.follows()

        after = len(guest.lines())
        mullion.ctl('reset', 'kms')
        guest.wait_line('READY head 0', after=after)
        guest.wait_line('INPUT', 'Tablet', after=after)
        guest.white_keys.clear()
        guest.follows()
        expect(mullion.guest('kms')['pid'] == pid, 'a reset makes another process')

        after = len(guest.lines())
        mullion.ctl('stop', 'kms')
        mullion.until_state('kms', 'off')
        expect('POWER' in guest.lines()[after:], 'the guest did not learn of the power button')
        off = mullion.guest('kms')
        expect(off['pid'] == 0 and off['reason'], f'off, but {off}')
        expect('powered off' in off['reason'], f'the reason is {off["reason"]}')


skip_without_kernel()
run(test_follows_its_view, test_two_heads, test_input, test_power)
