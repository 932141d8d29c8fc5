//! From a token's text to a [`VerifiedToken`], as a walk through types so that no step can be left
//! out.
//!
//! The rules, in the order in which they are applied; it is upstream's:
//!
//! 1. The text is no longer than the limit and has three segments of base64url; the header is a JSON
//!    object with an `alg` that is known, and names no critical extension.
//! 2. A key of that `kid` and for that `alg` is held, and the signature is good.
//! 3. The payload is a JSON object.
//! 4. `iat` and `nbf` do not lie in the future.
//! 5. `iss` and `aud` are expected ones, `sub` and `jti` are strings, the identity claim is there.
//! 6. `mgr` names this manager.
//! 7. The CSRF value, where one is needed, is the `csrf` claim.
//! 8. `exp` has not come. It is asked last of the claims, so that a token which is expired and wrong
//!    is called wrong.
//! 9. `type` is the wanted one; the token is fresh where that is asked.
//! 10. The store does not know it as revoked.
//!
//! What an application adds (its own check of the claims, loading the user) comes after that.

use crate::base64url;
use crate::claims::{Name, Text, Value};
use crate::clock::Timestamp;
use crate::config::{Location, Settings};
use crate::csrf::{self, CsrfDemand};
use crate::error::{AuthError, ErrorContext, ErrorKind, Result};
use crate::jws::{Compact, FormRules};
use crate::key::Keyring;
use crate::policy::Policy;
use crate::store::{RevocationStatus, TokenRef};
use crate::token::{Facts, Revocation, Signed, TokenKind, VerifiedToken};

use std::sync::Arc;

/// Longer payloads than most are decoded on the heap.
const USUAL_PAYLOAD: usize = 1024;

/// Steps 1 to 3.
pub(crate) fn signed(
    token: &str,
    settings: &Settings,
    keys: &Keyring,
    context: Option<&ErrorContext>,
) -> Result<Arc<Signed>> {
    let rules = FormRules { max_size: settings.max_token_size, strict: settings.strict_claims };
    let compact = Compact::split(token.as_bytes(), rules)?;
    let malformed = |why| AuthError::new(ErrorKind::MalformedToken, why);
    let (mut room, heap);
    let payload = if compact.payload.len() <= USUAL_PAYLOAD {
        room = base64url::room::<USUAL_PAYLOAD>();
        base64url::decode_into(compact.payload, &mut room)
    } else {
        heap = base64url::decode(compact.payload);
        heap.as_deref()
    };
    let payload = payload.ok_or_else(|| compact.no_payload())?;
    let header = compact.header(keys, rules)?;
    compact.check(&header, keys)?;
    let no_object = "The token's payload is no JSON object of the right form";
    let payload = str::from_utf8(payload).map_err(|_| malformed(no_object))?;

    let mut signed = Arc::<Signed>::default();
    if let Some(signed) = Arc::get_mut(&mut signed) {
        signed
            .read(token, compact.header.len(), payload, settings)
            .map_err(|_| malformed(no_object))?;
        signed.error_context = context.cloned();
    }
    Ok(signed)
}

/// What steps 4 to 8 need besides the token.
pub(crate) struct Circumstances<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) now: Timestamp,
    pub(crate) csrf: &'a CsrfDemand<'a>,
    pub(crate) allow_expired: bool,
    /// Whether [`check_fit`] has found the token right with these settings.
    pub(crate) fits: bool,
}

/// Steps 4 to 8.
pub(crate) fn check_claims(token: &Signed, at: &Circumstances<'_>) -> Result<()> {
    let settings = at.settings;
    let (now, leeway) = (at.now.as_seconds(), settings.decode_leeway.as_secs_f64());
    let date = |name| date(token, name, settings.strict_claims);

    if date(Name::IssuedAt)?.is_some_and(|iat| iat > now + leeway) {
        return Err(ErrorKind::IssuedInTheFuture.into());
    }
    if date(Name::NotBefore)?.is_some_and(|nbf| nbf > now + leeway) {
        return Err(ErrorKind::NotYetValid.into());
    }
    // Where nobody asks for the end, PyJWT does not look at what stands there.
    let look = settings.strict_claims || !at.allow_expired;
    let expires = if look { date(Name::Expires)? } else { None };
    if !at.fits {
        check_fit(token, settings)?;
    }
    check_csrf(token, at.csrf)?;
    if !at.allow_expired && expires.is_some_and(|exp| exp <= now - leeway) {
        return Err(AuthError::from(ErrorKind::TokenExpired).with_token(token.json()));
    }
    Ok(())
}

/// Steps 5 and 6 and the types of claims: what text and settings decide, so that it is the same each time.
pub(crate) fn check_fit(token: &Signed, settings: &Settings) -> Result<()> {
    check_issuer(token, settings)?;
    check_audience(token, settings)?;
    check_identity(token, settings)?;
    if settings.strict_claims {
        check_types(token)?;
    }
    check_manager(token, settings)
}

