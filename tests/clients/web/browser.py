"""Headless Chromium, driven over a pipe by its DevTools protocol."""
import base64
import fcntl
import json
import os
import queue
import signal
import subprocess
import tempfile
import threading
import time

TIMEOUT = 60  # seconds for what ought to come at once
# The key of a US keyboard, and its number in Windows.
CODES = {' ': ('Space', 32), 'Enter': ('Enter', 13), 'Tab': ('Tab', 9), 'Escape': ('Escape', 27),
         ',': ('Comma', 188), '"': ('Quote', 222)}
SHIFTED = '"'
SHIFT = 8


def find():
    for name in ('chromium', 'chromium-browser', 'google-chrome'):
        for folder in os.environ.get('PATH', '').split(':'):
            if os.access(os.path.join(folder, name), os.X_OK):
                return os.path.join(folder, name)
    return None


class Browser:
    """One page. The test's certificates are made on the spot, so their issuer isn't asked for."""

    def __init__(self, width=1280, height=800):
        self.folder = tempfile.TemporaryDirectory(prefix='mullion-test-web-')
        # Its ends are 3 and 4 in the browser.
        inward, self.out = os.pipe()
        self.back, outward = os.pipe()
        ends = [fcntl.fcntl(fd, fcntl.F_DUPFD, 20) for fd in (inward, outward)]
        os.close(inward)
        os.close(outward)

        def prepare():
            os.dup2(ends[0], 3)
            os.dup2(ends[1], 4)
            os.setsid()

        self.process = subprocess.Popen(
            [find(), '--headless=new', '--no-sandbox', '--remote-debugging-pipe', '--disable-gpu',
             '--no-first-run', '--no-default-browser-check', '--disable-extensions',
             '--disable-background-networking', '--disable-component-update', '--mute-audio',
             '--disable-dev-shm-usage', '--ignore-certificate-errors', '--hide-scrollbars',
             f'--user-data-dir={self.folder.name}', f'--window-size={width},{height}',
             'about:blank'],
            close_fds=False, preexec_fn=prepare, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for fd in ends:
            os.close(fd)
        self.number, self.answers = 0, queue.Queue()
        self.messages, self.session = [], None
        threading.Thread(target=self._read, daemon=True).start()
        targets = self.call('Target.getTargets')['targetInfos']
        page = next(target for target in targets if target['type'] == 'page')
        self.session = self.call('Target.attachToTarget', targetId=page['targetId'],
                                 flatten=True)['sessionId']
        for domain in ('Page', 'Runtime', 'Log', 'Network'):
            self.call(f'{domain}.enable')
        self.resize(width, height)
        self.set_dark(False)

    def _read(self):
        pending = b''
        while True:
            more = os.read(self.back, 1 << 20)
            if not more:
                self.answers.put(None)
                return
            *whole, pending = (pending + more).split(b'\0')
            for text in whole:
                message = json.loads(text)
                if 'id' in message:
                    self.answers.put(message)
                else:
                    self.messages.append(message)

    def call(self, method, **params):
        self.number += 1
        message = {'id': self.number, 'method': method, 'params': params}
        if self.session:
            message['sessionId'] = self.session
        os.write(self.out, json.dumps(message).encode() + b'\0')
        while True:
            answer = self.answers.get(timeout=TIMEOUT)
            if answer is None:
                raise AssertionError('the browser ended')
            if answer['id'] == self.number:
                if 'error' in answer:
                    raise AssertionError(f"{method}: {answer['error']}")
                return answer['result']

    def resize(self, width, height, scale=1, phone=False):
        self.call('Emulation.setDeviceMetricsOverride', width=width, height=height,
                  deviceScaleFactor=scale, mobile=phone)
        self.call('Emulation.setTouchEmulationEnabled', enabled=phone)

    def set_dark(self, dark):
        self.call('Emulation.setEmulatedMedia', features=[
            {'name': 'prefers-color-scheme', 'value': 'dark' if dark else 'light'},
            {'name': 'prefers-reduced-motion', 'value': 'reduce'}])

    def open(self, url):
        self.call('Page.navigate', url=url)

    def run(self, script):
        """The value of an expression, which may be a promise."""
        result = self.call('Runtime.evaluate', expression=script, awaitPromise=True,
                           returnByValue=True, userGesture=True)
        if 'exceptionDetails' in result:
            raise AssertionError(f"{script}: {result['exceptionDetails']}")
        return result['result'].get('value')

    def wait(self, script):
        """Until the expression is true."""
        end = time.monotonic() + TIMEOUT
        while time.monotonic() < end:
            try:
                value = self.run(script)
            except AssertionError:  # the page is just changing
                value = None
            if value:
                return value
            time.sleep(0.05)
        raise AssertionError(f'{script} never became true; {self.complaints()}')

    def complaints(self):
        """What the page and the browser wrote down as errors."""
        texts = []
        for message in self.messages:
            params = message['params']
            if message['method'] == 'Log.entryAdded' and params['entry']['level'] == 'error':
                texts.append(f"{params['entry']['text']} {params['entry'].get('url', '')}")
            elif message['method'] == 'Runtime.exceptionThrown':
                details = params['exceptionDetails']
                texts.append(details.get('exception', {}).get('description', details['text']))
        return texts

    def click(self, selector):
        x, y = self.wait(
            f'(() => {{ const one = document.querySelector({json.dumps(selector)}); '
            'if (!one || one.disabled) return null; const box = one.getBoundingClientRect(); '
            'return box.width > 0 && [box.x + box.width / 2, box.y + box.height / 2]; })()')
        self.click_at(x, y)

    def click_at(self, x, y):
        for kind in ('mousePressed', 'mouseReleased'):
            self.call('Input.dispatchMouseEvent', type=kind, x=x, y=y, button='left',
                      clickCount=1)

    def press(self, key):
        shift = key in SHIFTED or len(key) == 1 and key.isupper()
        code, number = CODES.get(key) or (
            (f'Key{key.upper()}', ord(key.upper())) if key.isalpha() else
            (f'Digit{key}', ord(key)))
        if shift:
            self._key('rawKeyDown', key='Shift', code='ShiftLeft', windowsVirtualKeyCode=16,
                      modifiers=SHIFT)
        modifiers = SHIFT if shift else 0
        text = '\r' if key == 'Enter' else key if len(key) == 1 else ''
        self._key('keyDown', key=key, code=code, text=text, windowsVirtualKeyCode=number,
                  modifiers=modifiers)
        self._key('keyUp', key=key, code=code, windowsVirtualKeyCode=number, modifiers=modifiers)
        if shift:
            self._key('keyUp', key='Shift', code='ShiftLeft', windowsVirtualKeyCode=16)

    def _key(self, kind, **params):
        self.call('Input.dispatchKeyEvent', type=kind, **params)

    def type(self, text, delay=0.06):
        """As fast as a good typist, for a guest's keyboard holds few keys."""
        for character in text:
            self.press(character)
            time.sleep(delay)

    def fill(self, selector, text):
        self.click(selector)
        self.run(f'document.querySelector({json.dumps(selector)}).select()')
        self.call('Input.insertText', text=text)

    def screenshot(self, path):
        data = self.call('Page.captureScreenshot', format='png')['data']
        with open(path, 'wb') as file:
            file.write(base64.b64decode(data))

    def close(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        os.close(self.out)
        for _ in range(20):  # its helpers may still be writing
            try:
                self.folder.cleanup()
                return
            except OSError:
                time.sleep(0.1)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()
