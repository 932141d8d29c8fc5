//! Keys that change while the engine works.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod support;

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use jwt_extended::{
    Algorithm, Config, ErrorKind, GeneratedKey, JwtEngine, Keyring, SigningKey, VerifyingKey, jws,
};
use support::{engine, native};

fn hmac(secret: u8) -> SigningKey {
    SigningKey::hmac(Algorithm::HS256, [secret; 32]).unwrap()
}

fn public(kid: Option<&str>) -> SigningKey {
    let key = GeneratedKey::new(Algorithm::ES256).unwrap().signing_key().clone();
    match kid {
        Some(kid) => key.with_kid(kid),
        None => key,
    }
}

fn with(ring: Keyring) -> JwtEngine {
    engine(Config::builder().keyring(ring))
}

fn token(engine: &JwtEngine) -> String {
    engine.create_access_token("anna").encode().unwrap().into()
}

fn says(engine: &JwtEngine, token: &str) -> Result<(), ErrorKind> {
    engine.decode(token, &Default::default()).map(|_| ()).map_err(|error| error.kind())
}

fn rotate(engine: &JwtEngine, key: SigningKey) {
    engine.update_keys(|keys| keys.rotate_to(key)).unwrap();
}

#[test]
fn a_new_key_signs_and_the_old_one_verifies_until_it_is_withdrawn() {
    for (old, new) in [
        (hmac(1).with_kid("1"), hmac(2).with_kid("2")),
        (public(Some("1")), public(Some("2"))),
        (public(None), public(None)),
        (hmac(1).with_kid("1"), public(None)),
    ] {
        let engine = with(Keyring::new(old));
        let kid = engine.keys().signing_key().unwrap().kid().unwrap().to_owned();
        let before = token(&engine);
        rotate(&engine, new);
        let after = token(&engine);
        assert_eq!((says(&engine, &before), says(&engine, &after)), (Ok(()), Ok(())));

        engine.update_keys(|keys| keys.withdraw(&kid)).unwrap();
        assert!(says(&engine, &before).is_err(), "{kid}");
        assert_eq!(says(&engine, &after), Ok(()));
    }
}

#[test]
fn a_key_without_a_name_can_follow_another() {
    let engine = engine(native());
    let before = token(&engine);
    rotate(&engine, hmac(2));
    assert_eq!((says(&engine, &before), says(&engine, &token(&engine))), (Ok(()), Ok(())));
    engine.replace_keys(Keyring::new(hmac(2)));
    assert_eq!(says(&engine, &before), Err(ErrorKind::InvalidSignature));
}

/// Published first, so that nobody meets a token whose key was not there yet.
#[test]
fn a_key_that_was_announced_is_not_held_twice() {
    for key in [public(Some("2")), public(None)] {
        let ring = Keyring::new(public(Some("1"))).also_verify(key.verifying_key()).unwrap();
        let ring = ring.rotate_to(key).unwrap();
        assert_eq!(ring.verifying_keys().len(), 2);
        assert_eq!(ring.jwk_set().keys().len(), 2);
    }
    let impostor = Keyring::new(public(Some("1"))).rotate_to(public(Some("1")));
    assert_eq!(impostor.unwrap_err().to_string(), "two keys have the `kid` \"1\"");
}

/// Or a key that verifies RS256 and PS256 would verify only one of them once it signs.
#[test]
fn an_announced_key_keeps_its_algorithms() {
    let key = SigningKey::hmac(Algorithm::HS256, [3; 64]).unwrap().with_kid("3");
    let both = [Algorithm::HS256, Algorithm::HS512];
    let wide = VerifyingKey::hmac(both, [3; 64]).unwrap().with_kid("3");
    let ring = Keyring::new(hmac(1)).also_verify(wide).unwrap().rotate_to(key).unwrap();
    assert_eq!(ring.verifying_keys().len(), 2);
    assert_eq!(ring.verifying_keys()[0].algorithms(), both.into());
}

#[test]
fn what_cannot_be_withdrawn_is_said() {
    let ring = Keyring::new(public(Some("1")));
    let error = ring.clone().withdraw("1").unwrap_err().to_string();
    assert_eq!(error, "the key \"1\" signs: let another one sign first, with `rotate_to`");
    let error = ring.withdraw("2").unwrap_err().to_string();
    assert_eq!(error, "there is no key \"2\" to withdraw");
    // By its thumbprint, where it has no name.
    let old = public(None);
    let thumbprint = old.verifying_key().public_key().unwrap().thumbprint().to_owned();
    let ring = Keyring::new(old).rotate_to(public(None)).unwrap();
    assert_eq!(ring.withdraw(&thumbprint).unwrap().verifying_keys().len(), 1);
}

/// By the option, as at the start.
#[test]
fn a_new_key_is_named_in_tokens_as_the_first_one_was() {
    let engine = with(Keyring::new(public(None)));
    let new = public(None);
    let thumbprint = new.verifying_key().public_key().unwrap().thumbprint().to_owned();
    rotate(&engine, new);
    let header = engine.decode(&token(&engine), &Default::default()).unwrap();
    assert_eq!(header.header::<serde_json::Value>().unwrap()["kid"], *thumbprint);
}

