"""An answer whose type is not "public-key", and whose base64url is padded or has other characters in
it, registers a key and signs in.

registration/envelope, authentication/envelope · WebAuthn L3 §5.1 (RegistrationResponseJSON and
AuthenticationResponseJSON), and its definition of base64url: no padding, no other characters.
"""

from portal_visit import Key, Visitor, show


def loosened(answer):
    """Another type, padding, and blanks in the middle."""
    data = answer["response"]["clientDataJSON"]
    answer["type"] = "password"
    answer["response"]["clientDataJSON"] = data[:8] + "\n !" + data[8:] + "=" * (-len(data) % 4)
    return answer


def story(base):
    alice, key = Visitor(base).signs_up(), Key()
    alice.answers_creation(loosened(key.registers(alice.creation_options(), alice.origin)))
    registered = alice.keys() == 1

    again = alice.another_session()
    again.gives_password()
    again.answers_request(loosened(key.signs_in(again.request_options(), again.origin)))
    return registered and again.whoami() == alice.name


show(story)
