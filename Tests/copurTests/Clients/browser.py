"""A page in headless Chromium, driven over the DevTools pipe with nothing but Python's own library.

    browser.py CHROMIUM URL STEPS.json

STEPS is a list of objects, each with one of:
    {"until": JS}                      wait until the expression is true (40 s)
    {"value": JS, "as": NAME}          keep the expression's value
    {"screenshot": FILE}               the page as PNG, whole with "full": true
    {"size": [W, H], "scale": S}       the window
    {"media": {"prefers-color-scheme": "dark", ...}}
    {"headers": {NAME: VALUE}}         what every request has besides, from the first on
    {"press": KEY}                     a key: "ArrowLeft", "Tab", ...
    {"print": TEXT}                    a line on standard output, for whoever waits

At the end it prints one JSON object: the kept values, "problems" (what the console and the security policy said) and
"hosts" (whom the page asked for anything).
"""

import base64
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.parse


class Browser:
    def __init__(self, chromium, profile):
        to_read, self.out = os.pipe()
        self.inp, to_write = os.pipe()
        # DevTools' pipe is descriptors 3 and 4 of the browser.
        self.process = subprocess.Popen(
            ["bash", "-c", f'exec "$@" 3<&{to_read} 4>&{to_write}', "_", chromium, "--headless", "--no-sandbox",
             "--disable-gpu", "--remote-debugging-pipe", "--hide-scrollbars", f"--user-data-dir={profile}",
             "about:blank"],
            pass_fds=(to_read, to_write), stderr=subprocess.DEVNULL)
        os.close(to_read)
        os.close(to_write)
        self.number = 0
        self.rest = b""
        self.session = None
        self.problems, self.hosts = [], set()

    def message(self):
        while b"\0" not in self.rest:
            piece = os.read(self.inp, 1 << 16)
            if not piece:
                raise SystemExit("the browser is gone")
            self.rest += piece
        text, self.rest = self.rest.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, **params):
        self.number += 1
        request = {"id": self.number, "method": method, "params": params}
        if self.session:
            request["sessionId"] = self.session
        os.write(self.out, json.dumps(request).encode() + b"\0")
        while True:
            message = self.message()
            if message.get("id") == self.number:
                if "error" in message:
                    raise SystemExit(f"{method}: {message['error']}")
                return message["result"]
            self.happened(message.get("method"), message.get("params", {}))

    def happened(self, method, params):
        if method == "Log.entryAdded":
            self.problems.append(params["entry"]["text"])
        elif method == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.problems.append(details.get("exception", {}).get("description", details["text"]))
        elif method == "Network.requestWillBeSent":
            self.hosts.add(urllib.parse.urlsplit(params["request"]["url"]).netloc)

    def value(self, script):
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise SystemExit(f"{script}: {result['exceptionDetails']}")
        return result["result"].get("value")


def play(browser, step, kept):
    if "until" in step:
        end = time.monotonic() + 40
        while not browser.value(step["until"]):
            if time.monotonic() > end:
                page = browser.value("document.body.innerText")
                raise SystemExit(f"never true: {step['until']}\nproblems: {browser.problems}\nthe page:\n{page}")
            time.sleep(0.05)
    if "value" in step:
        kept[step["as"]] = browser.value(step["value"])
    if "size" in step:
        width, height = step["size"]
        browser.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                     deviceScaleFactor=step.get("scale", 1), mobile=width < 500)
    if "media" in step:
        browser.call("Emulation.setEmulatedMedia",
                     features=[{"name": name, "value": value} for name, value in step["media"].items()])
    if "press" in step:
        for kind in ("keyDown", "keyUp"):
            browser.call("Input.dispatchKeyEvent", type=kind, key=step["press"], code=step["press"],
                         windowsVirtualKeyCode={"Tab": 9}.get(step["press"], 0))
    if "screenshot" in step:
        time.sleep(0.6)
        image = browser.call("Page.captureScreenshot", captureBeyondViewport=step.get("full", False))
        with open(step["screenshot"], "wb") as file:
            file.write(base64.b64decode(image["data"]))
    if "print" in step:
        print(step["print"], flush=True)


def main(chromium, url, steps):
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(chromium, profile)
        try:
            target = browser.call("Target.createTarget", url="about:blank")["targetId"]
            browser.session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            for domain in ("Page", "Runtime", "Log", "Network"):
                browser.call(f"{domain}.enable")
            for step in steps:
                if "headers" in step:
                    browser.call("Network.setExtraHTTPHeaders", headers=step["headers"])
            browser.call("Page.navigate", url=url)
            kept = {}
            for step in steps:
                play(browser, step, kept)
            browser.value("1")
            print(json.dumps(kept | {"problems": browser.problems, "hosts": sorted(browser.hosts)}), flush=True)
        finally:
            browser.process.kill()
            browser.process.wait()


if __name__ == "__main__":
    with open(sys.argv[3]) as file:
        main(sys.argv[1], sys.argv[2], json.load(file))
