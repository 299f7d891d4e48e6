"""A portal that turns on whoever tests it: hostile.py PORT MODE [--at-once] [--away URL] [--smtp PORT]

At first it is the tiny portal, and honest enough to be tested. Once a few accounts have been made, or
from the beginning, it does one hostile thing, which MODE names (see MODES). It listens on 127.0.0.1, and
speaks to nobody but the mail server on 127.0.0.1 that --smtp names. Python's standard library only.
"""

import argparse
import email.message
import gzip
import html
import itertools
import json
import os
import smtplib
import sys
import threading
import time
import zlib

from tiny_portal import ROUTES, Accounts, Handler, Refusal, serve, text

# Accounts that are made before hostility begins: the first control's, and one or two scenarios'.
HONEST = 3

# What a terminal would act on: colour, title, hyperlink, clearing, a device query, C1, a bell, and text
# that runs the other way or cannot be seen.
ESCAPES = "HOSTILE \x1b[2J\x1b[31mred\x1b]0;title\x07\x1b]8;;http://elsewhere.example\x07x\x1bP$q\x1b\\ \x9b31m\x85\r\n\x08\x00 \u202egnp\u2066 \u200b\ufeff"

# What a browser, an XML reader, a Markdown reader or a CI log would act on.
SCRIPT = "HOSTILE <script>alert(1)</script>\"'><img src=x onerror=alert(1)> ]]> </style><svg/onload=alert(1)> <!-- &lt; javascript:alert(1)\n::set-env name=A::b\n::error::x\n```\n[x](javascript:alert(1))\n| a | b |"


class Hostile(Accounts):
    """The tiny portal's accounts, and what a hostile portal says of them."""

    def __init__(self, mode, smtp, away, honest):
        super().__init__(takes_answers=True)
        self.mode, self.smtp, self.away, self.honest = mode, smtp, away, honest
        self.asked = 0
        self.put_off = set()

    def begun(self):
        return len(self.passwords) >= self.honest

    def words(self):
        return {"escapes": ESCAPES, "script": SCRIPT}.get(self.mode)

    def gives_password(self, session, said):
        if self.words() and said.get("password") != self.passwords.get(said.get("user")):
            # A finding, so that every report has something to quote: who is signed in now.
            session.update(user=self.words(), pending=None)
            self.keys.setdefault(self.words(), {})
            return 200, {"status": "signed-in", "user": self.words(), "message": self.words()}
        return super().gives_password(session, said)

    def tells_session(self, session, said):
        if self.words() and not self.honest and session["user"] is None:
            return 200, {"user": self.words(), "pending": False}
        return super().tells_session(session, said)

    def page(self):
        """What it shows to whoever looks around, in words of the mode."""
        words = html.escape(self.words())
        return f"""<!doctype html><title>{words}</title><a href="/login">{words}</a>
<form method="post" action="/login"><input name="{words}"><input type="password" name="password"></form>
<meta name="csrf-{words}" content="{words}">""".encode()

    def mails_a_link(self, session, said):
        mail = email.message.EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = "portal@stub.test", text(said, "mail"), "Your new password"
        away = self.away if self.mode == "foreign-mail-link" else "http://stub.localhost/"
        mail.set_content(f"Follow {away}reset/{os.urandom(16).hex()} to choose a new password.\n")
        with smtplib.SMTP("127.0.0.1", self.smtp) as post:
            post.send_message(mail)
        return 200, {"status": "sent"}

    def refuses_a_link(self, session, said):
        raise Refusal(400, "this link is not good")


