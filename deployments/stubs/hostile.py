"""A portal that turns on whoever tests it: hostile.py PORT MODE [--at-once] [--away URL] [--smtp PORT] [--used FILE]

At first it is the tiny portal, and honest enough to be tested. Once a few accounts have been made, or
from the beginning, it does one hostile thing, which MODE names (see MODES). It listens on 127.0.0.1, and
speaks to nobody but the mail server on 127.0.0.1 that --smtp names. --used takes the names of the
sessions that it foretold and gave out. Python's standard library only.
"""

import argparse
import collections
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

import tiny_portal
from tiny_portal import COOKIE, ROUTES, Accounts, Handler, Refusal, encoded, serve, text

# Accounts that are made before hostility begins: the first control's, and one or two scenarios'.
HONEST = 3

# What a terminal would act on: colour, title, hyperlink, clearing, a device query, C1, a bell, and text
# that runs the other way or cannot be seen.
ESCAPES = "HOSTILE \x1b[2J\x1b[31mred\x1b]0;title\x07\x1b]8;;http://elsewhere.example\x07x\x1bP$q\x1b\\ \x9b31m\x85\r\n\x08\x00 \u202egnp\u2066 \u200b\ufeff"

# What a browser, an XML reader, a Markdown reader or a CI log would act on.
SCRIPT = "HOSTILE <script>alert(1)</script>\"'><img src=x onerror=alert(1)> ]]> </style><svg/onload=alert(1)> <!-- &lt; javascript:alert(1)\n::set-env name=A::b\n::error::x\n```\n[x](javascript:alert(1))\n| a | b |"


# Longest value of the modes that say too much, and how many values there are of a kind.
LONG = 1 << 20
MANY = 10000

# How many sessions ahead a name is told of: more than one scenario takes.
AHEAD = 40

# An answer repeats a challenge of that length, twice encoded.
tiny_portal.LARGEST_BODY = 16 << 20


