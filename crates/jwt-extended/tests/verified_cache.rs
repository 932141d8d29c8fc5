//! `JWT_VERIFIED_CACHE_SIZE`: a signature is computed once, and everything else each time.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod support;

use std::thread;
use std::time::Duration;

use jwt_extended::store::RevocationStatus::{Active, Revoked};
use jwt_extended::{
    Algorithm, Config, ConfigBuilder, DecodeOptions, ErrorKind, GeneratedKey, JwtEngine, Keyring,
    ManualClock, Policy, SigningKey, Timestamp, Verdict, VerifiedToken, VerifyingKey,
};
use support::{NOW, SECRET, forge, good, native};

/// An engine with a cache, and its clock.
fn cached(config: ConfigBuilder) -> (JwtEngine, ManualClock) {
    let clock = ManualClock::at(Timestamp::from_seconds(NOW));
    let config = config.verified_cache_size(1024 * 1024_usize).build().unwrap();
    (JwtEngine::new(config).with_clock(clock.clone()), clock)
}

fn token(engine: &JwtEngine) -> String {
    engine.create_access_token("anna").encode().unwrap().into()
}

fn decode(engine: &JwtEngine, token: &str) -> Result<VerifiedToken, ErrorKind> {
    engine.decode(token, &DecodeOptions::default()).map_err(|error| error.kind())
}

fn refused(engine: &JwtEngine, token: &str, policy: &Policy) -> ErrorKind {
    engine.check_token(token, policy).unwrap_err().kind()
}

/// Whether the second check is answered by the first one's.
fn is_cached(engine: &JwtEngine, token: &str) -> bool {
    decode(engine, token).unwrap().is_same_as(&decode(engine, token).unwrap())
}

#[test]
fn it_is_off_unless_asked_for() {
    let engine = support::engine(native());
    assert!(!is_cached(&engine, &token(&engine)));
    let (engine, _) = cached(native());
    let first = token(&engine);
    assert!(is_cached(&engine, &first));
    assert!(
        !decode(&engine, &first).unwrap().is_same_as(&decode(&engine, &token(&engine)).unwrap())
    );
    assert_eq!(decode(&engine, &first).unwrap().identity(), "anna");
}

#[test]
fn it_serves_every_algorithm() {
    for algorithm in Algorithm::ALL {
        let key = GeneratedKey::new(algorithm).unwrap().signing_key().clone();
        let (engine, _) = cached(Config::builder().keyring(Keyring::new(key)));
        assert!(is_cached(&engine, &token(&engine)), "{algorithm}");
    }
}

#[test]
fn a_changed_character_is_never_a_hit() {
    for key in [
        SigningKey::hmac(Algorithm::HS256, SECRET).unwrap(),
        GeneratedKey::new(Algorithm::ES256).unwrap().signing_key().clone(),
    ] {
        let (engine, _) = cached(Config::builder().keyring(Keyring::new(key)));
        let good = token(&engine);
        assert!(is_cached(&engine, &good));
        for place in 0..good.len() {
            // The neighbour differs in the last bit, which no byte has in a signature's last character.
            let was = good.as_bytes()[place];
            for now in [was ^ 1, was + 1, b'A', b'.'] {
                if now != was && now.is_ascii() {
                    let mut bad = good.clone().into_bytes();
                    bad[place] = now;
                    let bad = String::from_utf8(bad).unwrap();
                    assert!(decode(&engine, &bad).is_err(), "{place} {bad}");
                }
            }
        }
        for bad in
            [format!("{good}="), format!("{good}A"), format!(" {good}"), good[1..].to_owned()]
        {
            assert!(decode(&engine, &bad).is_err(), "{bad}");
        }
        assert!(is_cached(&engine, &good));
    }
}

#[test]
fn a_withdrawn_key_takes_its_tokens_along() {
    let old = SigningKey::hmac(Algorithm::HS256, [1; 32]).unwrap().with_kid("old");
    let new = SigningKey::hmac(Algorithm::HS256, [2; 32]).unwrap().with_kid("new");
    let (engine, _) = cached(Config::builder().keyring(Keyring::new(old)));
    let before = token(&engine);
    assert!(is_cached(&engine, &before));
    engine.update_keys(|keys| keys.rotate_to(new)).unwrap();
    assert!(is_cached(&engine, &before), "it still verifies");
    engine.update_keys(|keys| keys.withdraw("old")).unwrap();
    assert_eq!(decode(&engine, &before).unwrap_err(), ErrorKind::UnknownKey);
}

#[test]
fn another_key_of_the_same_name_is_another_key() {
    let named = |secret: u8| {
        Keyring::new(SigningKey::hmac(Algorithm::HS256, [secret; 32]).unwrap().with_kid("key"))
    };
    let (engine, _) = cached(Config::builder().keyring(named(1)));
    let before = token(&engine);
    assert!(is_cached(&engine, &before));
    engine.replace_keys(named(2));
    assert_eq!(decode(&engine, &before).unwrap_err(), ErrorKind::InvalidSignature);
    engine.replace_keys(named(1));
    assert!(is_cached(&engine, &before));
}

#[test]
fn a_key_that_only_others_hold_is_withdrawn_too() {
    let secret = |byte: u8| VerifyingKey::hmac(Algorithm::HS256, [byte; 32]).unwrap();
    let other = SigningKey::hmac(Algorithm::HS256, [1; 32]).unwrap();
    let theirs = token(&support::engine(Config::builder().keyring(Keyring::new(other))));
    let ring = Keyring::verify_only(secret(2)).also_verify(secret(1)).unwrap();
    let (engine, _) = cached(Config::builder().keyring(ring));
    assert!(is_cached(&engine, &theirs));
    engine.replace_keys(Keyring::verify_only(secret(2)));
    assert_eq!(decode(&engine, &theirs).unwrap_err(), ErrorKind::InvalidSignature);
}

