"""An adapter for the reference portal, as docs/adapter.md asks for one: adapter.py [--dies-after N | --babbles-after N]

Python's standard library only. It is what somebody would write whose portal no profile can express: it
keeps a cookie jar for each visitor, does one request for each verb or half, and says what came of it.
With an option it goes wrong after N requests on purpose, to show what the suite makes of that.
"""

import http.client
import http.cookies
import json
import os
import sys
import threading
import urllib.parse

CONNECT = None
SECRETS = {}
JARS = {}
WRITING = threading.Lock()


class Failed(Exception):
    """The adapter cannot find out: neither accepted nor refused."""


def call(asked, method, path, body=None, admin=False):
    """One request with the visitor's cookies: the status and the JSON that came back."""
    base = urllib.parse.urlsplit(asked["base"])
    jar = JARS.setdefault(asked["visitor"], {})
    headers = {"Host": base.netloc, "Content-Type": "application/json"}
    if jar:
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in jar.items())
    if admin:
        headers["Authorization"] = "Bearer " + SECRETS["admin"]
    if asked.get("user_agent"):
        headers["User-Agent"] = asked["user_agent"]
    connection = http.client.HTTPConnection(CONNECT or base.netloc, timeout=8)
    try:
        data = None if body is None else json.dumps(body).encode()
        connection.request(method, path, data, headers)
        response = connection.getresponse()
        keep(jar, response.headers.get_all("Set-Cookie") or [])
        return response.status, json.loads(response.read() or b"{}")
    except (http.client.HTTPException, OSError, ValueError) as error:
        raise Failed(f"{method} {path}: {type(error).__name__}") from error
    finally:
        connection.close()


def keep(jar, lines):
    for line in lines:
        for name, morsel in http.cookies.SimpleCookie(line).items():
            if morsel["max-age"] == "0" or not morsel.value:
                jar.pop(name, None)
            else:
                jar[name] = morsel.value


def classified(status, said, accepted):
    """What the portal's answer was. What fits nothing is unknown, and never refused."""
    answer = {"status": status, "reply": "unknown"}
    if accepted(status, said):
        answer["reply"] = "ok"
    elif said.get("status") == "factor-needed":
        answer["reply"] = "factor_needed"
    elif status == 429:
        answer["reply"] = "rate_limited"
    elif said.get("error") == "expired":
        answer["reply"] = "expired"
    elif 400 <= status < 500 and said.get("check"):
        answer["reply"] = "refused"
    elif status >= 500:
        answer["reply"] = "error"
    for name, member in (("reason", "check"), ("message", "message")):
        if answer["reply"] != "ok" and isinstance(said.get(member), str):
            answer[name] = said[member]
    return answer


def status_is(*wanted):
    return lambda status, said: status in wanted


def says(member, *values):
    return lambda status, said: status < 300 and said.get(member) in values


def quoted(text):
    return urllib.parse.quote(str(text), safe="")