#[cold]
pub(crate) fn missing(name: &str) -> AuthError {
    AuthError::new(ErrorKind::MissingClaim, format!("Missing claim: {name}")).with_claim(name)
}

#[cold]
fn wrong_form(name: &str) -> AuthError {
    AuthError::new(ErrorKind::InvalidClaim, format!("The claim {name} has the wrong form"))
        .with_claim(name)
}

/// A date claim. Strictly, a JSON number; otherwise whatever Python's `int()` makes a number of, cut
/// to whole seconds as `PyJWT` does it.
pub(crate) fn date(token: &Signed, name: Name, strict: bool) -> Result<Option<f64>> {
    let number = match token.claims.get(name) {
        Value::Absent => return Ok(None),
        Value::Number(number) if strict => Some(*number),
        Value::Number(number) => Some(number.trunc()),
        value @ Value::Integer(_) => value.number(),
        Value::Bool(value) if !strict => Some(f64::from(u8::from(*value))),
        Value::Text(text) if !strict => {
            text.of(&token.buffer).trim().parse::<i64>().ok().map(lossy)
        }
        _ => None,
    };
    number.map(Some).ok_or_else(|| {
        wrong_form(
            Name::REGISTERED.iter().find(|(_, n)| *n == name).map_or("exp", |(text, _)| text),
        )
    })
}

#[expect(clippy::cast_precision_loss, reason = "dates beyond 2^53 seconds need no precision")]
fn lossy(number: i64) -> f64 {
    number as f64
}

pub(crate) fn check_issuer(token: &Signed, settings: &Settings) -> Result<()> {
    if settings.decode_issuer.is_empty() {
        return Ok(());
    }
    match token.claims.get(Name::Issuer) {
        Value::Absent => Err(missing("iss")),
        Value::Text(issuer) => {
            let issuer = issuer.of(&token.buffer);
            // Whole and exact: a prefix of an issuer is another issuer.
            if settings.decode_issuer.iter().any(|expected| expected == issuer) {
                Ok(())
            } else {
                Err(ErrorKind::InvalidIssuer.into())
            }
        }
        _ => Err(AuthError::new(ErrorKind::InvalidIssuer, "The issuer must be a string")),
    }
}

pub(crate) fn check_audience(token: &Signed, settings: &Settings) -> Result<()> {
    let expected = &settings.decode_audience;
    let audience = token.claims.get(Name::Audience);
    let is_empty = match audience {
        Value::Absent | Value::Null => true,
        Value::Text(text) => text.of(&token.buffer).is_empty(),
        Value::Texts(count, _) => *count == 0,
        _ => false,
    };
    if expected.is_empty() {
        // RFC 7519 section 4.1.3: a token for others must be refused, and everybody else is another.
        let refuse = settings.reject_unexpected_audience && !audience.is_absent();
        return if refuse { Err(ErrorKind::InvalidAudience.into()) } else { Ok(()) };
    }
    if is_empty {
        return Err(missing("aud"));
    }
    let is_expected =
        |text: &Text| expected.iter().any(|expected| expected == text.of(&token.buffer));
    let fits = match audience {
        Value::Text(text) => is_expected(text),
        Value::Texts(..) => token.claims.texts(audience).iter().any(is_expected),
        _ => false,
    };
    if fits { Ok(()) } else { Err(ErrorKind::InvalidAudience.into()) }
}

fn check_identity(token: &Signed, settings: &Settings) -> Result<()> {
    let is_text = |name| matches!(token.claims.get(name), Value::Absent | Value::Text(_));
    if settings.verify_sub && !is_text(Name::Subject) {
        return Err(ErrorKind::InvalidSubject.into());
    }
    if !is_text(Name::TokenId) {
        return Err(ErrorKind::InvalidTokenId.into());
    }
    if token.claims.identity().is_absent() {
        return Err(missing(&settings.identity_claim));
    }
    Ok(())
}

/// The types that RFC 7519 section 4.1 and upstream give the claims that nobody looked at yet.
fn check_types(token: &Signed) -> Result<()> {
    let claim = |name| token.claims.get(name);
    let text = |name| matches!(claim(name), Value::Absent | Value::Text(_));
    for (name, claim) in [
        ("iss", Name::Issuer),
        ("type", Name::Type),
        ("csrf", Name::Csrf),
        ("sid", Name::Session),
        ("mgr", Name::Manager),
    ] {
        if !text(claim) {
            return Err(wrong_form(name));
        }
    }
    if !matches!(claim(Name::Audience), Value::Absent | Value::Text(_) | Value::Texts(..)) {
        return Err(wrong_form("aud"));
    }
    let number = |name| claim(name).is_absent() || claim(name).number().is_some();
    if !number(Name::Fresh) && !matches!(claim(Name::Fresh), Value::Bool(_)) {
        return Err(wrong_form("fresh"));
    }
    if !number(Name::AuthTime) {
        return Err(wrong_form("auth_time"));
    }
    Ok(())
}

