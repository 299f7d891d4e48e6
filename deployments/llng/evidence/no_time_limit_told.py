"""A challenge has a limit of two minutes, and the browser is not told.

browser-timeout/announced · WebAuthn L3 §5.4, §5.5: timeout.
"""

from portal_visit import Key, Visitor, show


def story(base):
    alice = Visitor(base).signs_up()
    if "timeout" in alice.creation_options() or not alice.adds(Key()):
        return False
    other = alice.another_session()
    other.gives_password()
    return "timeout" not in other.request_options()


show(story)
