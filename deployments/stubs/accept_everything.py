"""A portal that takes whatever is sent as the answer to a ceremony: accept_everything.py PORT

A suite that finds nothing wrong here looks at nothing.
"""

from tiny_portal import Accounts, serve

serve(Accounts(takes_answers=True))