fn check_manager(token: &Signed, settings: &Settings) -> Result<()> {
    let fits = match token.claims.get(Name::Manager) {
        Value::Absent => settings.manager_name.is_none(),
        Value::Text(name) => settings.manager_name.as_deref() == Some(name.of(&token.buffer)),
        _ => false,
    };
    if fits { Ok(()) } else { Err(ErrorKind::WrongManager.into()) }
}

fn check_csrf(token: &Signed, demand: &CsrfDemand<'_>) -> Result<()> {
    let CsrfDemand::Is(value) = demand else {
        return Ok(());
    };
    match token.claims.get(Name::Csrf) {
        Value::Absent => Err(missing("csrf")),
        Value::Text(claim) if csrf::matches(claim.of(&token.buffer), value) => Ok(()),
        _ => Err(ErrorKind::CsrfMismatch.into()),
    }
}

/// Step 9.
pub(crate) fn check_policy(
    token: &Signed,
    settings: &Settings,
    policy: &Policy,
    now: Timestamp,
) -> Result<()> {
    let strict = settings.strict_token_type;
    let is_wanted = |kind: TokenKind| match token.claims.get(Name::Type) {
        Value::Text(text) => {
            let text = text.of(&token.buffer);
            match kind {
                TokenKind::Access if !strict => text != TokenKind::Refresh.name(),
                kind => text == kind.name(),
            }
        }
        // Upstream: whatever is not called a refresh token is an access token.
        _ => kind == TokenKind::Access && !strict,
    };
    match policy.kind {
        Some(TokenKind::Access) if !is_wanted(TokenKind::Access) => {
            return Err(AuthError::new(
                ErrorKind::WrongTokenType,
                "Only non-refresh tokens are allowed",
            )
            .with_token(token.json()));
        }
        Some(TokenKind::Refresh) if !is_wanted(TokenKind::Refresh) => {
            return Err(AuthError::new(
                ErrorKind::WrongTokenType,
                "Only refresh tokens are allowed",
            )
            .with_token(token.json()));
        }
        _ => {}
    }
    if policy.fresh {
        let is_fresh = match token.claims.get(Name::Fresh) {
            Value::Bool(fresh) => *fresh,
            value => value.number().is_some_and(|until| until >= now.as_seconds()),
        };
        if !is_fresh {
            return Err(AuthError::from(ErrorKind::FreshTokenRequired).with_token(token.json()));
        }
    }
    Ok(())
}

/// What is left to do for a token: nothing, or to ask the store.
#[derive(Debug)]
#[must_use = "a token that is pending was not let in"]
pub enum Verdict {
    /// All is checked that can be, and that the policy asked for.
    Done(VerifiedToken),
    /// The store has to be asked.
    Pending(Pending),
}

/// A token of which all is known but whether it was revoked.
#[derive(Debug)]
#[must_use = "a token that is pending was not let in"]
pub struct Pending {
    token: VerifiedToken,
    require_jti: bool,
    now: Timestamp,
}

impl Verdict {
    /// Step 10, as far as it can be done without a store. `known` is the same token as another check
    /// of the same request left it.
    pub(crate) fn of(
        signed: Arc<Signed>,
        location: Option<Location>,
        policy: &Policy,
        require_jti: bool,
        now: Timestamp,
        known: Option<&VerifiedToken>,
    ) -> Self {
        let token = |revocation| VerifiedToken { signed, facts: Facts { location, revocation } };
        match known.map(|known| known.facts.revocation) {
            Some(known @ (Revocation::Checked | Revocation::NoStore)) => Self::Done(token(known)),
            _ if policy.skip_revocation => Self::Done(token(Revocation::Skipped)),
            _ => Self::Pending(Pending { token: token(Revocation::Skipped), require_jti, now }),
        }
    }
}

impl Pending {
    /// What to ask the store. A token that cannot be named is refused, where `JWT_REQUIRE_JTI` is on.
    pub fn question(&self) -> Result<TokenRef<'_>> {
        let question = self.token.token_ref(self.now);
        if self.require_jti && question.jti.is_none() {
            return Err(missing("jti"));
        }
        Ok(question)
    }

    /// Goes on with the store's answer.
    pub fn answer(self, status: RevocationStatus) -> Result<VerifiedToken> {
        match status {
            RevocationStatus::Active => Ok(self.with(Revocation::Checked)),
            RevocationStatus::Revoked | RevocationStatus::Reused => {
                Err(self.token.refuse(ErrorKind::TokenRevoked))
            }
        }
    }

    /// Goes on in an application that has no store, where nothing can be revoked.
    pub fn without_store(self) -> VerifiedToken {
        self.with(Revocation::NoStore)
    }

    fn with(mut self, revocation: Revocation) -> VerifiedToken {
        self.token.facts.revocation = revocation;
        self.token
    }
}
