//! All four places for a token: the `Authorization` header, cookies, JSON bodies, the query string.

use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};
use axum_jwt_extended::{AccessToken, Config, ConfigBuilder, Error, JwtManager, Location};
use axum_jwt_extended::{TokenPair, env_config};
use serde_json::{Value, json};

/// The options: places are asked in this order, and the first token that is found counts.
pub fn config() -> ConfigBuilder {
    Config::builder().token_location([
        Location::Headers,
        Location::Cookies,
        Location::Json,
        Location::QueryString, // ends up in logs and histories; only where nothing else is possible
    ])
}

/// The application.
pub fn app(jwt: JwtManager) -> Router {
    Router::new()
        .route(
            "/only_headers",
            get(protected).route_layer(jwt.required().locations([Location::Headers])),
        )
        .route("/protected", get(protected).post(protected))
        // JSON bodies are read by this layer, so that extractors leave the body to the handlers.
        .layer(jwt.body_layer())
        .route("/login", post(login))
        .route("/login_with_cookies", post(login_with_cookies))
        .route("/logout_with_cookies", post(logout_with_cookies))
        .with_state(jwt)
}

// A real application checks a password in both of these.
async fn login(State(jwt): State<JwtManager>) -> Result<Json<TokenPair>, Error> {
    Ok(Json(jwt.create_token_pair("example_user").encode()?))
}

async fn login_with_cookies(State(jwt): State<JwtManager>) -> Result<impl IntoResponse, Error> {
    let pair = jwt.create_token_pair("example_user").encode()?;
    Ok((jwt.set_cookies(&pair), Json(json!({ "msg": "login successful" }))))
}

async fn logout_with_cookies(State(jwt): State<JwtManager>) -> impl IntoResponse {
    (jwt.unset_cookies(), Json(json!({ "msg": "logout successful" })))
}

async fn protected(token: AccessToken) -> Json<Value> {
    let location = token.location().map(Location::name);
    Json(json!({ "logged_in_as": token.identity(), "found_in": location }))
}

/// What to try in another terminal, and what it answers.
pub const TRY: &str = r#"
TOKEN=$(curl -s -X POST localhost:3000/login | cut -d'"' -f4)
curl -s localhost:3000/protected -H "Authorization: Bearer $TOKEN"            # "found_in":"headers"
curl -s localhost:3000/protected --json "{\"access_token\":\"$TOKEN\"}"       # "found_in":"json"
curl -s "localhost:3000/protected?jwt=$TOKEN"                                 # "found_in":"query_string"
curl -s "localhost:3000/only_headers?jwt=$TOKEN"                              # "token_missing"
curl -s -X POST localhost:3000/login_with_cookies -c cookies.txt              # login successful
curl -s localhost:3000/protected -b cookies.txt                               # "found_in":"cookies"
curl -s -X POST localhost:3000/protected -b cookies.txt                       # "csrf_missing"
CSRF=$(grep csrf_access_token cookies.txt | cut -f7)
curl -s -X POST localhost:3000/protected -b cookies.txt -H "X-CSRF-TOKEN: $CSRF"  # "found_in":"cookies"
curl -s -X POST localhost:3000/logout_with_cookies -c cookies.txt             # logout successful
curl -s localhost:3000/protected -b cookies.txt                               # "token_missing"
"#;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let jwt = JwtManager::new(env_config(config())?); // JWT_SECRET_KEY=$(openssl rand -base64 48)
    let listener = tokio::net::TcpListener::bind("localhost:3000").await?;
    eprintln!("{TRY}");
    Ok(axum::serve(listener, app(jwt)).await?)
}