class Hostile(Accounts):
    """The tiny portal's accounts, and what a hostile portal says of them."""

    def __init__(self, mode, port, smtp, away, honest, used):
        super().__init__(takes_answers=True)
        self.port = port
        self.mode, self.smtp, self.away, self.honest = mode, smtp, away, honest
        self.asked = 0
        self.put_off = set()
        self.used = used
        self.first_password = None
        self.to_come = collections.deque(encoded(os.urandom(16)) for _ in range(AHEAD))
        if mode in FOLDS:
            self.passwords[SOMEBODY], self.keys[SOMEBODY] = THEIRS, {}

    def begun(self):
        return len(self.passwords) >= self.honest

    def words(self):
        return {"escapes": ESCAPES, "script": SCRIPT}.get(self.mode)

    def names_session(self):
        """In the mode that foretells, what was told of some sessions ago."""
        if self.mode != "foretells":
            return super().names_session()
        self.to_come.append(encoded(os.urandom(16)))
        name = self.to_come.popleft()
        print(name, file=self.used, flush=True)
        return name

    def folded(self, said):
        """What is said, with what the mode leaves of the name."""
        name = text(said, "user")
        return {**said, "user": FOLDS.get(self.mode, str)(name)}

    def signs_up(self, session, said):
        if self.mode == "cuts-names-and-has-a-rule" and not text(said, "user").startswith(SOMEBODY):
            raise Refusal(409, "names begin otherwise here")
        said = self.folded(said)
        if self.mode in FOLDS:
            # Whoever had that name has another password now.
            self.passwords[said["user"]] = text(said, "password")
            self.keys.setdefault(said["user"], {})
            return 201, {"user": said["user"]}
        told = super().signs_up(session, said)
        self.first_password = self.first_password or self.passwords[said["user"]]
        return told

    def gossip(self):
        """A secret of somebody else, which whoever listens does not know as one, or not yet."""
        if self.mode == "foretells":
            return f"a session to come is {self.to_come[-1]}"
        if self.mode == "tells-on-others" and self.begun():
            return f"the first password was {self.first_password}"
        return None

    def gives_password(self, session, said):
        if self.words() and said.get("password") != self.passwords.get(said.get("user")):
            # A finding, so that every report has something to quote: who is signed in now.
            session.update(user=self.words(), pending=None)
            self.keys.setdefault(self.words(), {})
            return 200, {"status": "signed-in", "user": self.words(), "message": self.words()}
        session["typed"] = text(said, "user")
        return super().gives_password(session, self.folded(said))

    def deletes_account(self, session, user):
        return super().deletes_account(session, FOLDS.get(self.mode, str)(user))

    def tells_session(self, session, said):
        if self.words() and not self.honest and session["user"] is None:
            return 200, {"user": self.words(), "pending": False}
        status, told = super().tells_session(session, said)
        if self.mode in FOLDS and told["user"]:
            told["user"] = session.get("typed", told["user"])
        return status, told

    def long_page(self):
        """A page with a long title, and many forms, fields and links."""
        form = '<form method="post" action="/login"><input name="a"><input type="password" name="b"></form>'
        return f"<!doctype html><title>{'title ' * 100000}</title>{form * 4000}{'<a href=/x>y</a>' * MANY}".encode()

    def page(self):
        """What it shows to whoever looks around, in words of the mode."""
        words = html.escape(self.words())
        return f"""<!doctype html><title>{words}</title><a href="/login">{words}</a>
<form method="post" action="/login"><input name="{words}"><input type="password" name="password"></form>
<meta name="csrf-{words}" content="{words}">""".encode()

    def mails_a_link(self, session, said):
        away = self.away if self.mode == "foreign-mail-link" else f"http://stub.localhost:{self.port}/"
        link = f"Follow {away}reset/{os.urandom(16).hex()} to choose a new password.\n"
        texts = MAILS.get(self.mode, lambda link: [link])(link)
        with smtplib.SMTP("127.0.0.1", self.smtp) as post:
            for content in texts:
                mail = email.message.EmailMessage()
                mail["From"], mail["To"] = "portal@stub.test", text(said, "mail")
                mail["Subject"] = "Your new password"
                mail.set_content(content)
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


def informs(handler):
    """Answers that something is to come, without an end."""
    try:
        while True:
            handler.wfile.write(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 1000)
    except OSError:
        handler.close_connection = True


def leads_on(handler):
    """To a longer and longer address, whoever asks who is signed in."""
    if not handler.path.startswith("/api/session") or handler.command != "GET":
        return False
    return small(handler, 302, [("Location", "/api/session?" + "x" * 60000)])


def too_much(handler):
    """What `Turncoat.reply` makes of it is too much."""
    return False


