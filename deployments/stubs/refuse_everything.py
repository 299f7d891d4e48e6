"""A portal that refuses every answer to a ceremony, politely: refuse_everything.py PORT [--sign-in-too]

Sign-up, passwords and lists work; with `--sign-in-too` no password does either. A suite that calls
this portal sound takes a refusal for a check.
"""

import sys

from tiny_portal import Accounts, serve

serve(Accounts(takes_answers=False, signs_in="--sign-in-too" not in sys.argv))
