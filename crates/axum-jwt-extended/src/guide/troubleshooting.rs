//! # Troubleshooting
//!
//! ## An error answer
//!
//! `error` in the answer is the code, `msg` the sentence. More than one fault has the code `token_invalid`: an attacker need not know
//! which it was. The log does, at debug level: set `RUST_LOG=axum_jwt_extended=debug` with `tracing-subscriber`'s feature `env-filter`.
//!
//! | it says (kind, code, status) | cause | mend |
//! | --- | --- | --- |
//! | **Missing token**<br>[`TokenMissing`](ErrorKind::TokenMissing)<br>`token_missing`, 401 | There is no token in any of the places of `JWT_TOKEN_LOCATION`: the client did not send one, or with another word than `Bearer`; a proxy dropped the header; or the cookie is `Secure` and the page is not HTTPS, belongs to another host or path, or has ended. | Look at the request in the browser's network panel. Is there `Authorization` or `Cookie`? Is its place among `JWT_TOKEN_LOCATION`? Behind a path, see [deploying](super::deploying#behind-a-proxy). |
//! | **Malformed credentials**<br>[`RequestMalformed`](ErrorKind::RequestMalformed)<br>`request_malformed`, 400 | The header begins with `Bearer`, and what follows is not one token: nothing, or more than one word. | Send `Authorization: Bearer <token>`, with one space and without quotes. For another word there is `JWT_HEADER_TYPE`. |
//! | **The token is malformed**<br>[`MalformedToken`](ErrorKind::MalformedToken)<br>`token_invalid`, 401 | It is no token: cut off, quoted, `undefined`, or the JSON around it. | Send the text between the quotes, all three parts of it. `jwt-extended inspect` shows what it is. |
//! | **The token is too large**<br>[`TokenTooLarge`](ErrorKind::TokenTooLarge)<br>`token_invalid`, 401 | It is longer than `JWT_MAX_TOKEN_SIZE`. | Put less into it. A list of permissions belongs into a database. |
//! | **The token's algorithm is not allowed**<br>[`AlgorithmNotAllowed`](ErrorKind::AlgorithmNotAllowed)<br>`token_invalid`, 401 | Its `alg` is another than that of the key here: it was made by another service, or with other options, or forged (`none`). | The same `JWT_ALGORITHM` on both sides; `JWT_DECODE_ALGORITHMS` for more of the same kind of key. |
//! | **The token's key is not known**<br>[`UnknownKey`](ErrorKind::UnknownKey)<br>`token_invalid`, 401 | Its `kid` is that of no key here: the key was withdrawn, or it is another service's. | Log in anew. While [keys change](super::keys), keep the old one for checking. |
//! | **The token asks for an extension that is not supported**<br>[`UnsupportedCritical`](ErrorKind::UnsupportedCritical)<br>`token_invalid`, 401 | Its header has `crit`: whoever made it wants extensions understood that are not understood here. | Make it without. |
//! | **Signature verification failed**<br>[`InvalidSignature`](ErrorKind::InvalidSignature)<br>`token_invalid`, 401 | Another key has signed it: another secret in another environment or after a restart, a secret with a line break at its end, or it was changed. | The same key everywhere, and a lasting one. `JWT_SECRET_KEY=$(openssl rand ...)` in a start script makes all tokens void at each start. |
//! | **The token is not yet valid (nbf)**<br>[`NotYetValid`](ErrorKind::NotYetValid)<br>`token_invalid`, 401 | Its `nbf` lies in the future: the clocks differ. | NTP; `JWT_DECODE_LEEWAY=5s` for what remains. |
//! | **The token is not yet valid (iat)**<br>[`IssuedInTheFuture`](ErrorKind::IssuedInTheFuture)<br>`token_invalid`, 401 | Its `iat` lies in the future: the clocks differ. | The same. |
//! | **Token has expired**<br>[`TokenExpired`](ErrorKind::TokenExpired)<br>`token_expired`, 401 | Its time is over. That is no fault; it happens every quarter of an hour. | [Refresh it](super::refresh), as [this script](super::locations#the-browsers-side) does. |
//! | **The token lacks a claim**<br>[`MissingClaim`](ErrorKind::MissingClaim)<br>`token_invalid`, 401 | A claim that is asked for is not there: `sub`, `iss` or `aud`, or `jti` where a store is asked. Tokens of other libraries lack some. | The message names the claim. `JWT_REQUIRE_JTI=false` for tokens without `jti`. |
//! | **A claim of the token has the wrong form**<br>[`InvalidClaim`](ErrorKind::InvalidClaim)<br>`token_invalid`, 401 | A registered claim has the wrong JSON type or stands there twice; or your own claims do not fit the type of `AccessToken<Claims>`. | Make the field an `Option`, for tokens from before it existed. `JWT_STRICT_CLAIMS=false` for tokens of lax libraries. |
//! | **Invalid issuer**<br>[`InvalidIssuer`](ErrorKind::InvalidIssuer)<br>`token_invalid`, 401 | Its `iss` is not in `JWT_DECODE_ISSUER`. | Compare the two, to the letter and the last slash. |
//! | **Invalid audience**<br>[`InvalidAudience`](ErrorKind::InvalidAudience)<br>`token_invalid`, 401 | Its `aud` is none of `JWT_DECODE_AUDIENCE`; or it has one, and none is expected. | Set `JWT_DECODE_AUDIENCE` to what this service is called. |
//! | **Subject must be a string**<br>[`InvalidSubject`](ErrorKind::InvalidSubject)<br>`token_invalid`, 401 | Its `sub` is no text. | Tokens of older libraries have numbers: `JWT_VERIFY_SUB=false`. |
//! | **JWT ID must be a string**<br>[`InvalidTokenId`](ErrorKind::InvalidTokenId)<br>`token_invalid`, 401 | Its `jti` is no text. | Make it as RFC 7519 section 4.1.7 wants. |
//! | **The token is not meant for this part of the service**<br>[`WrongManager`](ErrorKind::WrongManager)<br>`token_invalid`, 401 | A manager of another [name](JwtManager::named) has made it. | The handler asks for another manager than the login used: `AccessToken<(), Partners>`. |
//! | **Wrong token type**<br>[`WrongTokenType`](ErrorKind::WrongTokenType)<br>`wrong_token_type`, 401 | A refresh token where an access token is wanted, or the other way round. | Send the other one. Nearly always the client has mixed them up. |
//! | **Fresh token required**<br>[`FreshTokenRequired`](ErrorKind::FreshTokenRequired)<br>`fresh_token_required`, 401 | The route wants a [fresh](super::freshness) token, and this one is refreshed, too old, or was made without `.fresh(true)`. | Ask for the password. In the login: `.fresh(true)`. |
//! | **Missing CSRF token**<br>[`CsrfMissing`](ErrorKind::CsrfMissing)<br>`csrf_missing`, 403 | The token came by cookie, the request changes something, and the CSRF header is not there. | Send the cookie `csrf_access_token` as the header `X-CSRF-TOKEN`: [how](super::cookies). For a form: `JWT_CSRF_CHECK_FORM` and [`JwtManager::body_layer`]. |
//! | **CSRF double submit tokens do not match**<br>[`CsrfMismatch`](ErrorKind::CsrfMismatch)<br>`csrf_mismatch`, 403 | The value is another than the token's: of an earlier login, or of the refresh token where the access token's is wanted. | Read the cookie right before each request. At the refresh route it is `csrf_refresh_token`. |
//! | **Token has been revoked**<br>[`TokenRevoked`](ErrorKind::TokenRevoked)<br>`token_revoked`, 401 | It was revoked: by a logout, a logout everywhere, or because a refresh token was used twice. | Log in anew. In the log, `refresh_token_reuse` tells of the last case; see [rotation](super::refresh#good-once-rotation). |
//! | **User claims verification failed**<br>[`ClaimsRejected`](ErrorKind::ClaimsRejected)<br>`claims_rejected`, 403 | [`verify_claims`](JwtManagerBuilder::verify_claims) or a check of your own said no. | That is yours to say. |
//! | **The token does not carry the scope or role that this needs**<br>[`InsufficientScope`](ErrorKind::InsufficientScope)<br>`insufficient_scope`, 403 | The token lacks the scope or role. | Scopes are compared whole, and by case. Tokens keep the roles of the time when they were made: log in anew. |
//! | **The token's user does not exist**<br>[`UserNotFound`](ErrorKind::UserNotFound)<br>`user_not_found`, 401 | [`LoadUser`] found nobody. | The user is gone; or `identity_as` reads another type than the login wrote. |
//! | **The token cannot be checked at the moment**<br>[`StoreUnavailable`](ErrorKind::StoreUnavailable)<br>`store_unavailable`, 503 | The store, your blocklist or your user database failed or was too slow. What it was is in the log, not in the answer. | Mend that. The client comes again after `Retry-After`. |
//! | **The token could not be made**<br>[`TokenNotCreated`](ErrorKind::TokenNotCreated)<br>`token_not_created`, 500 | There is only a public key; a claim has a [registered name](super::claims#putting-them-in) or cannot be JSON; or `refresh_access_token` with rotation on, where it has to be `rotate`. | The log has the reason. |
//! | **The application is misconfigured**<br>[`Misconfigured`](ErrorKind::Misconfigured)<br>`misconfigured`, 500 | Something only shows in a request: a place `json` without [`JwtManager::body_layer`], revoking without a store, a session revoked of a token without one. | The log has the reason. |
//!
//! Sentences can be more exact than these, and name the place or the claim: "Missing Authorization Header", "Missing claim: jti".
//!
//! ## It does not start
//!
//! A [`ConfigError`] names the option, what is wrong with it and what mends it, and all faults at once. Those that are met most:
//!
//! | it says | do |
//! | --- | --- |
//! | `JWT_SECRET_KEY is not set, and HS256 needs it` | `export JWT_SECRET_KEY=$(openssl rand -base64 48)`, kept somewhere, so that it is the same at the next start. If it is there: `Config::builder().build()` does not look at the environment; `env_config(builder)` does |
//! | `JWT_SECRET_KEY cannot be used` | it is too short: 32 bytes for HS256, 64 for HS512. A word is no secret |
//! | `JWT_PRIVATE_KEY cannot be used` | it is a PEM of another kind than `JWT_ALGORITHM` needs, or is encrypted |
//! | `JWT_... is given twice` | the variable and its `_FILE` form are set; unset one |
//! | `JWT_REFRESH_ROTATION is on, and there is no store` | `.store(...)` on the builder; with `from_env` alone there is none |
//! | `JWT_COOKIE_SAMESITE is None while JWT_COOKIE_SECURE is off` | browsers drop such cookies; use HTTPS, or `Lax` |
//!
//! ## It starts, and logs a diagnostic
//!
//! | code | means |
//! | --- | --- |
//! | `configuration` | the Flask preset takes an option that browsers or RFCs would not have; the message is the native preset's error |
//! | `store_ignored` | `JWT_STORE_URL` or its like is set, and the manager has no store: open it, and hand it to the builder with `.store(...)` |
//! | `no_store` | no token can be revoked before it ends. Fine, where tokens are short; see [logging out](super::revocation) |
//! | `query_string` | tokens in addresses end up in logs |
//! | `access_never_expires` | `JWT_ACCESS_TOKEN_EXPIRES=false` |
//! | `access_long_lived` | access tokens live for more than a day; refresh them instead |
//! | `refresh_never_expires` | `JWT_REFRESH_TOKEN_EXPIRES=false` |
//! | `rotation_grace` | `JWT_REFRESH_ROTATION_GRACE` is more than a minute, for which a theft goes unnoticed |
//! | `no_sessions` | `JWT_SESSION_LIFETIME` without `JWT_SESSION_CLAIMS`: nobody knows when a session began |
//! | `leeway` | `JWT_DECODE_LEEWAY` is more than five minutes |
//! | `lax_checks` | some strictness is off; the Flask preset's default |
//! | `verify_only` | there is no key to make tokens with. Fine for a service that only checks |
//! | `cookie_not_secure` | cookies travel over plain HTTP. Never in production |
//! | `csrf_off` | any page of the world can act for your users |
//! | `csrf_methods` | a method that changes something needs no CSRF value |
//! | `samesite_unset` | each browser has a default of its own |
//! | `samesite_none` | cookies go along with requests from every site |
//! | `cookie_domain` | every host below the domain gets the tokens |
//!
//! `JWT_... is not an option; did you mean ...?` is a misspelt name: the option that was meant has its default.
//!
//! ## Questions
//!
//! **The login works, and the next request has no token.** The cookie was not kept or not sent. It is `Secure` and the page is `http://` of another
//! host than localhost; or the page is on another site than the API; or `fetch` was called without `credentials: "include"` across origins.
//! The browser's storage panel shows whether it is there.
//!
//! **All tokens are bad after a restart.** The secret is made anew at each start. Keep it.
//!
//! **It works here, and is `token_invalid` there.** Two instances with different secrets, or one has a line break at its end: of a file one line
//! end is dropped, of a variable none.
//!
//! **`GET` works, `POST` is 403.** CSRF: see [cookies](super::cookies).
//!
//! **A preflight (`OPTIONS`) is 401.** The handler has a bare extractor and takes any method. Put `CorsLayer` outside of the guards.
//!
//! **A path that does not exist is 401 instead of 404.** `layer` was used; guards belong into `route_layer`.
//!
//! **Somebody has logged out, and gets in.** Only one token was revoked ([`revoke`](JwtManager::revoke)), and the other one makes new ones:
//! [`revoke_session`](JwtManager::revoke_session). Or there are two processes with a [`MemoryStore`](store::MemoryStore) each.
//!
//! **A token is refused right after `revoke_all`.** It was made within the same second. Hand its session to
//! [`keep`](RevokeAll::keep).
//!
//! **Everybody is logged out now and then, with rotation on.** A client that sends the old refresh token later than the grace: two tabs that
//! each keep a copy, or a client that does not save the new one before it goes on. Let one place refresh, and save first.
//!
//! **How do I log somebody out whose token I do not have?** [`revoke_all`](JwtManager::revoke_all) with the identity.
//!
//! **Can I encrypt the claims?** No. Put an id into the token, and the secret into a database.
//!
//! **How do I see what is in a token?** `jwt-extended inspect` of `jwt-extended-cli`. Do not paste tokens into web pages.
//!
//! **Which runtime?** Extractors and layers run wherever axum does. A tokio timer bounds the wait for a store.

use crate::*;
