"""A key that is deleted between the password and the touch signs in.

deleted-credential/at-once · The keys of an account are read when the password is entered, and not again.
"""

from portal_visit import Key, Visitor, show


def story(base):
    alice, key = Visitor(base).signs_up(), Key()
    alice.adds(key)
    other = alice.another_session()
    other.gives_password()
    options = other.request_options()
    alice.script("/webauthn/delete", epoch=alice.keys()[0])
    other.answers_request(key.signs_in(options, other.origin))
    return not alice.keys() and other.whoami() == alice.name


show(story)
