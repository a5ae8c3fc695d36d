# Answers checks with pyspf, from the zone given on standard input.
import json
import sys

import spf

given = json.load(sys.stdin)


def lookup(name, qtype, strict=True, timeout=None):
    key = name.lower().rstrip(".")
    for value in given["zone"].get(key, {}).get(qtype, []):
        if qtype == "TXT":
            value = [value.encode()]
        elif qtype == "MX":
            value = (10, value)
        yield (key, qtype), value


spf.DNSLookup = lookup
json.dump([spf.check2(i=ip, s=sender, h="mail.example") for ip, sender in given["checks"]], sys.stdout)