def chunks(handler, pieces, headers=()):
    """An answer without a length, as long as somebody reads it."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    for name, value in headers:
        handler.send_header(name, value)
    handler.send_header("Connection", "close")
    handler.end_headers()
    handler.close_connection = True
    try:
        for piece in pieces:
            handler.wfile.write(piece)
    except OSError:
        pass


def bomb():
    """A gigabyte of zeros, packed, piece by piece."""
    pack = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = bytes(1 << 20)
    for _ in range(1024):
        yield pack.compress(block)
    yield pack.flush()


def small(handler, status, headers=(), body=b"{}"):
    handler.send_response(status)
    for name, value in headers:
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def drips():
    for _ in itertools.count():
        time.sleep(0.2)
        yield b" "


def nested(opening, closing, depth):
    return (opening * depth + closing * depth).encode()


def stalls(handler):
    """Takes the request and never answers; the other side hangs up first."""
    handler.connection.recv(1)
    handler.close_connection = True


def hangs_up(handler):
    handler.close_connection = True


def paused_once(handler):
    """Asks for a second of patience when an account is made, once; goes on as if nothing had been."""
    if handler.path != "/api/accounts" or handler.accounts.asked:
        return False
    handler.accounts.asked += 1
    return small(handler, 429, [("Retry-After", "1")])


def busy(handler):
    """Asks for a second of patience when an account is made, a few times, of several at once."""
    put_off = handler.accounts.put_off
    if handler.path != "/api/accounts" or len(put_off) >= 6 or handler.unread in put_off:
        return False
    put_off.add(handler.unread)
    return small(handler, 503, [("Retry-After", "1")])


def slows(handler):
    """Says who is signed in at once for a while, and then only after some time."""
    if handler.path != "/api/session" or handler.command != "GET":
        return False
    handler.accounts.asked += 1
    if handler.accounts.asked > 12:
        time.sleep(2.2)
    return False


def numbered(piece, count):
    return "".join(piece.format(number) for number in range(count)).encode()


MODES = {
    # Nothing: the same portal, well-behaved.
    "none": None,
    "escapes": None,
    "script": None,
    "foreign-mail-link": None,
    "stall": stalls,
    "drip": lambda handler: chunks(handler, drips()),
    "flood": lambda handler: chunks(handler, itertools.repeat(b" " * 65536)),
    "zip-bomb": lambda handler: chunks(handler, bomb(), [("Content-Encoding", "gzip")]),
    "zip-in-zip": lambda handler: chunks(
        handler, [gzip.compress(gzip.compress(bytes(1 << 24)))], [("Content-Encoding", "gzip, gzip")]
    ),
    "deep-json": lambda handler: chunks(handler, [b'{"user": ' + nested("[", "]", 400000) + b"}"]),
    "deep-html": lambda handler: chunks(handler, [nested("<div>", "</div>", 150000)]),
    "strange-ends-html": lambda handler: chunks(handler, [b"<div></q>" * 200000]),
    "formats-html": lambda handler: chunks(handler, [numbered("<p><b a={}></i>", 100000)]),
    "attributes-html": lambda handler: chunks(handler, [b"<a" + numbered(" b{}", 250000) + b">"]),
    "long-header": lambda handler: small(handler, 200, [("X-Long", "x" * 2000000)]),
    "redirect-away": lambda handler: small(handler, 302, [("Location", handler.accounts.away)]),
    "redirect-loop": lambda handler: small(handler, 302, [("Location", handler.path)]),
    "not-http": lambda handler: handler.wfile.write(b"220 mail.stub.test ESMTP\r\n") and hangs_up(handler),
    "hangs-up": hangs_up,
    "dies": lambda handler: os._exit(1),
    "falls-over": lambda handler: small(handler, 500),
    "429-storm": lambda handler: small(handler, 429),
    "busy": busy,
    "slows": slows,
    "retry-after": paused_once,
    "retry-after-hour": lambda handler: small(handler, 429, [("Retry-After", "3600")]),
}


class Turncoat(Handler):
    """Answers as the tiny portal, until it is time."""

    def answer(self):
        turn = MODES[self.accounts.mode]
        looks_around = self.command == "GET" and not self.path.startswith("/api/")
        if self.accounts.words() and not self.accounts.honest and looks_around:
            return small(self, 200, [("Content-Type", "text/html")], self.accounts.page())
        if turn is None or not self.accounts.begun():
            return super().answer()
        size = int(self.headers.get("Content-Length") or 0)
        self.unread = self.rfile.read(size)
        if turn(self) is False:
            # Read already: handed on as if it had just come.
            self.rfile = Read(self.unread, self.rfile)
            super().answer()

    do_GET = do_POST = do_DELETE = answer


class Read:
    """A body that was read already, before what comes after it."""

    def __init__(self, body, rest):
        self.body, self.rest = body, rest

    def read(self, size):
        taken, self.body = self.body[:size], self.body[size:]
        return taken

    def readline(self, *limit):
        return self.rest.readline(*limit)

    def close(self):
        self.rest.close()


ROUTES.update(
    {
        ("POST", "/api/session/password"): Hostile.gives_password,
        ("GET", "/api/session"): Hostile.tells_session,
        ("POST", "/api/reset"): Hostile.mails_a_link,
        ("GET", "/api/reset/open"): Hostile.refuses_a_link,
        ("POST", "/api/reset/finish"): Hostile.refuses_a_link,
    }
)

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("port", type=int)
    parser.add_argument("mode", choices=MODES)
    parser.add_argument("--at-once", action="store_true")
    parser.add_argument("--away", default="http://elsewhere.example/")
    parser.add_argument("--smtp", type=int, default=25)
    chosen = parser.parse_args()
    threading.stack_size(1 << 20)
    sys.argv[1] = str(chosen.port)
    serve(Hostile(chosen.mode, chosen.smtp, chosen.away, 0 if chosen.at_once else HONEST), Turncoat)
