#!/usr/bin/python3
"""Displays that break the rules, each in its own way: mullion lives, and the others go on painting."""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import desktop.guests as guests
from lib import paths
from lib.mullion import Mullion, expect, run


def behaviours():
    source = (paths.TREE / 'tests/synthetic/bad_messages.c').read_text()
    names = re.findall(r'^\t\{"([a-z0-9-]+)", ', source, re.MULTILINE)
    expect(len(names) > 40, 'the list of behaviours is not found')
    return names


def good_content(mullion):
    """What the good guest's view shows on the output, composed by now."""
    x, y, width, height = mullion.view('good')['content']
    return mullion.screenshot('--output', 'LEFT').crop(x, y, width, height).rows


def paints(mullion):
    before = good_content(mullion)
    mullion.until(lambda: good_content(mullion) != before, 'the good guest is not painted', 60)


def resident(mullion):
    status = pathlib.Path(f'/proc/{mullion.process.pid}/status').read_text()
    return int(re.search(r'VmRSS:\s+(\d+)', status)[1]) // 1024  # MiB


def test_each_behaviour():
    with Mullion('-o', 'LEFT=640x400') as mullion:
        mullion.ctl('start', mullion.write_guest('good', guests.synthetic(
            'good', 'pattern=counter,fps=20,mode=320x200', '#3a9a3a')))
        mullion.until(lambda: mullion.guest('good')['width'], 'no picture')
        paints(mullion)
        first = resident(mullion)
        for name in behaviours():
            mullion.ctl('start', mullion.write_guest('bad', guests.synthetic(
                'bad', f'bad={name}', '#cc2b2b')))
            paints(mullion)
            expect(mullion.running(), f'mullion died of {name}')
            mullion.ctl('stop', '--force', 'bad')
            mullion.until_state('bad', 'off')
            mullion.ctl('remove', 'bad')
            expect(mullion.running(), f'mullion died after {name}')
        grown = resident(mullion) - first
        expect(grown < 300, f'mullion has grown by {grown} MiB')


def test_all_at_once():
    with Mullion('-o', 'LEFT=1280x800') as mullion:
        mullion.ctl('start', mullion.write_guest('good', guests.synthetic(
            'good', 'pattern=counter,fps=20,mode=320x200', '#3a9a3a')))
        mullion.until(lambda: mullion.guest('good')['width'], 'no picture')
        for name in ('shrink', 'flood', 'modes', 'flood-cursor', 'garbage', 'no-auth'):
            mullion.ctl('start', mullion.write_guest(name, guests.synthetic(
                name, f'bad={name}', '#cc2b2b')))
        for _ in range(3):
            paints(mullion)
        expect(mullion.running(), 'mullion died')


def shows(mullion, color):
    """Whether there is a window whose corner has this colour."""
    for view in mullion.list()['views']:
        if view['kind'] == 'window':
            x, y, _, _ = view['content']
            return mullion.screenshot('--output', 'LEFT').pixel(x + 5, y + 5) == color
    return False


def tell(client, *commands):
    client.stdin.write(''.join(f'{command}\n' for command in commands).encode())
    client.stdin.flush()


def test_memory_of_both_kinds_vanishes():
    """A guest's file and a Wayland client's, again and again: each has its own SIGBUS handler."""
    with Mullion('-o', 'LEFT=1280x800') as mullion:
        mullion.ctl('start', mullion.write_guest('good', guests.synthetic(
            'good', 'pattern=counter,fps=20,mode=320x200', '#3a9a3a')))
        mullion.until(lambda: mullion.guest('good')['width'], 'no picture')
        for _ in range(3):
            mullion.ctl('start', mullion.write_guest('bad', guests.synthetic(
                'bad', 'bad=shrink', '#cc2b2b')))
            client = mullion.spawn(paths.BUILD / 'tests/clients/wayland/wayland-client')
            tell(client, 'toplevel a 0x0 ff802020 a')
            mullion.until(lambda: shows(mullion, (0x80, 0x20, 0x20)), 'no window')
            tell(client, 'shrink a', 'sync 1')
            mullion.until(
                lambda: not shows(mullion, (0x80, 0x20, 0x20)), 'the memory is not gone')
            paints(mullion)
            client.communicate()
            mullion.ctl('stop', '--force', 'bad')
            mullion.until_state('bad', 'off')
            mullion.ctl('remove', 'bad')
        expect(mullion.running(), 'mullion died')


run(test_each_behaviour, test_all_at_once, test_memory_of_both_kinds_vanishes)
