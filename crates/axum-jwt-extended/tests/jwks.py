"""A service that takes tokens by the keys that their issuer publishes, for
jwks.rs: the address of the keys as the argument, `algorithm token` on each line
of the input, the subject or the refusal on each line of the output.
"""

from __future__ import annotations

import sys

import jwt


def main() -> None:
    keys = jwt.PyJWKClient(sys.argv[1])
    for line in sys.stdin:
        algorithm, token = line.split()
        try:
            key = keys.get_signing_key_from_jwt(token)
            claims = jwt.decode(token, key, algorithms=[algorithm])
            print(claims["sub"], flush=True)
        except jwt.PyJWTError as error:
            print(type(error).__name__, flush=True)


if __name__ == "__main__":
    main()
