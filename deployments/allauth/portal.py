"""A login portal made of Django and django-allauth, in one file, for Touchstone to be run against.

It is a real portal with the least of our own around it: password, security key, passkey, TOTP,
recovery codes and a mailed reset link are all allauth's. What is ours is the configuration below, a
home page, and `/whoami`. Nothing survives a stop: the database lives in a directory made at start.

Environment (README.md says more):
  PORT             where to listen on 127.0.0.1 (8101)
  VAR              the directory under which the run's own directory is made (the system's)
  SMTP_PORT        send each mail to 127.0.0.1 at this port; without it mail is dropped
  HOSTS            further host names to answer to, separated by commas
  INSECURE_ORIGIN  1: the known-bad twin, which takes a ceremony made on any origin
  RATE_LIMITS      1: allauth's own limits, which are off by default
  RESET_LIFETIME   seconds a mailed link lives (300)
  TOTP_TOLERANCE   time steps accepted before and after the current one (0, allauth's default)
"""

import os
import signal
import sys
import tempfile
from pathlib import Path

PORT = int(os.environ.get("PORT", "8101"))
RUN = tempfile.TemporaryDirectory(prefix="allauth-", dir=os.environ.get("VAR") or None)
HERE = Path(RUN.name)


def switched_on(name):
    """Whether the switch `name` is set in the environment."""
    return os.environ.get(name, "") not in ("", "0")


def mail_settings():
    """Where mail goes: an SMTP listener of the suite, or nowhere."""
    if port := os.environ.get("SMTP_PORT"):
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": int(port),
            "EMAIL_TIMEOUT": 10,
        }
    return {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}


def limit_settings():
    """allauth's limits count per address and would stop a suite that comes from one address."""
    if switched_on("RATE_LIMITS"):
        return {}
    return {"ACCOUNT_RATE_LIMITS": False, "MFA_RATE_LIMITS": False}


from django.conf import settings  # noqa: E402

settings.configure(
    # Off, so that an exception is a bare 500 here as it would be in production.
    DEBUG=False,
    SECRET_KEY=os.urandom(32).hex(),
    # Named hosts only: a forged Host header must not find its way into a mailed link.
    ALLOWED_HOSTS=["localhost", "127.0.0.1", *filter(None, os.environ.get("HOSTS", "").split(","))],
    ROOT_URLCONF=__name__,
    WSGI_APPLICATION=None,
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "django.contrib.staticfiles",
        "django.contrib.humanize",
        "allauth",
        "allauth.account",
        "allauth.mfa",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
        "allauth.account.middleware.AccountMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
    AUTHENTICATION_BACKENDS=[
        "django.contrib.auth.backends.ModelBackend",
        "allauth.account.auth_backends.AuthenticationBackend",
    ],
    # Requests come eight and more at once: readers do not wait for the writer (WAL), and a writer
    # takes its lock at the start and waits for it instead of failing half-way.
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": HERE / "db.sqlite3",
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "timeout": 30,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;",
            },
        }
    },
    # Used TOTP codes are remembered here. One process, so one memory; large enough that none is
    # thrown out before its time.
    CACHES={
        "default": {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "OPTIONS": {"MAX_ENTRIES": 1_000_000},
        }
    },
    # The default costs half a second a sign-in, which thousands of sign-ins cannot pay. What is
    # hashed are generated passwords of accounts that live for minutes.
    PASSWORD_HASHERS=[f"{__name__}.QuickHasher"],
    LOGGING={
        "version": 1,
        "disable_existing_loggers": False,
        "handlers": {"file": {"class": "logging.FileHandler", "filename": HERE / "portal.log"}},
        "root": {"handlers": ["file"], "level": "WARNING"},
        "loggers": {"django": {"handlers": ["file"], "level": "WARNING", "propagate": False}},
    },
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    DEFAULT_FROM_EMAIL="portal@localhost",
    LOGIN_REDIRECT_URL="/",
    STATIC_URL="/static/",
    USE_TZ=True,
    # Anyone may sign up, at once: this is how the suite gets its accounts.
    ACCOUNT_SIGNUP_FIELDS=["username*", "email*", "password1*", "password2*"],
    ACCOUNT_LOGIN_METHODS={"username", "email"},
    ACCOUNT_EMAIL_VERIFICATION="none",
    MFA_ALLOW_UNVERIFIED_EMAIL=True,
    MFA_SUPPORTED_TYPES=["totp", "webauthn", "recovery_codes"],
    MFA_PASSKEY_LOGIN_ENABLED=True,
    MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN=switched_on("INSECURE_ORIGIN"),
    MFA_TOTP_TOLERANCE=int(os.environ.get("TOTP_TOLERANCE", "0")),
    PASSWORD_RESET_TIMEOUT=int(os.environ.get("RESET_LIFETIME", "300")),
    **mail_settings(),
    **limit_settings(),
)

import django  # noqa: E402

django.setup()

from django.contrib.auth.hashers import PBKDF2PasswordHasher  # noqa: E402
from django.contrib.staticfiles.views import serve as static_file  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.http import HttpResponse, JsonResponse  # noqa: E402
from django.template import engines  # noqa: E402
from django.urls import include, path  # noqa: E402
from django.views.decorators.cache import never_cache  # noqa: E402


class QuickHasher(PBKDF2PasswordHasher):
    """Django's own hash, with the few rounds that throw-away accounts need."""

    algorithm = "pbkdf2_sha256_quick"
    iterations = 1000


HOME = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Portal</title></head><body>
{% if user.is_authenticated %}<h1>Signed in as <span id="user">{{ user.username }}</span></h1>
<p><a href="/accounts/2fa/">Two-factor authentication</a>
<a href="/accounts/2fa/webauthn/">Security keys</a>
<a href="/accounts/password/change/">Change password</a></p>
<form method="post" action="/accounts/logout/">{% csrf_token %}<button>Sign Out</button></form>
{% else %}<h1>Nobody is signed in</h1>
<p><a href="/accounts/login/">Sign In</a> <a href="/accounts/signup/">Sign Up</a></p>{% endif %}
</body></html>
"""


@never_cache
def home(request):
    """The page that a sign-in ends on."""
    return HttpResponse(engines["django"].from_string(HOME).render({}, request))


@never_cache
def whoami(request):
    """Who is signed in in this session: the one question that decides every verdict."""
    user = request.user
    return JsonResponse({"user": user.get_username() if user.is_authenticated else None})


urlpatterns = [
    path("", home),
    path("whoami", whoami),
    path("accounts/", include("allauth.urls")),
    # The key's scripts. `insecure` lifts the rule that Django serves files in debug mode only.
    path("static/<path:path>", static_file, {"insecure": True}),
]


def main():
    """Makes the database and serves until SIGTERM or Ctrl-C."""
    from waitress import serve

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    # The settings name this file as a module; started as a program it is `__main__`.
    call_command("migrate", verbosity=0)
    print(f"serving http://localhost:{PORT}/ · log and database in {HERE}", file=sys.stderr, flush=True)
    try:
        serve(get_wsgi_application(), host="127.0.0.1", port=PORT, threads=16, ident=None)
    finally:
        RUN.cleanup()


if __name__ == "__main__":
    main()
