"""One mailed link, finished in several browsers at once, sets several passwords.

reset/once · Which factor is asked for makes no difference: this is the script of Canaille with keys.
"""

import runpy

from portal_visit import KEYS

runpy.run_path(str(KEYS / "reset_link_raced.py"))
