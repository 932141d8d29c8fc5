"""`python -m flask_jwt_extended_rs`."""

from flask_jwt_extended_rs.doctor import main

raise SystemExit(main())
