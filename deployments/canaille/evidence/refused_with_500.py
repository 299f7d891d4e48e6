"""Malformed registrations and sign-ins end in a 500, a registration by nobody as well, and one whose
credential id is known already.

registration/envelope, registration/envelope-strict, authentication/envelope, authentication/envelope-strict,
registration/backup-flags, authentication/backup-flags, registration/algorithm, registration/public-key,
registration/signed-in, registration/credential-unique · They are refused all the same; but the portal falls
over where it should say no. Honest answers that were put together in the same ways are taken before and after.
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


def takes_honest_ones(alice, key, counter):
    """Whether a registration and a sign-in are taken whose envelope was put together again."""
    other = alice.another_session()
    other.gives_password()
    honest = key.signs_in(other.options(FACTOR), other.origin, counter=counter)
    other.send(FACTOR, body=changed(honest, "type", "public-key"))
    stored = alice.stores(lambda options: changed(Key().registers(options, alice.origin), "type", "public-key"))
    return stored and other.whoami() == alice.name


def story(base):
    alice, first = person_with_key(base)
    origin, flags = alice.origin, PRESENT | BACKED_UP
    held = {"honest before": takes_honest_ones(alice, first, 1)}
    for change in REGISTRATION:
        held["registration", *change] = registration_falls(
            alice, lambda options: changed(Key().registers(options, origin), *change)
        )
    for change in SIGN_IN:
        held["sign-in", *change] = sign_in_falls(
            alice, lambda options: changed(first.signs_in(options, origin, counter=2), *change)
        )
    key = Key()
    absent = {name: {k: v for k, v in key.cose().items() if k != member} for name, member in (("alg", 3), ("y", -3))}
    for name, cose in absent.items():
        held["public key without", name] = registration_falls(alice, lambda o: key.registers(o, origin, cose=cose))
    held["backed up"] = registration_falls(alice, lambda o: Key().registers(o, origin, flags=flags | ATTESTED))
    held["backed up now"] = sign_in_falls(alice, lambda o: first.signs_in(o, origin, flags=flags, counter=2))
    held["known id"] = registration_falls(alice, lambda options: first.registers(options, origin))
    held["honest after"] = takes_honest_ones(alice, first, 2)
    nobody = Visitor(base)
    held["nobody"] = nobody.send(ADD).status == 500 and nobody.send(ADD, body={"credential": {}}).status == 500
    print([what for what, so in held.items() if not so] or "all fell over, and the honest did not")
    return all(held.values())


show(story)
