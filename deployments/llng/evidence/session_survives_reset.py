"""A session that is open when the password is reset stays open.

reset/sessions · Whoever sits in it is not put out by the owner's new password. The portal's mail goes to SMTP_PORT,
where the script listens.
"""

from portal_visit import Post, Visitor, mailed_link, opened_form, sets_password, show


def story(base):
    alice = Visitor(base).signs_up()
    with Post() as post:
        link, visitor = mailed_link(alice, post), Visitor(base)
        set_anew = sets_password(visitor, link, opened_form(visitor, link), "another-Passw0rd")
    return set_anew and alice.whoami() == alice.name


show(story)
