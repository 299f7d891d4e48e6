"""A key of alice's that the options did not list signs in.

authentication/credential · WebAuthn L3 §7.2: the credential is one of those that were asked for. The keys
are looked up when the answer comes, so that one registered in between counts.
"""

from portal_visit import FACTOR, Key, person_with_key, show


def story(base):
    alice, _ = person_with_key(base)
    there = alice.another_session()
    there.gives_password()
    options = there.options(FACTOR)
    late = Key()
    alice.registers(late)
    listed = [one["id"] for one in options["allowCredentials"]]
    there.send(FACTOR, body=late.signs_in(options, there.origin, counter=1))
    return late.envelope({})["id"] not in listed and there.whoami() == alice.name


show(story)
