"""mullion's exit status and words for mistakes that its user can make at the start."""
import os
import subprocess
import sys
import tempfile
import unittest

MULLION = sys.argv.pop(1)
BAD = "[guest]\nname = a b\n[machine]\nmemory = lots\nfoo = 1\n"


class Mistakes(unittest.TestCase):
    def refuse(self, *arguments):
        """What it says when it ends with 2."""
        with tempfile.TemporaryDirectory(prefix="mullion-test-") as folder:
            environment = dict(os.environ, XDG_RUNTIME_DIR=folder, XDG_CONFIG_HOME=folder)
            path = os.path.join(folder, "bad.ini")
            with open(path, "w", encoding="utf-8") as file:
                file.write(BAD)
            answer = subprocess.run(
                [MULLION, "--backend", "headless", *[a.format(bad=path) for a in arguments]],
                env=environment, stderr=subprocess.PIPE, text=True, timeout=60)
        self.assertEqual(answer.returncode, 2, answer.stderr)
        return answer.stderr

    def test_guest_files(self):
        words = self.refuse("{bad}", "/nonexistent.ini")
        for part in ("bad.ini:2: ", "bad.ini:4: ", "bad.ini:5: ", "/nonexistent.ini"):
            self.assertIn(part, words)

    def test_options(self):
        for arguments in (["--nonsense"], ["--backend", "foo"], ["--output", "0x0"],
                          ["--layout", "heap"], ["--renderer", "paint"]):
            self.assertIn("mullion: ", self.refuse(*arguments))

    @unittest.skipIf(os.geteuid() != 0, "not root")
    def test_root(self):
        self.assertIn("running as root, which nothing here needs", self.refuse("{bad}"))

    def test_configuration(self):
        self.assertIn("bad.ini:", self.refuse("--config", "{bad}"))


unittest.main()
