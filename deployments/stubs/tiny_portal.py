"""A portal with nothing in it: accounts, sessions, keys and challenges in memory, over JSON.

It knows no cryptography at all. What an answer to a ceremony is worth is decided by the `ceremony`
that accept_everything.py and refuse_everything.py hand in, and by nothing else. Python's standard
library only; both are shown a suite to see whether it can tell them from a portal.

  POST   /api/accounts              {user, password}   201 | 409
  GET    /api/accounts                                 200 {accounts: [user]}
  DELETE /api/accounts/USER                            200 | 404
  POST   /api/session/password      {user, password}   200 {status: "signed-in" | "factor-needed"} | 401
  POST   /api/session/key/options                      200 {publicKey} | 401
  POST   /api/session/key           an assertion       200 {status: "signed-in", user} | 400
  GET    /api/session                                  200 {user, pending}
  DELETE /api/session                                  200
  GET    /api/keys                                     200 {keys: [{id, label}]} | 401
  POST   /api/keys/options          {label}            200 {publicKey} | 401
  POST   /api/keys                  {label, credential}  201 {id, label} | 400 | 401
"""

import base64
import http.server
import json
import secrets
import signal
import sys
import threading
import urllib.parse

COOKIE = "stub_session"
LARGEST_BODY = 65536


def encoded(data):
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Refusal(Exception):
    """An answer other than success: a status and a sentence."""

    def __init__(self, status, sentence):
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


class Accounts:
    """Everything the portal remembers, behind one lock."""

    def __init__(self, takes_answers, signs_in=True):
        self.takes_answers, self.signs_in = takes_answers, signs_in
        self.passwords, self.keys, self.sessions = {}, {}, {}
        self.lock = threading.Lock()

    def names_session(self):
        """What the cookie of a new session holds."""
        return encoded(secrets.token_bytes(16))

    def signs_up(self, session, said):
        user, password = text(said, "user"), text(said, "password")
        if user in self.passwords:
            raise Refusal(409, "that name is taken")
        self.passwords[user], self.keys[user] = password, {}
        return 201, {"user": user}

    def lists_accounts(self, session, said):
        return 200, {"accounts": sorted(self.passwords)}

    def deletes_account(self, session, user):
        if user not in self.passwords:
            raise Refusal(404, "nobody of that name")
        del self.passwords[user], self.keys[user]
        for other in self.sessions.values():
            for place in ("user", "pending"):
                if other[place] == user:
                    other[place] = None
        return 200, {}

    def gives_password(self, session, said):
        user = text(said, "user")
        if not self.signs_in or self.passwords.get(user) != text(said, "password"):
            raise Refusal(401, "the name or the password is wrong")
        session.update(user=None, pending=user)
        if self.keys[user]:
            return 200, {"status": "factor-needed", "factors": ["key"]}
        session.update(user=user, pending=None)
        return 200, {"status": "signed-in", "user": user}

    def asks_for_key(self, session, said):
        user = session["pending"] or session["user"]
        if not user:
            raise Refusal(401, "give the password first")
        allowed = [{"type": "public-key", "id": key} for key in self.keys[user]]
        return 200, {"publicKey": {"challenge": challenge(), "rpId": session["host"], "allowCredentials": allowed}}

    def answers_with_key(self, session, said):
        if not self.takes_answers:
            raise Refusal(400, "this key was not accepted")
        user = session["pending"] or self.named(said)
        if not user:
            raise Refusal(400, "nobody is named")
        session.update(user=user, pending=None)
        return 200, {"status": "signed-in", "user": user}

    def named(self, said):
        """The account whose key the answer claims to come from."""
        claimed = said.get("id") if isinstance(said, dict) else None
        return next((user for user, keys in self.keys.items() if claimed in keys), None)

    def tells_session(self, session, said):
        return 200, {"user": session["user"], "pending": session["pending"] is not None}

    def signs_out(self, session, said):
        session.update(user=None, pending=None)
        return 200, {}

    def lists_keys(self, session, said):
        keys = self.keys[signed_in(session)]
        return 200, {"keys": [{"id": key, "label": label} for key, label in keys.items()]}

    def offers_key(self, session, said):
        user = signed_in(session)
        known = [{"type": "public-key", "id": key} for key in self.keys[user]]
        return 200, {
            "publicKey": {
                "rp": {"id": session["host"], "name": "Stub"},
                "user": {"id": encoded(user.encode()), "name": user, "displayName": user},
                "challenge": challenge(),
                "pubKeyCredParams": [{"type": "public-key", "alg": alg} for alg in (-7, -8, -257)],
                "excludeCredentials": known,
                "attestation": "none",
            }
        }

    def adds_key(self, session, said):
        user = signed_in(session)
        if not self.takes_answers:
            raise Refusal(400, "this key was not accepted")
        credential = said.get("credential") if isinstance(said, dict) else None
        claimed = credential.get("id") if isinstance(credential, dict) else None
        key = claimed if isinstance(claimed, str) else encoded(secrets.token_bytes(16))
        label = said.get("label") if isinstance(said, dict) and isinstance(said.get("label"), str) else ""
        self.keys[user][key] = label
        return 201, {"id": key, "label": label}


