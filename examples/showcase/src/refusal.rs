//! Answers to requests that cannot be served, all in the library's form: a code and a sentence.

use axum::Json;
use axum::extract::FromRequest;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::http::header::WWW_AUTHENTICATE;
use axum::response::{IntoResponse, Response};
use axum_jwt_extended::{AuthError, Error};
use serde_json::json;

/// Why a request was not served.
#[derive(Debug)]
pub enum Refusal {
    /// Something about the token; the library knows the answer.
    Token(Error),
    /// Login and password do not fit. Which of them is wrong is nobody's business.
    Login,
    /// The body is no JSON, or not what was asked for.
    Body(JsonRejection),
    /// A field of the body is empty or too long.
    Field(&'static str),
}

/// A JSON body. Other sites' pages cannot send its content type without asking first (CORS), so that
/// nobody is logged in by a form elsewhere.
#[derive(FromRequest)]
#[from_request(via(Json), rejection(Refusal))]
pub struct Body<T>(
    /// What it says.
    pub T,
);

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Token(error)
    }
}

impl From<AuthError> for Refusal {
    fn from(error: AuthError) -> Self {
        Self::Token(error.into())
    }
}

impl From<JsonRejection> for Refusal {
    fn from(rejection: JsonRejection) -> Self {
        Self::Body(rejection)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, code, sentence) = match self {
            Self::Token(error) => return error.into_response(),
            Self::Login => {
                let body = json!({"error": "login_failed", "msg": "Wrong login or password"});
                // RFC 9110 section 15.5.2: a 401 names a way to authenticate.
                let challenge = [(WWW_AUTHENTICATE, "Bearer")];
                return (StatusCode::UNAUTHORIZED, challenge, Json(body)).into_response();
            }
            Self::Body(rejection) => (rejection.status(), "body_invalid", rejection.body_text()),
            Self::Field(sentence) => {
                (StatusCode::UNPROCESSABLE_ENTITY, "field_invalid", sentence.to_owned())
            }
        };
        (status, Json(json!({"error": code, "msg": sentence}))).into_response()
    }
}
