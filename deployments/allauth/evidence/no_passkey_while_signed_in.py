"""Where somebody is signed in, the sign-in with a passkey gives no options: the answer points home.

login/passwordless · Who else wants to sign in at that browser signs the other out first: declared in
the profile, and shown here.
"""

import json

from portal_visit import PASSKEY, Visitor, show


def story(base):
    alice = Visitor(base).signs_up()
    answer = alice.send(PASSKEY, headers={"X-Requested-With": "XMLHttpRequest"})
    return json.loads(answer.text) == {"location": "/"}


show(story)
