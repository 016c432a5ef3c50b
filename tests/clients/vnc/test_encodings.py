"""Every encoding, decoded pixel by pixel, in the formats that clients ask for."""
import functools
import unittest

from decode import (DESKTOP_SIZE, HEXTILE, LAST_RECT, RAW, TIGHT, ZRLE, Decoder, Format)
from processes import Stage
from rfb import pattern

RGB = (255, 255, 255)
FORMATS = {
    'as it is': Format(32, 24, 0, RGB, (16, 8, 0)),
    'red first': Format(32, 24, 0, RGB, (0, 8, 16)),
    'in the upper bytes': Format(32, 24, 0, RGB, (24, 16, 8)),
    'big endian': Format(32, 24, 1, RGB, (16, 8, 0)),
    'big endian, upper bytes': Format(32, 24, 1, RGB, (8, 16, 24)),
    'depth 32': Format(32, 32, 0, RGB, (16, 8, 0)),
    '10 bits': Format(32, 30, 0, (1023, 1023, 1023), (20, 10, 0)),
    '16 bits': Format(16, 16, 0, (31, 63, 31), (11, 5, 0)),
    '15 bits, big endian': Format(16, 15, 1, (31, 31, 31), (10, 5, 0)),
    '8 bits': Format(8, 8, 0, (7, 7, 3), (0, 3, 6)),
}
WIDTH, HEIGHT = 203, 141
SEED = 5


def mixed(x, y, kind, count):
    """What fake_desktop draws: `count` colours in bars, or mixed, or noise."""
    if kind == 'bars':
        index = (x // 9 + y // 3) % count
    elif kind == 'dots':
        index = (x * 7 + y * 13 + x * y) % count
    else:
        index = ((x * 2654435761 + y * 40503) & 0xffffffff) >> 8
    colour = index * 0x050b13 & 0xffffff
    return colour >> 16, colour >> 8 & 255, colour & 255


DRAWN = [(0, 0, 64, 64, 'dots', 1), (64, 0, 64, 64, 'dots', 2), (128, 0, 64, 64, 'bars', 4),
         (0, 64, 64, 64, 'dots', 13), (64, 64, 64, 64, 'bars', 60), (128, 64, 75, 77, 'noise', 0),
         (0, 128, 90, 13, 'bars', 200), (192, 0, 11, 64, 'dots', 2), (70, 5, 1, 1, 'dots', 2),
         (64, 64, 20, 9, 'bars', 1)]


@functools.lru_cache(maxsize=None)
def colours(width, height, drawn):
    got = [pattern(x, y, SEED) for y in range(height) for x in range(width)]
    for left, top, w, h, kind, count in drawn:
        for y in range(top, top + h):
            for x in range(left, left + w):
                got[y * width + x] = mixed(x, y, kind, count)
    return got


class TestEncodings(unittest.TestCase):
    @staticmethod
    def picture(form, width, height, drawn=()):
        value = functools.lru_cache(maxsize=None)(form.value)
        return [value(colour) for colour in colours(width, height, tuple(drawn))]

    def check(self, stage, form, encodings):
        stage.do(f'show {WIDTH} {HEIGHT} {SEED}')
        with Decoder(stage.port, stage.password) as client:
            client.start(form, *encodings, DESKTOP_SIZE)
            want = self.picture(form, WIDTH, HEIGHT)
            client.see(lambda: client.values == want)
            for x, y, width, height, kind, count in DRAWN:
                stage.do(f'draw {x} {y} {width} {height} {count} {kind}')
            want = self.picture(form, WIDTH, HEIGHT, DRAWN)
            client.see(lambda: client.values == want)
            stage.do(f'show 77 130 {SEED}')
            client.update_until(lambda: client.width == 77)
            want = self.picture(form, 77, 130)
            client.see(lambda: client.values == want)
            self.assertIn(encodings[0], client.kinds)
            return client.kinds

    def check_formats(self, *encodings):
        with Stage() as stage:
            for name, form in FORMATS.items():
                with self.subTest(name):
                    kinds = self.check(stage, form, encodings)
                    if name == 'as it is':
                        seen = kinds
        return seen

    def test_raw(self):
        self.check_formats(RAW)

    def test_hextile(self):
        self.check_formats(HEXTILE)

    def test_zrle(self):
        seen = self.check_formats(ZRLE)
        for kind in (0, 1, 2, 3, 128, 130):
            self.assertIn(('zrle', kind), seen)

    def test_tight(self):
        seen = self.check_formats(TIGHT)
        for kind in (0, 3, 5, 6, 8):
            self.assertIn(('tight', kind), seen)

    def test_tight_merged(self):
        self.check_formats(TIGHT, LAST_RECT)

    def test_tight_with_more_compression(self):
        seen = self.check_formats(TIGHT, LAST_RECT, -256 + 5)
        self.assertNotIn(('tight', 3), seen)

    def test_format_changes_between(self):
        with Stage() as stage, Decoder(stage.port, stage.password) as client:
            stage.do(f'show 300 200 {SEED}')
            client.start(FORMATS['as it is'], RAW, DESKTOP_SIZE)
            client.update_until(lambda: client.width == 300, incremental=False)
            for encoding in (HEXTILE, ZRLE, TIGHT, RAW):
                for form in (FORMATS['16 bits'], FORMATS['as it is']):
                    zrle, tight = client.zrle, client.tight
                    client.start(form, encoding, DESKTOP_SIZE)
                    client.zrle, client.tight = zrle, tight  # the streams go on
                    want = self.picture(form, 300, 200)
                    client.see(lambda: client.values == want)


if __name__ == '__main__':
    unittest.main(verbosity=2)