# Each verb, or half of one: method, path, body, what accepts it, and whether it is the administrator's.
SIGNED_IN = says("status", "signed-in")
CALLS = {
    "whoami": ("GET", "/api/session", None, lambda status, said: status == 200 and "pending" in said, False),
    "open_protected": ("GET", "/api/account", None, status_is(200), False),
    "sign_in": ("POST", "/api/session/password", ("user", "password"), SIGNED_IN, False),
    "sign_out": ("DELETE", "/api/session", None, status_is(200), False),
    "answer_with_key.begin": ("POST", "/api/session/key/options", (("user_verification", "userVerification"),), status_is(200), False),
    "answer_with_key.finish": ("POST", "/api/session/key", "credential", SIGNED_IN, False),
    "answer_with_totp": ("POST", "/api/session/totp", ("code", "user"), SIGNED_IN, False),
    "register_key.begin": ("POST", "/api/keys/options", ("label",), status_is(200), False),
    "register_key.finish": ("POST", "/api/keys", ("label", "credential", "user"), status_is(201), False),
    "list_keys": ("GET", "/api/keys", None, status_is(200), False),
    "rename_key": ("PATCH", "/api/keys/{key}", ("label",), status_is(200), False),
    "delete_key": ("DELETE", "/api/keys/{key}", None, status_is(200), False),
    "enrol_totp.begin": ("POST", "/api/totp/options", (), status_is(200), False),
    "enrol_totp.finish": ("POST", "/api/totp", ("code",), status_is(200), False),
    "create_user": ("POST", "/api/admin/users", ("user", "password", "mail", "policy"), status_is(201), True),
    "set_policy": ("PUT", "/api/admin/users/{user}/policy", "policy", status_is(200), True),
    "delete_user": ("DELETE", "/api/admin/users/{user}", None, status_is(200), True),
    "admin_register_key.begin": ("POST", "/api/admin/users/{user}/keys/options", ("label",), status_is(200), True),
    "admin_register_key.finish": ("POST", "/api/admin/users/{user}/keys", ("label", "credential"), status_is(201), True),
    "admin_delete_key": ("DELETE", "/api/admin/users/{user}/keys/{key}", None, status_is(200), True),
    "reset_enrolment": ("POST", "/api/admin/users/{user}/enrolment", (), status_is(200), True),
    "read_clock": ("GET", "/api/clock", None, status_is(200), False),
    "advance_clock": ("POST", "/api/admin/clock", (("seconds", "advance"),), status_is(200), True),
}


def body_of(wanted, inputs):
    """A body of the inputs that there are: all of one, or some by name, perhaps under another."""
    if wanted is None or isinstance(wanted, str):
        return None if wanted is None else inputs[wanted]
    pairs = ((one, one) if isinstance(one, str) else one for one in wanted)
    return {to: inputs[name] for name, to in pairs if inputs.get(name) is not None}


def perform(asked):
    name, inputs = asked["verb"], asked["inputs"]
    if asked["half"] != "whole":
        name += "." + asked["half"]
    if name not in CALLS:
        raise Failed(f"this adapter does not answer {name}")
    method, path, wanted, accepted, admin = CALLS[name]
    path = path.format(**{name: quoted(value) for name, value in inputs.items()})
    status, said = call(asked, method, path, body_of(wanted, inputs), admin)
    answer = classified(status, said, accepted)
    if answer["reply"] == "ok":
        if "publicKey" in said:
            answer["options"] = said["publicKey"]
        members = ("user", "keys", "secret", "now")
        answer["captured"] = {name: said[name] for name in members if name in said}
    return answer


def write(message):
    with WRITING:
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()


def answers(asked):
    try:
        answer = perform(asked)
    except Failed as error:
        answer = {"failed": str(error)}
    except Exception as error:  # What is wrong with the adapter is never the portal's answer.
        print(f"{asked['verb']}: {error!r}", file=sys.stderr)
        answer = {"failed": type(error).__name__}
    write({"id": asked["id"], **answer})


def goes_wrong(option):
    if option == "--babbles-after":
        print("signing in, please wait", flush=True)
    else:
        print("no browser is left to drive", file=sys.stderr, flush=True)
        os._exit(9)


def main():
    global CONNECT
    option, after = (sys.argv[1], int(sys.argv[2])) if len(sys.argv) == 3 else (None, None)
    hello = json.loads(sys.stdin.readline())
    if hello["touchstone"] != 1:
        sys.exit(f"version {hello['touchstone']} of the protocol is not known here")
    CONNECT = hello["portal"]["connect"]
    SECRETS.update(hello["secrets"])
    write({"touchstone": 1, "name": "reference portal"})
    requests = 0
    for line in sys.stdin:
        message = json.loads(line)
        if "copied" in message:
            copied = message["copied"]
            JARS[copied["to"]] = dict(JARS.get(copied["visitor"], {}))
        elif "dropped" in message:
            JARS.pop(message["dropped"]["visitor"], None)
        else:
            requests += 1
            if requests == after:
                goes_wrong(option)
            threading.Thread(target=answers, args=(message,), daemon=True).start()


main()