ROUTES = {
    ("POST", "/api/accounts"): Accounts.signs_up,
    ("GET", "/api/accounts"): Accounts.lists_accounts,
    ("POST", "/api/session/password"): Accounts.gives_password,
    ("POST", "/api/session/key/options"): Accounts.asks_for_key,
    ("POST", "/api/session/key"): Accounts.answers_with_key,
    ("GET", "/api/session"): Accounts.tells_session,
    ("DELETE", "/api/session"): Accounts.signs_out,
    ("GET", "/api/keys"): Accounts.lists_keys,
    ("POST", "/api/keys/options"): Accounts.offers_key,
    ("POST", "/api/keys"): Accounts.adds_key,
}


def challenge():
    """Thirty-two random bytes, which are never looked at again."""
    return encoded(secrets.token_bytes(32))


def text(said, member):
    """A member that has to be there and be text."""
    value = said.get(member) if isinstance(said, dict) else None
    if not isinstance(value, str) or not value:
        raise Refusal(400, f"{member} is missing")
    return value


def signed_in(session):
    """The account that is signed in, or a refusal."""
    if not session["user"]:
        raise Refusal(401, "sign in first")
    return session["user"]


class Handler(http.server.BaseHTTPRequestHandler):
    """One request: find the session, call the route, answer in JSON."""

    protocol_version = "HTTP/1.1"
    accounts = None

    def answer(self):
        size = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(size) if size <= LARGEST_BODY else b""
        if size > LARGEST_BODY:
            self.close_connection = True
        try:
            said = json.loads(body) if body else {}
        except ValueError:
            # A ceremony's answer that is no JSON is an answer all the same.
            said = None
        with self.accounts.lock:
            name, session = self.session()
            status, told = self.outcome(session, said)
        self.reply(status, told, name)

    def outcome(self, session, said):
        path = self.path.partition("?")[0]
        route = ROUTES.get((self.command, path))
        account = path.removeprefix("/api/accounts/")
        if self.command == "DELETE" and account != path:
            route, said = type(self.accounts).deletes_account, urllib.parse.unquote(account)
        if route is None:
            return 404, {"error": "no such page"}
        try:
            return route(self.accounts, session, said)
        except Refusal as refusal:
            return refusal.status, {"error": "refused", "message": refusal.sentence}

    def session(self):
        """The session that the cookie names, or a new one."""
        cookies = dict(part.strip().partition("=")[::2] for part in self.headers.get("Cookie", "").split(";"))
        name = cookies.get(COOKIE)
        if name not in self.accounts.sessions:
            name = self.accounts.names_session()
            self.accounts.sessions[name] = {"user": None, "pending": None}
        session = self.accounts.sessions[name]
        session["host"] = self.headers.get("Host", "localhost").rpartition(":")[0] or self.headers.get("Host")
        return name, session

    def reply(self, status, told, name):
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Set-Cookie", f"{COOKIE}={name}; Path=/; HttpOnly; SameSite=Lax")
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_DELETE = answer

    def log_message(self, *_):
        """Says nothing; the suite keeps its own record."""


def serve(accounts, handler=Handler):
    """Serves on 127.0.0.1 at the port of the first argument until SIGTERM or Ctrl-C."""
    port = int(sys.argv[1])
    handler.accounts = accounts
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    print(f"serving http://localhost:{port}/", file=sys.stderr, flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
