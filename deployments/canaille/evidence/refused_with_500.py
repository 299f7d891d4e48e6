"""Malformed registrations and sign-ins end in a 500, a registration by nobody as well, and one whose
credential id is known already.

registration/envelope, authentication/envelope, registration/backup-flags, authentication/backup-flags,
registration/algorithm, registration/public-key, registration/signed-in, registration/credential-unique · They
are refused all the same; but the portal falls over where it should say no.
"""

from portal_visit import ADD, ATTESTED, BACKED_UP, FACTOR, PRESENT, Key, Visitor, person_with_key, show

# What an envelope lacks, or holds instead; of the response where it begins with a point.
BOTH = [("response", None), ("response", "text"), ("id", None), ("id", 7), ("type", None), ("type", 7)]
BOTH += [("type", "password"), (".clientDataJSON", None), (".clientDataJSON", 7)]
REGISTRATION = [*BOTH, ("rawId", None), (".attestationObject", None), (".attestationObject", 7)]
SIGN_IN = [*BOTH, (".authenticatorData", None), (".authenticatorData", 7), (".signature", None), (".signature", 7)]
SIGN_IN += [(".userHandle", 7)]


def changed(envelope, member, value):
    """The envelope with one member absent, or something else."""
    inside = member.startswith(".")
    place = envelope["response"] if inside else envelope
    place.pop(member.lstrip("."), None)
    if value is not None:
        place[member.lstrip(".")] = value
    return envelope


def registration_falls(alice, credential):
    """Whether a registration that is sent ends in a 500, and stores nothing."""
    before = alice.keys()
    answer = alice.send(ADD, body={"credential": credential(alice.options(ADD))})
    return answer.status == 500 and alice.keys() == before


def sign_in_falls(alice, credential):
    """Whether a sign-in ends in a 500, and signs nobody in."""
    other = alice.another_session()
    other.gives_password()
    answer = other.send(FACTOR, body=credential(other.options(FACTOR)))
    return answer.status == 500 and other.whoami() is None


def story(base):
    alice, first = person_with_key(base)
    origin, flags = alice.origin, PRESENT | BACKED_UP
    fell = {}
    for change in REGISTRATION:
        fell["registration", *change] = registration_falls(
            alice, lambda options: changed(Key().registers(options, origin), *change)
        )
    for change in SIGN_IN:
        fell["sign-in", *change] = sign_in_falls(
            alice, lambda options: changed(first.signs_in(options, origin, counter=1), *change)
        )
    key = Key()
    absent = {name: {k: v for k, v in key.cose().items() if k != member} for name, member in (("alg", 3), ("y", -3))}
    for name, cose in absent.items():
        fell["public key without", name] = registration_falls(alice, lambda o: key.registers(o, origin, cose=cose))
    fell["backed up"] = registration_falls(alice, lambda o: Key().registers(o, origin, flags=flags | ATTESTED))
    fell["backed up now"] = sign_in_falls(alice, lambda o: first.signs_in(o, origin, flags=flags, counter=1))
    fell["known id"] = registration_falls(alice, lambda options: first.registers(options, origin))
    nobody = Visitor(base)
    fell["nobody"] = nobody.send(ADD).status == 500 and nobody.send(ADD, body={"credential": {}}).status == 500
    print([what for what, held in fell.items() if not held] or "all fell over")
    return all(fell.values())


show(story)
