"""Two keys that were registered in one second have one name, and deleting either deletes both.

deleted-credential/dead · The portal names a key by the second of its registration. No scenario looks for it: the
profile registers an account's keys a second apart.
"""

from portal_visit import Key, Visitor, show


def story(base):
    for _ in range(10):
        alice = Visitor(base).signs_up()
        alice.adds(Key())
        alice.adds(Key())
        names = alice.keys()
        if len(set(names)) == 1 and len(names) == 2:
            alice.script("/webauthn/delete", epoch=names[0])
            return not alice.keys()
    return False


show(story)
