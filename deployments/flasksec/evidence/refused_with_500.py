"""Malformed answers end in "Internal Server Error" instead of a refusal.

registration/backup-flags, registration/attestation-packed, authentication/backup-flags · Nothing is stored
and nobody signed in; what is missing is an answer.
"""

from portal_visit import ATTESTED, BACKED_UP, PRESENT, Key, Visitor, attested, show

STATEMENTS = {
    "an algorithm that is text": {"alg": "ES256"},
    "an algorithm that is another's": {"alg": -42},
    "a signature that is text": {"sig": "x"},
    "certificates that are text": {"x5c": "x"},
}


def story(base):
    alice, key, seen = Visitor(base).signs_up(), Key(), {}
    for name, statement in STATEMENTS.items():
        answer = attested(Key(), alice.begins_registration("key"), alice.origin, None, statement)
        seen[name] = alice.finishes_registration(answer).status
    seen["backed up, not eligible"] = alice.adds(Key(), flags=PRESENT | ATTESTED | BACKED_UP).status
    stored = alice.keys()
    alice.adds(key)
    visitor = alice.another_session()
    visitor.gives_password()
    answer = key.signs_in(visitor.begins_with_key(), visitor.origin, flags=PRESENT | BACKED_UP)
    seen["backed up, not eligible, at a sign-in"] = visitor.finishes_with_key(answer).status
    print(seen, stored)
    return set(seen.values()) == {500} and stored == [] and visitor.whoami() is None


show(story)
