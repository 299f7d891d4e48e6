"""An answer without an id or a type, or of another type, and whose base64url is padded or has other
characters in it, registers a key and signs in.

registration/envelope-strict, authentication/envelope-strict · WebAuthn L3 §5.1 (RegistrationResponseJSON and
AuthenticationResponseJSON), and its definition of base64url: no padding, no other characters.
"""

from portal_visit import Key, Visitor, show


def loosened(answer):
    """Padding, and blanks in the middle."""
    data = answer["response"]["clientDataJSON"]
    answer["response"]["clientDataJSON"] = data[:8] + "\n !" + data[8:] + "=" * (-len(data) % 4)
    return answer


def padded(answer):
    """Both ids as base64 with padding."""
    answer["id"] += "=" * (-len(answer["id"]) % 4)
    return answer | {"rawId": answer["id"]}


def without(member):
    """The envelope lacks a member."""
    return lambda answer: {name: value for name, value in answer.items() if name != member}


def handle_seven(answer):
    """A number where the user handle stands."""
    return answer | {"response": answer["response"] | {"userHandle": 7}}


def of_type(other):
    """Another type, or what is none."""
    return lambda answer: answer | {"type": other}


LOOSE = [loosened, without("id"), without("type"), of_type(7), of_type("password")]
REGISTERED = [*LOOSE, padded]
SIGNED_IN = [*LOOSE, handle_seven]


def story(base):
    alice, key = Visitor(base).signs_up(), Key()
    for number, change in enumerate(REGISTERED, 1):
        key = Key()
        alice.answers_creation(change(key.registers(alice.creation_options(), alice.origin)))
        if alice.keys() != number:
            return False
    for change in SIGNED_IN:
        again = alice.another_session()
        again.gives_password()
        again.answers_request(change(key.signs_in(again.request_options(), again.origin)))
        if again.whoami() != alice.name:
            return False
    return True


show(story)
