//! # Where tokens travel
//!
//! `JWT_TOKEN_LOCATION` names the places where a request's token is looked for, in order. Without it
//! there is one: headers.
//!
//! | place | a request sends | good for |
//! | --- | --- | --- |
//! | `headers` | `Authorization: Bearer <token>` | APIs, mobile applications, other services |
//! | `cookies` | cookies, and a CSRF value in a header | web pages of your own site |
//! | `json` | a field `access_token` (or `refresh_token`) of a JSON body | clients that cannot set headers |
//! | `query_string` | `?jwt=<token>` | nothing, if you can help it |
//!
//! The first place that has a token counts. If that token is bad, the request is refused; no other place
//! is asked.
//!
//! **A web page of your own: cookies.** A script can read whatever it can store, and so can a script that an
//! attacker got into your page. The token's cookie is `HttpOnly`: no script can read it at all. See
//! [cookies and CSRF](super::cookies).
//!
//! **Anything else: headers.** A page of another origin than the API's, a mobile application and a service
//! send the header themselves.
//!
//! **The query string** ends up in logs, histories and `Referer` headers. `JWT_TOKEN_LOCATION` with
//! `query_string` is therefore logged as a risk when the application starts. Where nothing else is possible, as
//! with a download link, make a token of a minute: `.expires_in(Duration::from_secs(60))`.
//!
//! ## The browser's side
//!
//! With cookies, the browser sends the token by itself. A script adds the CSRF value:
//!
//! ```js
//! function csrf(kind = "access") {
//!   const pair = document.cookie.split("; ").find((it) => it.startsWith(`csrf_${kind}_token=`));
//!   return pair ? pair.slice(pair.indexOf("=") + 1) : "";
//! }
//!
//! async function send(path, options = {}, kind = "access") {
//!   const headers = { ...options.headers, "X-CSRF-TOKEN": csrf(kind) };
//!   return fetch(path, { ...options, headers, credentials: "same-origin" });
//! }
//!
//! // A token that has expired is refreshed once, and the request is sent again.
//! async function call(path, options = {}) {
//!   let response = await send(path, options);
//!   if (response.status === 401 && (await response.clone().json()).error === "token_expired") {
//!     const refreshed = await send("/refresh", { method: "POST" }, "refresh");
//!     if (refreshed.ok) response = await send(path, options);
//!   }
//!   return response;
//! }
//! ```
//!
//! With headers, the script keeps the token and sends it. Keep it in a variable, not in `localStorage`,
//! which every script of the page can read for as long as it likes:
//!
//! ```js
//! let tokens = null;
//!
//! async function login(username, password) {
//!   const response = await fetch("/login", {
//!     method: "POST",
//!     headers: { "Content-Type": "application/json" },
//!     body: JSON.stringify({ username, password }),
//!   });
//!   if (!response.ok) throw new Error(`login failed: ${response.status}`);
//!   tokens = await response.json();
//! }
//!
//! async function call(path, options = {}) {
//!   const send = () =>
//!     fetch(path, {
//!       ...options,
//!       headers: { ...options.headers, Authorization: `Bearer ${tokens.access_token}` },
//!     });
//!   let response = await send();
//!   if (response.status === 401 && (await response.clone().json()).error === "token_expired") {
//!     const refreshed = await fetch("/refresh", {
//!       method: "POST",
//!       headers: { Authorization: `Bearer ${tokens.refresh_token}` },
//!     });
//!     if (refreshed.ok) {
//!       tokens = { ...tokens, ...(await refreshed.json()) };
//!       response = await send();
//!     }
//!   }
//!   return response;
//! }
//! ```
//!
//! ## One route, other places
//!
//! A layer, or a [`Policy`], takes places of its own:
//!
//! ```
//! use axum::{Router, routing::get};
//! use axum_jwt_extended::{JwtManager, Location};
//!
//! fn downloads(jwt: &JwtManager) -> Router<JwtManager> {
//!     Router::new()
//!         .route("/download", get(|| async { "the file" }))
//!         .route_layer(jwt.required().locations([Location::QueryString]))
//! }
//! ```
//!
//! ## JSON bodies
//!
//! Extractors look at the head of a request and leave the body to the handler. Tokens in JSON bodies
//! therefore need [`JwtManager::body_layer`] around the routes: it reads bodies of a fitting content type up
//! to 64 KiB, keeps what is needed, and hands every byte on. Without it a request is answered with 500, which names it.
//!
//! ## WebSockets, queues, and whatever is no request
//!
//! Browsers cannot set headers for a WebSocket. Cookies are sent with it; or send the token as the first
//! message, and check it with [`JwtManager::authenticate_token`]. [`VerifiedToken::expires_at`] tells when to look
//! again: a connection outlives its token.
//!
//! ## All four in one application
//!
#![doc = example!("jwt_locations")]
//!
//! Next: [cookies and CSRF](super::cookies).

use crate::*;
