//! Claims of one's own: put into a token at the login, or by a hook into every token, and read back
//! as a type.

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use axum_jwt_extended::{AccessToken, Config, CustomClaims, Error, JwtManager};
use axum_jwt_extended::{Identity, TokenKind, TokenPair, env_config};
use serde::Deserialize;
use serde_json::{Value, json};

/// The application.
pub fn app(config: Config) -> Router {
    let jwt = JwtManager::builder(config).claims_hook(claims_of_all).build();
    Router::new().route("/login", post(login)).route("/protected", get(protected)).with_state(jwt)
}

// Called for each token that is made, refreshed ones too.
fn claims_of_all(_: &Identity, kind: TokenKind) -> CustomClaims {
    match kind {
        TokenKind::Access => CustomClaims::new().claim("api", "v1"),
        TokenKind::Refresh => CustomClaims::new(),
    }
}

// Of a pair, both tokens get the claim. What is set here wins over the hook.
async fn login(State(jwt): State<JwtManager>) -> Result<Json<TokenPair>, Error> {
    let pair = jwt.create_token_pair("example_user").claim("favorites", ["coffee", "cats"]);
    Ok(Json(pair.encode()?))
}

#[derive(Deserialize)]
struct Claims {
    api: String,
    favorites: Vec<String>,
}

// A token whose claims do not fit the type is refused.
async fn protected(token: AccessToken<Claims>) -> Json<Value> {
    Json(json!({ "api": token.claims.api, "favorites": token.claims.favorites }))
}

/// What to try in another terminal, and what it answers.
pub const TRY: &str = r#"
TOKEN=$(curl -s -X POST localhost:3000/login | cut -d'"' -f4)
curl -s localhost:3000/protected -H "Authorization: Bearer $TOKEN"  # {"api":"v1","favorites":["coffee","cats"]}
"#;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let config = env_config(Config::builder())?; // JWT_SECRET_KEY=$(openssl rand -base64 48)
    let listener = tokio::net::TcpListener::bind("localhost:3000").await?;
    eprintln!("{TRY}");
    Ok(axum::serve(listener, app(config)).await?)
}
