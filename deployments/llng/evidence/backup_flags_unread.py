"""A key that says it is backed up and not eligible for it registers and signs in, and one whose
eligibility changes signs in.

registration/backup-flags, authentication/backup-flags, authentication/backup-eligibility · WebAuthn L3 §6.1.3,
§7.1, §7.2: BS needs BE, and BE never changes.
"""

from portal_visit import ATTESTED, BACKED_UP, ELIGIBLE, PRESENT, Key, Visitor, show


def story(base):
    alice = Visitor(base).signs_up()
    plain, eligible = Key(), Key()
    taken = alice.adds(Key(), flags=PRESENT | ATTESTED | BACKED_UP)
    registered = alice.adds(plain) and alice.adds(eligible, flags=PRESENT | ATTESTED | ELIGIBLE)
    return (
        taken
        and registered
        and alice.finishes_with(plain, flags=PRESENT | BACKED_UP)
        and alice.finishes_with(plain, flags=PRESENT | ELIGIBLE)
        and alice.finishes_with(eligible, flags=PRESENT)
    )


show(story)
