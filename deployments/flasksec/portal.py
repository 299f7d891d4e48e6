"""A login portal made of Flask and Flask-Security-Too, in one file, for Touchstone to be run against.

It is a real portal with the least of our own around it: password, security key, passkey, TOTP,
recovery codes and a mailed reset link are all Flask-Security's. What is ours is the configuration
below, and `/whoami`. Nothing survives a stop: the database lives in a directory made at start.

Environment (README.md says more):
  PORT                where to listen on 127.0.0.1 (8102)
  VAR                 the directory under which the run's own directory is made (the system's)
  SMTP_PORT           send each mail to 127.0.0.1 at this port; without it mail is dropped
  HOSTS               further host names to answer to, separated by commas
  DETAILED_RESPONSES  1: the known-bad twin, which says whether an address has an account
  RESET_LIFETIME      seconds a mailed link lives (300)
"""

import logging
import os
import signal
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from flask import Flask, jsonify, redirect
from flask_mail import Mail
from flask_security import Security, SQLAlchemyUserDatastore, current_user
from flask_security.models import fsqla_v3
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import event
from waitress import serve

PORT = int(os.environ.get("PORT", "8102"))
RUN = tempfile.TemporaryDirectory(prefix="flasksec-", dir=os.environ.get("VAR") or None)
HERE = Path(RUN.name)


def switched_on(name):
    """Whether the switch `name` is set in the environment."""
    return os.environ.get(name, "") not in ("", "0")


def mail_settings():
    """Where mail goes: an SMTP listener of the suite, or nowhere."""
    port = os.environ.get("SMTP_PORT")
    return {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": int(port or 0), "MAIL_SUPPRESS_SEND": not port}


app = Flask(__name__)
app.config.update(
    SECRET_KEY=os.urandom(32).hex(),
    # Named hosts only: a forged Host header must not find its way into a mailed link.
    TRUSTED_HOSTS=["localhost", "127.0.0.1", *filter(None, os.environ.get("HOSTS", "").split(","))],
    SESSION_COOKIE_SAMESITE="Lax",
    SQLALCHEMY_DATABASE_URI=f"sqlite:///{HERE / 'db.sqlite3'}",
    # Each statement is its own transaction, and waits for its turn to write. As at a database server,
    # requests side by side then see what the others have written, instead of failing half-way.
    SQLALCHEMY_ENGINE_OPTIONS={"isolation_level": "AUTOCOMMIT", "connect_args": {"timeout": 30}},
    SECURITY_PASSWORD_SALT=os.urandom(16).hex(),
    # Flask-Security's own hash costs what thousands of sign-ins cannot pay. What is hashed are
    # generated passwords of accounts that live for minutes.
    SECURITY_PASSWORD_HASH="pbkdf2_sha256",
    SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS={"pbkdf2_sha256__default_rounds": 1000},
    # A reset link holds a hash of the password's hash, by default one that takes Python a second to make.
    SECURITY_HASHING_SCHEMES=["pbkdf2_sha256", "hex_md5"],
    SECURITY_TOTP_SECRETS={"1": os.urandom(32).hex()},
    SECURITY_TOTP_ISSUER="Portal",
    # Anyone may sign up, at once and without a mail: this is how the suite gets its accounts.
    SECURITY_REGISTERABLE=True,
    SECURITY_USE_REGISTER_V2=True,
    SECURITY_SEND_REGISTER_EMAIL=False,
    SECURITY_EMAIL_VALIDATOR_ARGS={"check_deliverability": False},
    SECURITY_EMAIL_SENDER="portal@localhost",
    SECURITY_RECOVERABLE=True,
    SECURITY_RESET_PASSWORD_WITHIN=timedelta(seconds=int(os.environ.get("RESET_LIFETIME", "300"))),
    SECURITY_CHANGEABLE=True,
    SECURITY_TWO_FACTOR=True,
    SECURITY_TWO_FACTOR_ENABLED_METHODS=["authenticator"],
    SECURITY_MULTI_FACTOR_RECOVERY_CODES=True,
    SECURITY_WEBAUTHN=True,
    # By default a registration may take half an hour, though the browser is told a minute.
    SECURITY_WAN_REGISTER_WITHIN=timedelta(minutes=1),
    SECURITY_RETURN_GENERIC_RESPONSES=not switched_on("DETAILED_RESPONSES"),
    # The token against forged requests in a cookie, for clients that speak JSON. Not `secure`: plain HTTP.
    SECURITY_CSRF_COOKIE_NAME="XSRF-TOKEN",
    SECURITY_CSRF_COOKIE={"samesite": "Lax", "secure": False},
    SECURITY_POST_LOGIN_VIEW="/",
    **mail_settings(),
)
Mail(app)
CSRFProtect(app)
db = SQLAlchemy(app)
fsqla_v3.FsModels.set_db_info(db)


class Role(db.Model, fsqla_v3.FsRoleMixin):
    """Flask-Security wants one; nobody here has any."""


class User(db.Model, fsqla_v3.FsUserMixin):
    """An account."""


class WebAuthn(db.Model, fsqla_v3.FsWebAuthnMixin):
    """A key of an account."""


Security(app, SQLAlchemyUserDatastore(db, User, Role, WebAuthn))


@app.get("/")
def home():
    """The page that a sign-in ends on; Flask-Security's own page of keys has a menu of all others."""
    return redirect("/wan-register" if current_user.is_authenticated else "/login")


@app.get("/whoami")
def whoami():
    """Who is signed in in this session: the one question that decides every verdict."""
    answer = jsonify(user=current_user.email if current_user.is_authenticated else None)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def make_database():
    """Readers do not wait for the writer (WAL)."""

    @event.listens_for(db.engine, "connect")
    def quickly(connection, _):
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=OFF")

    db.create_all()


def main():
    """Makes the database and serves until SIGTERM or Ctrl-C."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    logging.basicConfig(filename=HERE / "portal.log", level=logging.WARNING)
    with app.app_context():
        make_database()
    print(f"serving http://localhost:{PORT}/ · log and database in {HERE}", file=sys.stderr, flush=True)
    try:
        serve(app, host="127.0.0.1", port=PORT, threads=16, ident=None)
    finally:
        RUN.cleanup()


if __name__ == "__main__":
    main()
