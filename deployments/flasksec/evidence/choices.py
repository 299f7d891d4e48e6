"""What the portal chooses: a second factor is told not to verify its user, a label is made of letters,
digits, dashes, low lines and blanks, and nobody begins to sign in where somebody is signed in.

authentication/flags, registration/label, login/passwordless · Declared in the profile, and shown here.
"""

from portal_visit import Key, Visitor, show


def story(base):
    alice, visitor = Visitor(base).signs_up(), Visitor(base)
    alice.adds(Key())
    visitor.mail, visitor.password = alice.mail, alice.password
    visitor.gives_password()
    verification = visitor.begins_with_key()["userVerification"]
    markup = alice.posts("/wan-register", name="<b>", usage="secondary")
    begun = alice.posts("/wan-signin")
    print(verification, markup, begun)
    return (verification, markup.status, begun.status) == ("discouraged", 400, 400)


show(story)
