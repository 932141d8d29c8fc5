"""Refuses an engine that is not of these files' version, before anything relies on it.

pip installs both at once, but layers of folders on a path can mix what belongs apart.
"""

ENGINE = "0.1.0"

_ADVICE = "Run `python -m flask_jwt_extended_rs doctor`, which says what to do."

try:
    from flask_jwt_extended_rs import _engine
except ImportError as error:
    raise ImportError(
        f"The engine of flask_jwt_extended does not load: {error}. {_ADVICE}"
    ) from error

if _engine.__version__ != ENGINE:
    raise ImportError(
        f"flask_jwt_extended needs its engine of version {ENGINE}, and the one that Python finds is of "
        f"version {_engine.__version__} ({_engine.__file__}). {_ADVICE}"
    )
