"""What evidence scripts need at any portal: a browser session with a cookie jar, a key made of a few bytes,
one-time codes, and the portal's mail.

Python's standard library and `cryptography` only, and none of Touchstone's programs, so that what a
script shows can be checked by reading two or three short files.
"""

import base64
import concurrent.futures
import email
import email.policy
import hashlib
import hmac
import html
import html.parser
import http.client
import http.cookiejar
import json
import os
import re
import secrets
import socketserver
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, ELIGIBLE, BACKED_UP, ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40


def encoded(data):
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text):
    """The bytes of base64url without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def cbor(value):
    """Truth values, integers, bytes, texts, lists and maps, as CBOR."""

    def head(kind, number):
        if number < 24:
            return bytes([kind << 5 | number])
        for code, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
            if number < 1 << 8 * size:
                return bytes([kind << 5 | code]) + number.to_bytes(size, "big")
        raise ValueError(number)

    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(cbor, value))
    return head(5, len(value)) + b"".join(cbor(k) + cbor(v) for k, v in value.items())


class Key:
    """A security key with one credential. What it says can be changed by the caller, call by call."""

    def __init__(self):
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        self.user_handle = None

    def cose(self):
        """The public key as the key would report it: ES256 on P-256."""
        point = self.private.public_key().public_numbers()
        return {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}

    def registers(self, options, origin, flags=PRESENT | ATTESTED, cose=None, client=None, rewritten=None):
        """The answer to creation options, as the JSON a browser would send (attestation "none").

        `client` replaces members of the client data, `rewritten` its bytes.
        """
        data = client_data("webauthn.create", options["challenge"], origin, client)
        data = rewritten(data) if rewritten else data
        self.user_handle = options["user"]["id"]
        credential = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor(cose or self.cose())
        auth_data = authenticator_data(options["rp"]["id"], flags, 0) + credential
        attestation = cbor({"fmt": "none", "attStmt": {}, "authData": auth_data})
        return self.envelope({"clientDataJSON": encoded(data), "attestationObject": encoded(attestation)})

    def signs_in(self, options, origin, flags=PRESENT, counter=0, user_handle=None, client=None, rewritten=None):
        """The answer to request options, signed over whatever it was told to say."""
        data = client_data("webauthn.get", options["challenge"], origin, client)
        data = rewritten(data) if rewritten else data
        auth_data = authenticator_data(options["rpId"], flags, counter)
        signature = self.signature(auth_data + hashlib.sha256(data).digest())
        response = {
            "clientDataJSON": encoded(data),
            "authenticatorData": encoded(auth_data),
            "signature": encoded(signature),
        }
        return self.envelope(response | ({"userHandle": user_handle} if user_handle else {}))

    def signature(self, message):
        """ES256 over `message`."""
        return self.private.sign(message, ec.ECDSA(hashes.SHA256()))

    def envelope(self, response):
        """The outer members, which are the same for both ceremonies."""
        return {
            "id": encoded(self.id),
            "rawId": encoded(self.id),
            "type": "public-key",
            "clientExtensionResults": {},
            "response": response,
        }


def client_data(kind, challenge, origin, more=None):
    """What a browser says about a ceremony; `more` replaces or adds members."""
    said = {"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False} | (more or {})
    return json.dumps(said, separators=(",", ":")).encode()


def authenticator_data(rp_id, flags, counter):
    """The fixed part of the authenticator data."""
    return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + counter.to_bytes(4, "big")


class Stay(urllib.request.HTTPRedirectHandler):
    """Redirects are part of the answer here and are not followed."""

    def redirect_request(self, *_):
        return None


class Elsewhere(urllib.request.HTTPHandler):
    """Connects where `CONNECT` says, whatever the name in the URL."""

    def http_open(self, request):
        place = os.environ.get("CONNECT")
        if not place:
            return super().http_open(request)

        return self.do_open(lambda _, **more: http.client.HTTPConnection(place, **more), request)


class Answer:
    """Status, place to go on to, and body."""

    def __init__(self, status, location, text):
        self.status, self.location, self.text = status, location, text

    def __str__(self):
        return f"{self.status}{' -> ' + self.location if self.location else ''}"


class Page(html.parser.HTMLParser):
    """The forms of a page (action and inputs), its nameless inputs, and the script called `js_data`."""

    def __init__(self, text):
        super().__init__()
        self.forms, self.loose, self.data, self.inside = [], [], "", False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "form":
            self.forms.append((attributes.get("action"), {}))
        elif tag == "input" and self.forms and "name" in attributes:
            self.forms[-1][1][attributes["name"]] = attributes.get("value", "")
        elif tag == "input":
            self.loose.append(attributes.get("value", ""))
        self.inside = tag == "script" and attributes.get("id") == "js_data"

    def handle_data(self, text):
        self.data += text if self.inside else ""

    def form_with(self, field):
        """Action and inputs of the first form that has `field`."""
        return next(form for form in self.forms if field in form[1])


class Browser:
    """A browser session at a portal: a cookie jar, and requests whose redirects are looked at, not followed.

    `CONNECT`, an address and a port in the environment, is where the portal listens when its name does
    not say so; the Host header stays that of the name.
    """

    def __init__(self, base):
        self.base = base.rstrip("/")
        self.origin = self.base
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(Stay, Elsewhere, urllib.request.HTTPCookieProcessor(self.jar))

    def send(self, path, fields=None, headers=None, body=None, method=None):
        """One request: GET, POST of form `fields`, or POST of `body` as JSON."""
        headers = dict(headers or {})
        data = None if fields is None else urllib.parse.urlencode(fields).encode()
        if body is not None:
            data, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        request = urllib.request.Request(urllib.parse.urljoin(self.base + "/", path), data, headers, method=method)
        try:
            answer = self.opener.open(request, timeout=30)
        except urllib.error.HTTPError as refusal:
            answer = refusal
        with answer:
            return Answer(answer.status, answer.headers.get("Location"), answer.read().decode("utf-8", "replace"))

    def cookie(self, name):
        """The value of a cookie, or None."""
        return next((cookie.value for cookie in self.jar if cookie.name == name), None)

    def fill(self, path, field, values):
        """Opens `path` and submits the form that has `field` with `values`."""
        action, inputs = Page(self.send(path).text).form_with(field)
        return self.send(action or path, inputs | values)


class Post:
    """The portal's mail: listens on `SMTP_PORT` for as long as a `with` lasts, and keeps what comes."""

    def __init__(self):
        self.mails, self.came = [], threading.Condition()

    def __enter__(self):
        post = self

        class Session(socketserver.StreamRequestHandler):
            def handle(self):
                post.converse(self.rfile, self.wfile)

        socketserver.ThreadingTCPServer.allow_reuse_address = True
        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", int(os.environ["SMTP_PORT"])), Session)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def converse(self, lines, answers):
        """SMTP as far as a portal that sends needs it."""
        answers.write(b"220 evidence\r\n")
        for line in lines:
            verb = line[:4].upper().strip()
            if verb == b"DATA":
                answers.write(b"354 go on\r\n")
                data = b"".join(iter(lines.readline, b".\r\n")).replace(b"\r\n..", b"\r\n.")
                with self.came:
                    self.mails.append(email.message_from_bytes(data, policy=email.policy.default))
                    self.came.notify_all()
            answers.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")
            if verb == b"QUIT":
                return

    def takes(self, to, pattern):
        """Takes out the oldest mail to `to` with `pattern` in it, and gives what that finds (group 1 where
        there is one)."""
        with self.came:
            end = time.monotonic() + 15
            while time.monotonic() < end:
                for mail in self.mails:
                    part = mail.get_body(("plain", "html"))
                    found = re.search(pattern, html.unescape(part.get_content())) if part else None
                    if to in str(mail["To"]) and found:
                        self.mails.remove(mail)
                        return found.group(found.re.groups and 1)
                self.came.wait(1)
        raise SystemExit("no mail came")


def totp(secret, step=0):
    """The code of the current time step, or of one `step` steps later."""
    secret += "=" * (-len(secret) % 8)
    counter = (int(time.time()) // 30 + step).to_bytes(8, "big")
    mac = hmac.new(base64.b32decode(secret), counter, "sha1").digest()
    start = mac[-1] & 15
    return f"{(int.from_bytes(mac[start : start + 4], 'big') & 0x7FFFFFFF) % 10**6:06}"


def room_in_step(seconds):
    """Waits until at least `seconds` of the current time step are left."""
    left = 30 - time.time() % 30
    if left < seconds:
        time.sleep(left + 0.1)


def at_once(acts):
    """Runs all of `acts` side by side and gives back what each returned."""
    with concurrent.futures.ThreadPoolExecutor(len(acts)) as pool:
        return [future.result() for future in [pool.submit(act) for act in acts]]


def show(story):
    """Runs a script's story against the portal named on the command line.

    The story returns whether the deviation was seen; 0 says that it was.
    """
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} BASE_URL")
    seen = story(sys.argv[1])
    print("shown" if seen else "not shown")
    sys.exit(0 if seen else 1)
