#!/usr/bin/python3
"""What test_gpu.py runs in the test machine: mullion on the machine's own screens, with DRM, libinput
and both renderers. What a person would do, and see there, is asked of the tester outside."""
import json
import os
import pathlib
import re
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import desktop.guests as guests
from lib import paths
from lib.mullion import PATIENCE, Mullion, expect, run

RESULTS = pathlib.Path('/run/results')
BACKGROUND = (0x1d, 0x23, 0x30)
STRIP = 40  # px from the top, which may show the frame
# Those that no GPU is needed for to refuse, and why.
BAD_DMABUFS = {'dmabuf-side': 'size', 'dmabuf-height': 'too short',
               'dmabuf-implicit-height': 'too short', 'dmabuf-stride': 'stride',
               'dmabuf-stride-small': 'stride', 'dmabuf-stride-large': 'too short'}


def ask(what, *arguments):
    """Lets the tester do something; returns what came of it."""
    ask.count += 1
    answer = RESULTS / f'answer-{ask.count}'
    part = RESULTS / 'question'
    part.write_text(json.dumps([what, *arguments]))
    part.rename(RESULTS / f'ask-{ask.count}')
    end = time.monotonic() + PATIENCE
    while not answer.exists():
        expect(time.monotonic() < end, f'the tester does not answer: {what}')
        time.sleep(0.1)
    return json.loads(answer.read_text())


ask.count = 0


def expect_on_screen(mullion, pointer):
    """The machine's first screen shows what mullion publishes; a pointer that mullion has to paint
    is on the screen only."""
    said = RESULTS / 'screen.png'
    mullion.screenshot('--output', 'Virtual-1').save(said)
    share = ask('compare', said.name)
    expect(share <= 0.01, f'{share:.2%} of the screen differ from the screenshot')
    expect((share > 0) == pointer, f'{share:.2%} of the screen differ, with a pointer: {pointer}')


def worst(picture, rows):
    """The largest difference of a byte, but for the strip."""
    pairs = zip(picture.rows[STRIP:], rows[STRIP:])
    return max((max(abs(a - b) for a, b in zip(row, wanted))
                for row, wanted in pairs if row != wanted), default=0)


def blend(picture):
    ground = bytes(BACKGROUND) * picture.width
    return [[(a + b) / 2 for a, b in zip(row, ground)] for row in picture.rows]


def start(mullion, name, options, wait=True):
    mullion.ctl('start', mullion.write_guest(name, guests.synthetic(name, options)))
    mullion.ctl('focus', name)
    if wait:
        mullion.until(lambda: mullion.guest(name)['width'], f'{name} shows nothing')


def until_shown(mullion, name):
    """Waits until the output shows the guest as it is; returns the guest's picture."""
    def look():
        guest, whole = mullion.screenshot('--guest', name), mullion.screenshot('--output', 'Virtual-1')
        same = (guest.width, guest.height) == (whole.width, whole.height)
        return guest if same and worst(whole, guest.rows) == 0 else None
    return mullion.until(look, f'{name} is not shown as it is')


def size_of(mullion, name='Virtual-1'):
    for output in mullion.list()['outputs']:
        if output['name'] == name and output['enabled']:
            return output['width'], output['height']
    return None


def check_opacity(mullion, guest):
    mullion.ctl('opacity', 'one', 0.5)
    half = mullion.screenshot('--output', 'Virtual-1')
    off = worst(half, blend(guest))
    expect(off <= 1, f'the blend is off by {off}/255')
    expect_on_screen(mullion, pointer=True)
    mullion.ctl('opacity', 'one', 1)


def give_to_guests(driver):
    """Guests, which are another user's, can open the cards of this driver only."""
    cards = list(pathlib.Path('/sys/class/drm').glob('card?'))
    for card in cards:
        os.chmod(f'/dev/dri/{card.name}', 0o666 if driver in str(card.resolve()) else 0o600)
    expect(any(driver in str(card.resolve()) for card in cards), f'there is no {driver}')


def counted(picture):
    """Whether the number of PATTERN_COUNTER is odd, as its last square says."""
    return picture.pixel(15 * 16 + 8, 8) == (255, 255, 255)


def until_drawn(mullion, driver, is_right, text):
    """The guest hangs up when a picture takes longer than 1 s, as it may here: then it starts anew."""
    def look():
        path = mullion.guest(driver)['path']
        if path == 'none':
            mullion.ctl('stop', '--force', driver)
            mullion.until_state(driver, 'off')
            mullion.ctl('start', driver)
            mullion.until(lambda: mullion.guest(driver)['width'], f'{driver} shows nothing')
        return path == 'dmabuf' and is_right(mullion.screenshot('--output', 'Virtual-1'))
    mullion.until(look, text)


def check_dmabuf(mullion, driver, gradient):
    give_to_guests(driver)
    start(mullion, driver,
          f'pattern=counter,fps=2,mode={gradient.width}x{gradient.height},path=dmabuf')
    until_drawn(mullion, driver, lambda picture: worst(picture, gradient.rows) == 0,
                f"{driver}'s buffer is not shown as it is")
    for odd in (True, False):
        until_drawn(mullion, driver, lambda picture: counted(picture) is odd,
                    f"updates of {driver}'s buffer are not shown")
    mullion.ctl('stop', '--force', driver)


