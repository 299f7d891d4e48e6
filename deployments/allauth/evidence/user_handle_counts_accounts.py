"""The user handle is the account's row number: who signs up learns how many accounts there are, and
which numbers others have.

registration/handle-random · WebAuthn L3 §14.6.1: a user handle is a random value.
"""

from portal_visit import Visitor, decoded, show


def story(base):
    numbers = []
    for _ in range(2):
        options = Visitor(base).signs_up().creation_options()
        numbers.append(int(decoded(options["user"]["id"]).decode(), 36))
    return 0 < numbers[1] - numbers[0] < 50


show(story)
