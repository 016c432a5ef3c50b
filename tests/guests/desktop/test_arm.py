#!/usr/bin/python3
"""A guest of another architecture: the firmware of a 64-bit ARM machine comes to its shell, which
obeys what is typed through the seat (on a USB keyboard: there is no other)."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import desktop.guests as guests
from lib.mullion import Mullion, expect, run

FONT_HEIGHT = 19  # px of a line of EDK II's text


def inked_lines(picture):
    """The lines of text that aren't black."""
    return {y // FONT_HEIGHT for y, row in enumerate(picture.rows) if any(row)}


def cleared(mullion):
    """Asks for an empty screen, which the shell alone understands: then its prompt is all."""
    mullion.ctl('type', 'cls\n')
    mullion.still('--guest', 'arm')
    lines = inked_lines(mullion.screenshot('--guest', 'arm'))
    return lines and max(lines) < 4


def test_uefi_shell():
    with Mullion('-o', 'SCREEN=1000x700', '-l', 'single') as mullion:
        mullion.ctl('start', mullion.write_guest('arm', guests.ARM))
        mullion.until(lambda: mullion.guest('arm')['width'], 'the firmware shows nothing')
        # A greeting of several lines comes before the prompt.
        mullion.until(lambda: len(inked_lines(mullion.screenshot('--guest', 'arm'))) > 5,
                      'the firmware writes nothing')
        mullion.until(lambda: cleared(mullion), 'the shell does not obey')
        before = inked_lines(mullion.screenshot('--guest', 'arm'))
        mullion.ctl('type', 'echo one\necho two\n')
        mullion.until(lambda: len(inked_lines(mullion.screenshot('--guest', 'arm')) - before) >= 4,
                      'the shell does not answer')
        expect(mullion.guest('arm')['accel'] == 'tcg', 'an ARM machine with KVM?')


run(test_uefi_shell)