#[test]
fn times_are_judged_at_each_hit() {
    let (engine, clock) = cached(native().decode_leeway(Duration::from_secs(5)));
    let token = token(&engine);
    assert!(is_cached(&engine, &token));
    for (seconds, refused) in [
        (-6.0, Some(ErrorKind::IssuedInTheFuture)),
        (-5.0, None),
        (904.0, None),
        (905.0, Some(ErrorKind::TokenExpired)),
    ] {
        clock.set(Timestamp::from_seconds(NOW + seconds));
        assert_eq!(decode(&engine, &token).err(), refused, "{seconds}");
    }
    let moment = Timestamp::from_seconds(NOW);
    assert!(engine.decode(&token, &DecodeOptions::default().at(moment)).is_ok());
    assert!(engine.decode(&token, &DecodeOptions::default().allow_expired()).is_ok());
}

#[test]
fn the_store_is_asked_at_each_hit() {
    let (engine, _) = cached(native());
    let token = token(&engine);
    let mut answers = [Active, Active, Revoked].map(|status| {
        match engine.check_token(&token, &Policy::required()).unwrap() {
            Verdict::Pending(pending) => pending.answer(status),
            Verdict::Done(_) => panic!("nobody asked the store"),
        }
    });
    assert!(answers[0].is_ok());
    assert!(answers[1].as_ref().unwrap().is_same_as(answers[0].as_ref().unwrap()));
    let refused = std::mem::replace(&mut answers[2], Err(ErrorKind::TokenMissing.into()));
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::TokenRevoked);
    let skipped = engine.check_token(&token, &Policy::required().skip_revocation()).unwrap();
    assert!(matches!(skipped, Verdict::Done(_)));
    let again = engine.check_token(&token, &Policy::required()).unwrap();
    assert!(matches!(again, Verdict::Pending(_)), "what one policy skipped the next one asks");
}

#[test]
fn policies_are_enforced_at_each_hit() {
    let (engine, clock) = cached(native());
    let stale = token(&engine);
    let fresh: String = engine
        .create_access_token("anna")
        .fresh_for(Duration::from_secs(60))
        .encode()
        .unwrap()
        .into();
    let refresh: String = engine.create_refresh_token("anna").encode().unwrap().into();
    for token in [&stale, &fresh, &refresh] {
        assert!(is_cached(&engine, token));
    }
    let access = Policy::required();
    assert!(engine.check_token(&stale, &access).is_ok());
    assert_eq!(refused(&engine, &stale, &access.clone().fresh()), ErrorKind::FreshTokenRequired);
    assert!(engine.check_token(&fresh, &access.clone().fresh()).is_ok());
    clock.advance(Duration::from_secs(61));
    assert_eq!(refused(&engine, &fresh, &access.clone().fresh()), ErrorKind::FreshTokenRequired);
    assert_eq!(refused(&engine, &refresh, &access), ErrorKind::WrongTokenType);
    assert_eq!(refused(&engine, &fresh, &access.refresh()), ErrorKind::WrongTokenType);
}

#[test]
fn the_csrf_value_is_compared_at_each_hit() {
    let (engine, _) = cached(native());
    let token = forge(good().to_string());
    assert!(is_cached(&engine, &token));
    let with = |value: &str| {
        let decoded = engine.decode(&token, &DecodeOptions::default().csrf_value(value));
        decoded.map(|_| ()).map_err(|error| error.kind())
    };
    assert_eq!(with("c"), Ok(()));
    assert_eq!(with("d"), Err(ErrorKind::CsrfMismatch));
    assert_eq!(with(""), Err(ErrorKind::CsrfMismatch));
}

#[test]
fn tokens_that_are_refused_stay_refused() {
    let (engine, _) = cached(native());
    for (claim, value, kind) in [
        ("sub", 1.into(), ErrorKind::InvalidSubject),
        ("jti", 1.into(), ErrorKind::InvalidTokenId),
        ("aud", "others".into(), ErrorKind::InvalidAudience),
        ("type", 1.into(), ErrorKind::InvalidClaim),
        ("mgr", "others".into(), ErrorKind::WrongManager),
        ("exp", NOW.into(), ErrorKind::TokenExpired),
    ] {
        let mut claims = good();
        claims[claim] = value;
        let bad = forge(claims.to_string());
        for _ in 0..3 {
            assert_eq!(decode(&engine, &bad).unwrap_err(), kind, "{claim}");
            assert_eq!(refused(&engine, &bad, &Policy::required()), kind, "{claim}");
        }
    }
}

#[test]
fn engines_do_not_share_it() {
    let (one, _) = cached(native());
    let (other, _) = cached(native().manager_name("other"));
    let token = token(&one);
    assert!(is_cached(&one, &token));
    assert_eq!(decode(&other, &token).unwrap_err(), ErrorKind::WrongManager);
}

#[test]
fn threads_that_share_an_engine_all_see_a_withdrawn_key() {
    let ring = |secret: u8| Keyring::new(SigningKey::hmac(Algorithm::HS256, [secret; 32]).unwrap());
    let (engine, _) = cached(Config::builder().keyring(ring(1)));
    let token = token(&engine);
    thread::scope(|scope| {
        let before: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| (0..100).all(|_| decode(&engine, &token).is_ok())))
            .collect();
        assert!(before.into_iter().all(|thread| thread.join().unwrap()));
        engine.replace_keys(ring(2));
        let after: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| (0..100).all(|_| decode(&engine, &token).is_err())))
            .collect();
        assert!(after.into_iter().all(|thread| thread.join().unwrap()));
    });
}
