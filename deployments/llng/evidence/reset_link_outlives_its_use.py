"""A reset link sets a second password when the form's hidden field `mail_token` was left out the first time,
in the body and in the address.

reset/once · The form's own token is spent, the mailed one only where the form sends it along. The portal's mail
goes to SMTP_PORT, where the script listens.
"""

from portal_visit import RESET, Post, Visitor, mailed_link, opened_form, sets_password, show


def story(base):
    alice = Visitor(base).is_made()
    with Post() as post:
        link, visitor = mailed_link(alice, post), Visitor(base)
        inputs = opened_form(visitor, link)
        del inputs["mail_token"]
        first = sets_password(visitor, RESET, inputs, "first-Passw0rd")
        again = Visitor(base)
        second = opened_form(again, link)
        return bool(first and second and sets_password(again, link, second, "second-Passw0rd"))


show(story)