def swells(told):
    """Options with a long challenge, long ids and many of them; a long list of keys; long words. As much
    as fits into the longest answer that is read."""
    if "publicKey" in told:
        told["publicKey"]["challenge"] = encoded(os.urandom(LONG // 2))
        lengthens(told["publicKey"], LONG // 8)
    lists_more(told)
    told["message"] = "words " * (LONG // 24)


def lengthens(options, long):
    for name in ("excludeCredentials", "allowCredentials"):
        if name in options:
            more = [{"type": "public-key", "id": encoded(os.urandom(16))} for _ in range(MANY)]
            options[name] = [*options[name], *more, {"type": "public-key", "id": "x" * long}]
    if "user" in options:
        options["user"]["displayName"] = "x" * long


def lists_more(told):
    if "keys" in told:
        told["keys"] += [{"id": str(number), "label": "x" * 60} for number in range(MANY)]


def challenges(told):
    if "publicKey" in told:
        told["publicKey"]["challenge"] = encoded(os.urandom(LONG))


def options_alone(told):
    if "publicKey" in told:
        lengthens(told["publicKey"], LONG // 2)


# What is said too much in the body of an answer, by mode.
BODIES = {
    "long-challenge": challenges,
    "long-options": options_alone,
    "many-keys": lists_more,
    "big-everything": swells,
}


def large_headers():
    return [(f"X-Long-{number}", "x" * 4000) for number in range(85)]


def fresh_cookies():
    return [("Set-Cookie", f"c{number}={os.urandom(500).hex()}; Path=/") for number in range(60)]


# What stands in the head of an answer too much.
HEADS = {
    "big-headers": large_headers,
    "many-headers": lambda: [(f"X-{number}", "x") for number in range(90)],
    "many-cookies": fresh_cookies,
    "long-cookie": lambda: [("Set-Cookie", "long=" + "x" * 300000)],
    "big-everything": lambda: [*fresh_cookies(), ("X-Long", "x" * 200000)],
}

# Somebody who is there before, and their password.
SOMEBODY, THEIRS = "alice", "her own password"

# What is left of a name, by mode. Whoever signs in is called by the name that was typed.
FOLDS = {
    "cuts-names": lambda name: name[:5],
    "cuts-names-and-has-a-rule": lambda name: name[:5],
    "drops-tails-of-names": lambda name: name.replace("+", "-").partition("-")[0],
    "cuts-and-folds-names": lambda name: name[:5].lower(),
    "folds-names": str.lower,
}

# What is mailed in place of the one mail with a link, which is given.
MAILS = {
    "many-mails": lambda link: ["Nothing to follow.\n"] * 300 + [link],
    "big-mail": lambda link: [("words " * 12 + "\n") * (LONG // 73) + link],
    "many-links": lambda link: [link * MANY],
}


def numbered(piece, count):
    return "".join(piece.format(number) for number in range(count)).encode()


MODES = {
    # Nothing: the same portal, well-behaved.
    "none": None,
    "escapes": None,
    "script": None,
    "foretells": None,
    "tells-on-others": None,
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
    # Each says too much of something; the portal is sound beside that.
    "1xx-flood": informs,
    "long-redirects": leads_on,
    "long-reason": too_much,
    "long-title": None,
    **{mode: too_much for mode in (*BODIES, *HEADS)},
    **{mode: None for mode in (*MAILS, *FOLDS)},
    "retry-after-hour": lambda handler: small(handler, 429, [("Retry-After", "3600")]),
}


class Turncoat(Handler):
    """Answers as the tiny portal, until it is time."""

    def answer(self):
        turn = MODES[self.accounts.mode]
        looks_around = self.command == "GET" and not self.path.startswith("/api/")
        if self.accounts.mode == "long-title" and not self.accounts.honest and looks_around:
            return small(self, 200, [("Content-Type", "text/html")], self.accounts.long_page())
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

    def reply(self, status, told, name):
        mode = self.accounts.mode
        gossip = self.accounts.gossip()
        if gossip:
            told["message"] = gossip
        if not self.accounts.begun() or mode not in {"long-reason", *BODIES, *HEADS}:
            return super().reply(status, told, name)
        if mode in BODIES:
            BODIES[mode](told)
        body = json.dumps(told).encode()
        self.send_response(status, "x" * 200000 if mode == "long-reason" else None)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Set-Cookie", f"{COOKIE}={name}; Path=/; HttpOnly; SameSite=Lax")
        for header, value in HEADS.get(mode, list)():
            self.send_header(header, value)
        self.end_headers()
        self.wfile.write(body)


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
        ("POST", "/api/accounts"): Hostile.signs_up,
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
    parser.add_argument("--used", default=os.devnull)
    chosen = parser.parse_args()
    threading.stack_size(1 << 20)
    sys.argv[1] = str(chosen.port)
    honest = 0 if chosen.at_once else HONEST
    used = open(chosen.used, "w")
    serve(Hostile(chosen.mode, chosen.port, chosen.smtp, chosen.away, honest, used), Turncoat)
