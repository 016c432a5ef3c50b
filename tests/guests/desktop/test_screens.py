#!/usr/bin/python3
"""Each guest of the demo reaches its known screen, and reacts to keys and to the pointer."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import desktop.guests as guests
from lib.mullion import Mullion, expect, run


def until_seen(mullion, guest, name, *areas):
    """Waits for a known picture in one of these areas of the guest's own screen."""
    mullion.until(lambda: mullion.guest(guest)['consoles'], f'{guest} has no display')

    def seen():
        picture = mullion.screenshot('--guest', guest)
        return any(guests.looks_like(picture, name, area) for area in areas)
    return mullion.until(seen, f'{guest} does not show {name}')


def test_memtest():
    with Mullion('-o', 'SCREEN=800x600', '-l', 'single') as mullion:
        mullion.ctl('start', mullion.write_guest('memtest', guests.MEMTEST))
        until_seen(mullion, 'memtest', 'memtest-title', (80, 0, 200, 16))
        until_seen(mullion, 'memtest', 'memtest-keys', (0, 384, 500, 16))
        until_seen(mullion, 'memtest', 'memtest-testing', (528, 112, 128, 16))
        mullion.ctl('key', 'F1')
        until_seen(mullion, 'memtest', 'memtest-settings', (200, 60, 320, 140))
        mullion.ctl('key', 'F10')
        until_seen(mullion, 'memtest', 'memtest-title', (80, 0, 200, 16))


def test_grub():
    with Mullion('-o', 'SCREEN=800x600', '-l', 'single') as mullion:
        mullion.ctl('start', mullion.write_guest('grub', guests.GRUB))
        until_seen(mullion, 'grub', 'grub-menu', (50, 304, 570, 48))
        mullion.ctl('key', 'c')
        # One line lower in GRUB 2.12.
        until_seen(mullion, 'grub', 'grub-prompt', (0, 128, 45, 16), (0, 144, 45, 16))
        mullion.ctl('type', 'echo Hello, "World" 123\n')
        until_seen(mullion, 'grub', 'grub-echo', (0, 128, 270, 32), (0, 144, 270, 32))


def test_no_key_is_lost():
    """GRUB has no queue worth the name: 200 characters arrive because typing is paced."""
    text = ''.join(chr(ord('a') + i % 26) for i in range(195))
    with Mullion('-o', 'SCREEN=800x600', '-l', 'single') as mullion:
        mullion.ctl('start', mullion.write_guest('grub', guests.GRUB))
        until_seen(mullion, 'grub', 'grub-menu', (50, 304, 570, 48))
        mullion.ctl('key', 'c')
        until_seen(mullion, 'grub', 'grub-prompt', (0, 128, 45, 16), (0, 144, 45, 16))
        mullion.ctl('type', f'echo {text}')
        until_seen(mullion, 'grub', 'grub-long', (0, 160, 160, 16), (0, 176, 160, 16))


def test_uefi_shell():
    with Mullion('-o', 'SCREEN=1280x800', '-l', 'single') as mullion:
        mullion.ctl('start', mullion.write_guest('uefi', guests.UEFI))
        until_seen(mullion, 'uefi', 'uefi-prompt', (0, 95, 60, 19))
        mullion.ctl('type', 'echo mullion\n')
        until_seen(mullion, 'uefi', 'uefi-echo', (0, 95, 200, 38))


def test_installer():
    """A language is chosen with the pointer, and the next page appears."""
    version, text = guests.installer()
    with Mullion('-o', 'SCREEN=800x600', '-l', 'single') as mullion:
        mullion.ctl('start', mullion.write_guest('debian', text))
        until_seen(mullion, 'debian', f'installer-{version}-languages', (0, 80, 800, 460))
        mullion.still('--guest', 'debian', milliseconds=3000)  # it has come up wholly
        mullion.ctl('click', 60, 476)
        until_seen(mullion, 'debian', f'installer-{version}-chosen', (0, 350, 800, 190))
        chosen = mullion.screenshot('--guest', 'debian').pixel(700, 476)
        for key, row in (('Up', 453), ('Down', 476)):  # the languages beside, 23 px high
            mullion.ctl('key', key)
            mullion.until(
                lambda: mullion.screenshot('--guest', 'debian').pixel(700, row) == chosen,
                f'{key} does not move the choice')
        mullion.ctl('click', 738, 574)
        until_seen(mullion, 'debian', f'installer-{version}-next', (0, 80, 800, 60))


run(test_memtest, test_grub, test_no_key_is_lost, test_uefi_shell, test_installer)
