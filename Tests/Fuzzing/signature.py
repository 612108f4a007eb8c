"""signature.py PDF FILE: writes the CMS message of a signed PDF, without the zeros behind it."""

import re
import sys

digits = re.search(rb"/Contents\s*<([0-9a-fA-F]+)>", open(sys.argv[1], "rb").read())
message = bytes.fromhex(digits[1].decode())
size = 4 + int.from_bytes(message[2:4], "big")
open(sys.argv[2], "wb").write(message[:size])