def check_bad_dmabufs(mullion):
    """Each ends its guest's picture, at most; the other guest is painted as before."""
    give_to_guests('vgem')
    source = (paths.TREE / 'tests/synthetic/bad_dmabuf.c').read_text()
    names = re.findall(r'^\t\{"([a-z0-9-]+)", ', source, re.MULTILINE)
    expect(len(names) > 5, 'the list of bad dmabufs is not found')
    start(mullion, 'good', 'pattern=counter,fps=2,mode=320x240')
    mullion.ctl('layout', 'grid')
    for name in names:
        mullion.ctl('start', mullion.write_guest(name, guests.synthetic(name, f'bad={name}')))
    for name, reason in BAD_DMABUFS.items():
        mullion.until(lambda: re.search(f'guest {name}: display connection ended: .*{reason}',
                                        mullion.log.read_text()), f'{name} is not refused')
    for name in set(names) - set(BAD_DMABUFS):
        mullion.until(lambda: mullion.guest(name)['width'], f'{name} does not come')
    before = mullion.screenshot('--output', 'Virtual-1').rows
    mullion.until(lambda: mullion.screenshot('--output', 'Virtual-1').rows != before,
                  'the good guest is not painted any more')


def test_gles2():
    with Mullion('-b', 'drm', '-r', 'gles2', '-l', 'single') as mullion:
        mode = '%dx%d' % size_of(mullion)
        for name in ('two', 'one'):
            start(mullion, name, f'pattern=gradient,mode={mode}')
        gradient = until_shown(mullion, 'one')
        check_opacity(mullion, gradient)
        ask('press', 'meta_l', 'g')
        mullion.until(lambda: all(view['visible'] for view in mullion.list()['views']),
                      'Super+G on the keyboard does not make a grid')
        mullion.ctl('layout', 'single')
        for driver in ('pci', 'vgem'):
            check_dmabuf(mullion, driver, gradient)
        check_bad_dmabufs(mullion)


def test_uploads():
    done = subprocess.run([paths.BUILD / 'tests/guests/machine/test-uploads'], capture_output=True,
                          text=True, timeout=PATIENCE, env={**os.environ, 'WLR_BACKENDS': 'drm'})
    expect(done.returncode == 0, f'{done.returncode} {done.stdout} {done.stderr}')


def test_pixman():
    with Mullion('-b', 'drm', '-r', 'pixman', '-l', 'single') as mullion:
        start(mullion, 'one', 'pattern=gradient,mode=%dx%d' % size_of(mullion))
        gradient = until_shown(mullion, 'one')
        expect_on_screen(mullion, pointer=False)
        for driver in ('pci', 'vgem'):
            check_dmabuf(mullion, driver, gradient)


def heads(mullion):
    return sorted(output['name'] for output in mullion.list()['outputs'] if output['enabled'])


def check_heads(mullion, *names):
    mullion.until(lambda: heads(mullion) == list(names), f'the screens do not become {names}')


def test_hot_plug():
    with Mullion('-b', 'drm', '-r', 'pixman', '-l', 'single') as mullion:
        size = size_of(mullion)
        start(mullion, 'one', 'pattern=gradient,mode=%dx%d' % size)
        ask('plug', 1, 800, 600)
        check_heads(mullion, 'Virtual-1', 'Virtual-2')
        expect(size_of(mullion, 'Virtual-2') == (800, 600), f'{mullion.list()["outputs"]}')
        mullion.ctl('move', '--output', 'Virtual-2', 'one')
        expect(mullion.view('one')['output'] == 'Virtual-2', 'the view stays')
        ask('plug', 1, 0, 0)
        check_heads(mullion, 'Virtual-1')
        expect(mullion.view('one')['output'] == 'Virtual-1', 'the view is left behind')
        until_shown(mullion, 'one')
        ask('plug', 0, *size)  # QEMU tells of changes only
        ask('plug', 0, 0, 0)
        check_heads(mullion)
        ask('plug', 0, *size)
        check_heads(mullion, 'Virtual-1')
        until_shown(mullion, 'one')
        expect_on_screen(mullion, pointer=False)


def change_terminal(number):
    subprocess.run(['busybox', 'chvt', str(number)], check=True, timeout=60)


def test_terminals():
    """Another terminal takes the screens and the keyboard, and gives them back."""
    with Mullion('-b', 'drm', '-r', 'pixman', '-l', 'single') as mullion:
        keys = mullion.folder / 'keys'
        keys.touch()
        keys.chmod(0o666)  # the guest is another user's
        start(mullion, 'one', 'pattern=gradient,mode=%dx%d,record=%s' % (*size_of(mullion), keys))
        until_shown(mullion, 'one')
        expect_on_screen(mullion, pointer=False)
        change_terminal(5)
        share = ask('differs', 'screen.png')
        expect(share > 0.1, f'only {share:.2%} of the screen are another terminal\'s')
        ask('press', 'a')
        change_terminal(1)
        # The devices come back some time after the terminal.
        mullion.until(lambda: ask('press', 'b') or 'key' in keys.read_text(), 'no keys come any more')
        expect_on_screen(mullion, pointer=False)


run(test_gles2, test_uploads, test_pixman, test_hot_plug, test_terminals)
