"""A key's label may be five thousand characters long and turn the reading direction round.

registration/label · A label is shown to its owner, in lists and in mails; sixty-four plain characters
are enough to tell two keys apart.
"""

from portal_visit import KEYS, Key, Visitor, show


def story(base):
    alice, label = Visitor(base).signs_up(), "x" * 5000 + "\u202e"
    alice.adds(Key(), label)
    return label in alice.send(KEYS).text


show(story)
