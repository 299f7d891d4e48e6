"""crossOrigin and topOrigin of the client data are not looked at.

registration/cross-origin, authentication/cross-origin · WebAuthn L3 §7.1, §7.2.
"""

from portal_visit import Key, Visitor, show

FRAMED = [
    {"crossOrigin": True},
    {"topOrigin": "https://evil.example"},
    {"crossOrigin": True, "topOrigin": "https://evil.example"},
]


def story(base):
    alice, key = Visitor(base).signs_up(), Key()
    registered = [alice.adds(Key(), client=client).status for client in FRAMED]
    alice.adds(key)
    entered = [alice.another_session().enters_with(key, client=client) for client in FRAMED]
    print(registered, entered)
    return registered == [200] * 3 and all(entered)


show(story)
