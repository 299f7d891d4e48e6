"""A label is made of letters, digits, blanks and hyphens, and is cut to twenty characters.

registration/label · The portal's decision; the profile leaves two scenarios out for it.
"""

from portal_visit import Key, Visitor, show


def story(base):
    alice = Visitor(base).signs_up()
    refused = not alice.adds(Key(), label="<b>key</b>")
    taken = alice.adds(Key(), label="x" * 30)
    page = alice.send("/2fregisters").text
    return refused and taken and ">" + "x" * 20 + "<" in page


show(story)
