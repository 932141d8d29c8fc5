"""JSON Web Tokens for Flask: the interface of Flask-JWT-Extended, on an engine written in Rust."""

# First, as the rest relies on it.

from . import _engine_version as _engine_version
from .jwt_manager import JWTManager as JWTManager
from .sessions import TokenPair as TokenPair
from .sessions import create_token_pair as create_token_pair
from .sessions import get_store as get_store
from .sessions import revoke_all_for as revoke_all_for
from .sessions import revoke_session as revoke_session
from .sessions import revoke_token as revoke_token
from .sessions import rotate_refresh_token as rotate_refresh_token
from .utils import create_access_token as create_access_token
from .utils import create_refresh_token as create_refresh_token
from .utils import current_user as current_user
from .utils import decode_token as decode_token
from .utils import get_csrf_token as get_csrf_token
from .utils import get_current_user as get_current_user
from .utils import get_jti as get_jti
from .utils import get_jwt as get_jwt
from .utils import get_jwt_header as get_jwt_header
from .utils import get_jwt_identity as get_jwt_identity
from .utils import get_jwt_request_location as get_jwt_request_location
from .utils import get_unverified_jwt_headers as get_unverified_jwt_headers
from .utils import set_access_cookies as set_access_cookies
from .utils import set_refresh_cookies as set_refresh_cookies
from .utils import unset_access_cookies as unset_access_cookies
from .utils import unset_jwt_cookies as unset_jwt_cookies
from .utils import unset_refresh_cookies as unset_refresh_cookies
from .view_decorators import jwt_required as jwt_required
from .view_decorators import verify_jwt_in_request as verify_jwt_in_request

# The version of Flask-JWT-Extended whose interface this is: public code compares it.
__version__ = "4.7.4"
