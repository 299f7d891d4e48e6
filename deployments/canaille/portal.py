"""A login portal made of Canaille, for Touchstone to be run against.

Everything that a visitor meets is Canaille's own; ours is the configuration below and the server that
carries it. Nothing survives a stop: the database lives in a directory made at start.

Environment (README.md says more):
  PORT            where to listen on 127.0.0.1 (8105)
  VAR             the directory under which the run's own directory is made (the system's)
  SMTP_PORT       send each mail to 127.0.0.1 at this port; without it there is no mail, and no reset
  FACTORS         what a sign-in asks for, in this order (password,fido2)
  RESET_LIFETIME  seconds a mailed link lives (300)
  MAX_KEYS        how many keys an account may have (21, Canaille's default is 5)
  AS_SHIPPED      1: leave a request that fell over in the database session, as Canaille does
"""

import logging
import os
import signal
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

PORT = int(os.environ.get("PORT", "8105"))
RUN = tempfile.TemporaryDirectory(prefix="canaille-", dir=os.environ.get("VAR") or None)
HERE = Path(RUN.name)


def mail_settings():
    """Where mail goes: an SMTP listener of the suite, or nowhere."""
    if port := os.environ.get("SMTP_PORT"):
        return {"HOST": "127.0.0.1", "PORT": int(port), "FROM_ADDR": "portal@localhost"}
    return None


def configuration():
    """Canaille's settings; what is not here is as Canaille ships it."""
    return {
        "SECRET_KEY": os.urandom(32).hex(),
        "PREFERRED_URL_SCHEME": "http",
        # Named hosts only: with them, a reset is mailed as a link, and without them as six digits.
        "TRUSTED_HOSTS": ["localhost", "127.0.0.1"],
        "CANAILLE": {
            "DATABASE": "sql",
            "LANGUAGE": "en",
            "AUTHENTICATION_FACTORS": os.environ.get("FACTORS", "password,fido2").split(","),
            # Anyone may sign up, at once: this is how the suite gets its accounts.
            "ENABLE_REGISTRATION": True,
            "EMAIL_CONFIRMATION": False,
            "CAPTCHA_ENABLED": False,
            "OTP_LIFETIME": timedelta(seconds=int(os.environ.get("RESET_LIFETIME", "300"))),
            "FIDO_MAX_CREDENTIALS": int(os.environ.get("MAX_KEYS", "21")),
            "SMTP": mail_settings(),
        },
        "CANAILLE_SQL": {
            "DATABASE_URI": f"sqlite:///{HERE / 'db.sqlite3'}",
            # What is hashed are generated passwords of accounts that live for minutes.
            "PASSWORD_HASH_PARAMS": {"pbkdf2_sha512__rounds": 1000},
        },
    }


def prepare_database(connection, _):
    """Requests come eight at once: readers do not wait for the writer, and the disk is not waited for."""
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=OFF")


def roll_back(_):
    """Canaille leaves a request that fell over in its database session, and whoever comes next on that
    thread falls over as well. Here each request stands for itself."""
    from canaille.backends import Backend

    Backend.instance.teardown()


def main():
    """Makes the database and serves until SIGTERM or Ctrl-C."""
    from sqlalchemy import event
    from sqlalchemy.engine import Engine
    from waitress import serve

    import canaille

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    event.listen(Engine, "connect", prepare_database)
    app = canaille.create_app(config=configuration())
    if not os.environ.get("AS_SHIPPED"):
        app.teardown_request(roll_back)
    logging.getLogger().handlers = [logging.FileHandler(HERE / "portal.log")]
    print(f"serving http://localhost:{PORT}/ · log and database in {HERE}", file=sys.stderr, flush=True)
    try:
        serve(app, host="127.0.0.1", port=PORT, threads=16, ident=None)
    finally:
        RUN.cleanup()


if __name__ == "__main__":
    main()
