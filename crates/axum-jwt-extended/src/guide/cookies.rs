//! # Cookies and CSRF
//!
//! For web pages of your own site, cookies are the right place for tokens: no script can read them.
//!
//! ```
//! use axum::{extract::State, response::IntoResponse};
//! use axum_jwt_extended::{Config, Error, JwtManager, Location, env_config};
//!
//! fn manager() -> Result<JwtManager, Box<dyn std::error::Error>> {
//!     let config = Config::builder().token_location([Location::Cookies]);
//! #   let config = config.secret_key("a-secret-of-at-least-32-random-bytes");
//!     Ok(JwtManager::new(env_config(config)?)) // all else, and JWT_SECRET_KEY, from the environment
//! }
//!
//! async fn login(State(jwt): State<JwtManager>) -> Result<impl IntoResponse, Error> {
//!     let pair = jwt.create_token_pair("anna").fresh(true).encode()?; // after checking a password
//!     Ok((jwt.set_cookies(&pair), "welcome"))
//! }
//!
//! async fn logout(State(jwt): State<JwtManager>) -> impl IntoResponse {
//!     (jwt.unset_cookies(), "bye")
//! }
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let jwt = manager()?;
//! # let pair = jwt.create_token_pair("anna").encode()?;
//! # let names: Vec<_> = jwt.set_cookies(&pair).into_iter().map(|cookie| cookie.name().to_owned()).collect();
//! # assert_eq!(names, ["access_token_cookie", "csrf_access_token", "refresh_token_cookie", "csrf_refresh_token"]);
//! # Ok(())
//! # }
//! ```
//!
//! [`JwtManager::set_cookies`] gives a part of a response, as axum's own parts are: put it in front of the
//! body and return it. A value that is not returned sets nothing, and the compiler says so.
//!
//! ## What is set
//!
//! | cookie | holds | scripts can read it |
//! | --- | --- | --- |
//! | `access_token_cookie` | the access token | no: `HttpOnly` |
//! | `csrf_access_token` | its CSRF value | yes, those of your origin |
//! | `refresh_token_cookie` | the refresh token | no |
//! | `csrf_refresh_token` | its CSRF value | yes |
//!
//! All are `Secure` and `SameSite=Lax`, belong to the host that set them, and end with the browser's
//! session. Each of these is an [option](super::options), and what browsers would drop (`SameSite=None` without
//! `Secure`, a `__Host-` name with a domain) stops the start.
//!
//! `Secure` cookies work on `http://localhost` too, in Chromium, Firefox and curl. Safari wants HTTPS there as
//! well; for development with it, set `JWT_COOKIE_SECURE=false`, and nowhere else.
//!
//! ## Why there is a second value
//!
//! A browser sends cookies with every request to your site, whoever caused it. A page of a stranger can
//! hold a form that posts to your site, and the cookies go along: cross-site request forgery. What that page
//! cannot do is read your cookies. So a request that changes something has to bring, in a header, the value that
//! stands in a readable cookie and inside the token. Your page can; the stranger's cannot.
//!
//! ```js
//! const value = document.cookie.match(/(?:^|; )csrf_access_token=([^;]*)/)[1];
//! await fetch("/password", { method: "POST", headers: { "X-CSRF-TOKEN": value } });
//! ```
//!
//! - It is asked for with `POST`, `PUT`, `PATCH` and `DELETE` (`JWT_CSRF_METHODS`). So **never change anything in a
//!   `GET`**.
//! - It is asked for only where the token came in a cookie. A token in a header cannot be sent by a stranger's page.
//! - `SameSite=Lax` alone keeps most forgeries out, but not those from another host of the same site. Keep both.
//! - It does not help against a stranger's script in your own page (XSS). Nothing here does: escape what you show.
//!
//! ## Forms without a script
//!
//! Put the value into a hidden field, set `JWT_CSRF_CHECK_FORM=true`, and add [`JwtManager::body_layer`], which
//! reads it. [`VerifiedToken::csrf`] tells the value to the handler that renders the page:
//!
//! ```
//! use axum::response::Html;
//! use axum_jwt_extended::AccessToken;
//!
//! async fn page(token: AccessToken) -> Html<String> {
//!     let csrf = token.csrf().unwrap_or_default(); // letters, digits and dashes
//!     Html(format!(r#"<form method="post"><input type="hidden" name="csrf_token" value="{csrf}"><button>Go</button></form>"#))
//! }
//! ```
//!
//! ## WebSockets
//!
//! A handshake is a `GET`, so no CSRF value is asked for, and CORS does not apply to it. But browsers send the cookies along, whatever page
//! opens the socket: a stranger's page would speak as your user. What it cannot forge is the header `Origin`. **Compare it, whole, with your
//! own**, in front of the upgrade:
//!
//! ```
//! use axum::{Router, extract::Request, http::{HeaderMap, StatusCode, header::ORIGIN}};
//! use axum::{middleware::{Next, from_fn}, response::Response, routing::any};
//! use axum_jwt_extended::{AccessToken, JwtManager};
//!
//! async fn from_our_pages(headers: HeaderMap, request: Request, next: Next) -> Result<Response, StatusCode> {
//!     match headers.get(ORIGIN) {
//!         Some(origin) if origin == "https://app.example.com" => Ok(next.run(request).await),
//!         _ => Err(StatusCode::FORBIDDEN), // without the header it is no browser: let those bring their token in a header
//!     }
//! }
//!
//! // with axum's feature `ws`: (token: AccessToken, upgrade: WebSocketUpgrade)
//! async fn live(token: AccessToken) -> String {
//!     format!("hello {}", token.identity())
//! }
//!
//! let app = Router::<JwtManager>::new().route("/live", any(live).layer(from_fn(from_our_pages)));
//! # use axum::body::Body;
//! # use axum_jwt_extended::{Config, Location};
//! # use tower::ServiceExt as _;
//! # let config = Config::builder().token_location([Location::Cookies]).secret_key("a-secret-of-at-least-32-random-bytes");
//! # let jwt = JwtManager::new(config.build()?);
//! # let cookie = format!("access_token_cookie={}", jwt.create_access_token("anna").encode()?.as_str());
//! # let app = app.with_state(jwt);
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! # for (origin, status) in [("https://app.example.com", 200), ("https://evil.example", 403), ("https://app.example.com.evil.example", 403), ("null", 403)] {
//! #     let request = Request::builder().uri("/live").header("cookie", &cookie).header(ORIGIN, origin).body(Body::empty()).unwrap();
//! #     assert_eq!(app.clone().oneshot(request).await.unwrap().status(), status, "{origin}");
//! # }
//! # let request = Request::builder().uri("/live").header("cookie", &cookie).body(Body::empty()).unwrap();
//! # assert_eq!(app.oneshot(request).await.unwrap().status(), 403);
//! # });
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A socket outlives its token: close it at [`expires_at`](VerifiedToken::expires_at), or look again then. The same goes for server-sent events, whose
//! answers, however, a stranger's page cannot read unless CORS lets it.
//!
//! ## A page and an API on two hosts
//!
//! With the page on `app.example.com` and the API on `api.example.com`, the page's scripts cannot read the API's
//! cookies, so they cannot send the CSRF value. Either serve both from one origin (a proxy that maps `/api` does;
//! the simplest way), or set `JWT_COOKIE_DOMAIN=example.com`, whose price is that every host below it
//! gets the tokens and can set them. Cross-origin requests also need CORS with credentials: the
//! `CorsLayer` of tower-http, with exact origins, outside of all guards.
//!
//! On two different sites, browsers block such cookies altogether. Use headers.
//!
//! ## Cookies that last
//!
//! `JWT_SESSION_COOKIE=false` keeps them over a restart of the browser, as long as their token lives, or for
//! `JWT_COOKIE_MAX_AGE`. For a "remember me" box, [`JwtManager::set_cookies_with`] takes
//! [`CookieOptions`] for this login alone.
//!
//! Next: [refresh tokens](super::refresh).

use crate::*;
