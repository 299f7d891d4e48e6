"""A key is refused where the portal's address has a port, and one that takes host and port for the RP id, as no
browser lets it, is taken.

registration/rp-id-hash · WebAuthn L3 §5.1.3: an RP id is a domain. The portal is called by the port that it listens on:
OWN_PORT=1.
"""

import os

from portal_visit import Key, Visitor, show


def story(base):
    port = os.environ["CONNECT"].rpartition(":")[2]
    alice = Visitor(f"{base}:{port}").signs_up()
    as_browsers_do = alice.adds(Key())
    options = alice.creation_options()
    options["rp"]["id"] += f":{port}"
    with_port = alice.answers_creation(Key().registers(options, alice.origin)).get("result") == 1
    print(f"host alone: {as_browsers_do}, host and port: {with_port}")
    return with_port and not as_browsers_do


show(story)
