"""Who asks for a reset twice is mailed one link twice.

reset/token, reset/newest · A request while a link is alive does not replace it. The portal's mail goes to SMTP_PORT,
where the script listens.
"""

from portal_visit import Post, Visitor, mailed_link, show


def story(base):
    alice = Visitor(base).is_made()
    with Post() as post:
        return mailed_link(alice, post) == mailed_link(alice, post)


show(story)