#[test]
fn two_engines_of_one_configuration_have_their_own_keys() {
    let config = native().build().unwrap();
    let (one, other) = (JwtEngine::new(config.clone()), JwtEngine::new(config.clone()));
    one.replace_keys(Keyring::new(hmac(2)));
    assert_eq!(says(&other, &token(&other)), Ok(()));
    assert!(says(&other, &token(&one)).is_err());
    assert_eq!(config.keys().generation(), other.keys().generation());
    assert_eq!(one.config().keys().generation(), one.keys().generation());
}

#[test]
fn rings_with_other_keys_have_other_numbers() {
    let ring = Keyring::new(hmac(1).with_kid("1"));
    let copy = ring.clone();
    assert_eq!(ring.generation(), copy.generation());
    let two = ring.also_verify(hmac(2).with_kid("2").verifying_key()).unwrap();
    assert_ne!(two.generation(), copy.generation());
    let one = two.clone().withdraw("2").unwrap();
    assert_ne!(one.generation(), two.generation());
    assert_ne!(one.generation(), copy.generation());
}

/// A token without `kid` may be for any key, and this must not become a way to keep a server busy.
#[test]
fn a_bounded_number_of_keys_is_tried() {
    let ring = (1..=20)
        .fold(Keyring::new(hmac(0)), |ring, n| ring.also_verify(hmac(n).verifying_key()).unwrap());
    let engine = with(ring);
    for n in 0..=20 {
        let nameless = jws::sign(&hmac(n), None, support::good().to_string().as_bytes()).unwrap();
        let is_tried = usize::from(n) < Keyring::MAX_TRIES;
        let wanted = if is_tried { Ok(()) } else { Err(ErrorKind::InvalidSignature) };
        assert_eq!(says(&engine, &nameless), wanted, "key {n}");
        // By its name, a key is found wherever it stands.
        let named = Keyring::clone(&engine.keys());
        let key = hmac(100 + n).with_kid("named");
        let engine = with(named.also_verify(key.verifying_key()).unwrap());
        let token = jws::sign(&key, None, support::good().to_string().as_bytes()).unwrap();
        assert_eq!(says(&engine, &token), Ok(()));
    }
}

/// Keys of other algorithms do not use up the tries.
#[test]
fn only_keys_that_fit_are_tried() {
    let mut ring = Keyring::new(public(None));
    for n in 0..20 {
        ring = ring.also_verify(public(None).verifying_key()).unwrap();
        ring = ring.also_verify(hmac(n).verifying_key()).unwrap();
    }
    let engine = with(ring);
    let token = |n| jws::sign(&hmac(n), None, support::good().to_string().as_bytes()).unwrap();
    assert_eq!(says(&engine, &token(7)), Ok(()));
    assert_eq!(says(&engine, &token(8)), Err(ErrorKind::InvalidSignature));
}

/// While keys change under many threads, each answer is the right one for a ring that was there: a
/// token of the key that stays is always good, one of a foreign key never, and what a thread itself
/// has withdrawn is refused from then on.
#[test]
fn answers_are_right_while_keys_change() {
    let engine = with(Keyring::new(hmac(0).with_kid("stays")));
    let (always, stopped) = (token(&engine), AtomicBool::new(false));
    let never = token(&with(Keyring::new(hmac(9).with_kid("stays"))));
    thread::scope(|scope| {
        let readers: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    let mut rounds = 0;
                    while !stopped.load(Ordering::Relaxed) {
                        assert_eq!(says(&engine, &always), Ok(()));
                        assert!(says(&engine, &never).is_err());
                        // Made and checked with perhaps two rings, of which the second knows the first's key.
                        engine.create_access_token("anna").encode().unwrap();
                        rounds += 1;
                    }
                    rounds
                })
            })
            .collect();
        for n in 0..400_u32 {
            let key = hmac(u8::try_from(n % 7).unwrap() + 1).with_kid(n.to_string());
            rotate(&engine, key);
            let mine = token(&engine);
            assert_eq!(says(&engine, &mine), Ok(()));
            rotate(&engine, hmac(8).with_kid(format!("next {n}")));
            assert_eq!(says(&engine, &mine), Ok(()), "it only verifies now");
            let ring = Keyring::clone(&engine.keys()).withdraw(&n.to_string()).unwrap();
            engine.replace_keys(ring);
            assert_eq!(says(&engine, &mine), Err(ErrorKind::UnknownKey));
            let stays = Keyring::new(hmac(0).with_kid("stays"));
            engine.replace_keys(stays);
        }
        stopped.store(true, Ordering::Relaxed);
        for reader in readers {
            assert!(reader.join().unwrap() > 0, "a thread that checked nothing shows nothing");
        }
    });
}

#[test]
fn of_two_changes_at_once_none_is_lost() {
    let engine = with(Keyring::new(hmac(0).with_kid("0")));
    std::thread::scope(|scope| {
        for n in 1..=8_u8 {
            let (engine, key) = (&engine, hmac(n).with_kid(n.to_string()));
            scope.spawn(move || {
                engine
                    .update_keys(|keys| {
                        std::thread::sleep(std::time::Duration::from_millis(2));
                        keys.also_verify(key.verifying_key())
                    })
                    .unwrap();
            });
        }
    });
    assert_eq!(engine.keys().verifying_keys().len(), 9);

    let refused = engine.update_keys(|keys| keys.withdraw("99"));
    assert!(refused.is_err());
    assert_eq!(engine.keys().verifying_keys().len(), 9);
}
