//! Tokens in JSON bodies and CSRF values in forms: the layer that looks into a body before it is
//! handed on.
//!
//! Extractors see only the head of a request, so that they never take the body from a handler. Where
//! `JWT_TOKEN_LOCATION` has `json`, or `JWT_CSRF_CHECK_FORM` is on, this layer reads the body first:
//!
//! 1. Only a body of a fitting content type is read; everything else passes untouched.
//! 2. At most [`JwtBodyLayer::limit`] bytes are kept. A longer body holds no token for us, and goes on
//!    whole: what was read, then the rest as it comes.
//! 3. Whatever happens, the handler gets every byte, the trailers, and the client's errors.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum_core::body::Body;
use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderMap, Request};
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt;
use jwt_extended::{BoxError, Location, Settings};
use tower_layer::Layer;
use tower_service::Service;

use crate::manager::JwtManager;

const LIMIT: usize = 64 * 1024;

/// Reads tokens out of JSON bodies and CSRF values out of forms; [`JwtManager::body_layer`] makes it.
///
/// It belongs outside of [`JwtManager::required`] and [`JwtManager::implicit_refresh`], which look for
/// tokens: add it to the router after them.
///
/// ```
/// use axum::{Router, routing::post};
/// use axum_jwt_extended::{AccessToken, Config, JwtManager, Location};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let jwt = JwtManager::new(
///     Config::builder()
///         .secret_key("a-secret-of-at-least-32-random-bytes")
///         .token_location([Location::Headers, Location::Json])
///         .build()?,
/// );
/// let app: Router = Router::new()
///     .route("/", post(|token: AccessToken, body: String| async { body }))
///     .layer(jwt.body_layer())
///     .with_state(jwt);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use = "a layer does nothing until it is part of a router"]
pub struct JwtBodyLayer {
    json: bool,
    form: bool,
    limit: usize,
}

impl JwtBodyLayer {
    fn new(settings: &Settings) -> Self {
        Self {
            json: settings.token_location.contains(&Location::Json),
            form: settings.csrf_check_form && settings.cookie_csrf_protect,
            limit: LIMIT,
        }
    }

    /// How many bytes of a body are kept at most; 64 KiB where nothing else is said.
    pub fn limit(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }

    /// Reads JSON bodies even though `JWT_TOKEN_LOCATION` lacks `json`: for routes whose policy
    /// names that location by itself.
    pub fn with_json(mut self) -> Self {
        self.json = true;
        self
    }
}

impl<M: 'static> JwtManager<M> {
    /// The layer that reads tokens out of JSON bodies and CSRF values out of forms, as far as the
    /// configuration asks for it.
    pub fn body_layer(&self) -> JwtBodyLayer {
        JwtBodyLayer::new(self.config())
    }
}

impl<S> Layer<S> for JwtBodyLayer {
    type Service = JwtBodyService<S>;

    fn layer(&self, inner: S) -> JwtBodyService<S> {
        JwtBodyService { inner, layer: *self }
    }
}

/// The service of [`JwtBodyLayer`].
#[derive(Clone, Copy, Debug)]
pub struct JwtBodyService<S> {
    inner: S,
    layer: JwtBodyLayer,
}

impl<S, B> Service<Request<B>> for JwtBodyService<S>
where
    S: Service<Request<Body>> + Clone + Send + 'static,
    S::Future: Send,
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let layer = self.layer;
        // The clone may not be ready; the one that was asked is.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            let mut body = Body::new(body);
            let mut kept = KeptBody::Other;
            if let Some(keep) = layer.wants(&parts) {
                let (bytes, whole) = read(body, layer.limit).await;
                body = whole;
                kept = bytes.map_or(KeptBody::Other, keep);
            }
            // A second layer of this kind must not hide what the first one kept.
            if !matches!(kept, KeptBody::Other) || parts.extensions.get::<KeptBody>().is_none() {
                parts.extensions.insert(kept);
            }
            inner.call(Request::from_parts(parts, body)).await
        })
    }
}

/// What the layer found in a request's body.
#[derive(Clone)]
pub(crate) enum KeptBody {
    /// Nothing that was asked for.
    Other,
    Json(Bytes),
    Form(Bytes),
}

impl JwtBodyLayer {
    /// What a body of this head is to be kept as.
    fn wants(self, parts: &Parts) -> Option<fn(Bytes) -> KeptBody> {
        let length = parts.headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
        if length.and_then(|length| length.parse().ok()).is_some_and(|l: usize| l > self.limit) {
            return None;
        }
        let kind = content_type(&parts.headers)?;
        if self.json && is_json(&kind) {
            Some(KeptBody::Json)
        } else if self.form && kind.essence_str() == mime::APPLICATION_WWW_FORM_URLENCODED {
            Some(KeptBody::Form)
        } else {
            None
        }
    }
}

fn content_type(headers: &HeaderMap) -> Option<mime::Mime> {
    // Parameters change nothing, and `mime` does not take the space that may stand before them.
    headers.get(CONTENT_TYPE)?.to_str().ok()?.split(';').next()?.trim().parse().ok()
}

fn is_json(kind: &mime::Mime) -> bool {
    kind.type_() == mime::APPLICATION
        && (kind.subtype() == mime::JSON || kind.suffix() == Some(mime::JSON))
}

/// Reads up to `limit` bytes. Returns them if they are all there is, and in any case a body that
/// yields everything.
async fn read(mut body: Body, limit: usize) -> (Option<Bytes>, Body) {
    let mut data = BytesMut::new();
    let mut after = None;
    let complete = loop {
        if data.len() > limit {
            break false;
        }
        match body.frame().await.map(|frame| frame.map(Frame::into_data)) {
            // One buffer, so that a body in a million pieces takes no more memory than another.
            Some(Ok(Ok(piece))) => data.extend_from_slice(&piece),
            Some(Ok(Err(trailers))) => after = Some(Ok(trailers)),
            Some(Err(error)) => {
                after = Some(Err(error));
                break false;
            }
            None => break true,
        }
    };
    let data = data.freeze();
    // A body that has ended must not be asked again.
    let rest = if complete || matches!(after, Some(Err(_))) { Body::empty() } else { body };
    let replay = Replay { data: Some(data.clone()).filter(|data| !data.is_empty()), after, rest };
    (complete.then_some(data), Body::new(replay))
}

/// What was read already, then the rest.
struct Replay {
    data: Option<Bytes>,
    after: Option<Result<Frame<Bytes>, axum_core::Error>>,
    rest: Body,
}

impl HttpBody for Replay {
    type Data = Bytes;
    type Error = axum_core::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum_core::Error>>> {
        if let Some(data) = self.data.take() {
            return Poll::Ready(Some(Ok(Frame::data(data))));
        }
        match self.after.take() {
            Some(frame) => Poll::Ready(Some(frame)),
            None => Pin::new(&mut self.rest).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.data.is_none() && self.after.is_none() && self.rest.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let held = self.data.as_ref().map_or(0, Bytes::len) as u64;
        let rest = self.rest.size_hint();
        let mut hint = SizeHint::new();
        if let Some(upper) = rest.upper() {
            hint.set_upper(upper + held);
        }
        hint.set_lower(rest.lower() + held);
        hint
    }
}
