//! One signature, one spelling: RFC 7518 section 3.

use super::*;

const ECDSA: [Algorithm; 4] =
    [Algorithm::ES256, Algorithm::ES384, Algorithm::ES512, Algorithm::ES256K];

/// An integer of DER.
fn integer(number: &[u8]) -> Vec<u8> {
    let mut bytes: Vec<u8> = number.iter().copied().skip_while(|b| *b == 0).collect();
    if bytes.first().is_none_or(|b| b & 0x80 != 0) {
        bytes.insert(0, 0);
    }
    [vec![2, u8::try_from(bytes.len()).unwrap()], bytes].concat()
}

/// `Ecdsa-Sig-Value`, as X.509 has it.
fn as_der(signature: &[u8]) -> Vec<u8> {
    let (r, s) = signature.split_at(signature.len() / 2);
    let body = [integer(r), integer(s)].concat();
    let length = u8::try_from(body.len()).unwrap();
    let head = if length < 0x80 { vec![0x30, length] } else { vec![0x30, 0x81, length] };
    [head, body].concat()
}

#[test]
fn ecdsa_signatures_in_other_spellings_are_refused() {
    for algorithm in ECDSA {
        let (signing, key) = pair(algorithm);
        let signature = signing.sign(b"message").unwrap();
        let size = curve(algorithm).unwrap().size;
        assert_eq!(signature.len(), 2 * size, "{algorithm}");
        assert!(key.verify(algorithm, b"message", &signature));
        let (r, s) = signature.split_at(size);
        let zero = vec![0; size];
        for (what, wrong) in [
            ("DER", as_der(&signature)),
            ("r is 0", [&zero, s].concat()),
            ("s is 0", [r, &zero].concat()),
            ("both are 0", [zero.clone(), zero.clone()].concat()),
            ("exchanged", [s, r].concat()),
            ("padded in front", [&[0], r, &[0], s].concat()),
            ("all ones", vec![0xff; 2 * size]),
        ] {
            assert!(!key.verify(algorithm, b"message", &wrong), "{algorithm}: {what}");
        }
    }
}

#[test]
fn signatures_of_another_length_are_refused() {
    for algorithm in Algorithm::ALL {
        let (signing, key) = pair(algorithm);
        let signature = signing.sign(b"message").unwrap();
        assert!(key.verify(algorithm, b"message", &signature), "{algorithm}");
        for length in 0..signature.len() {
            assert!(!key.verify(algorithm, b"message", &signature[..length]), "{algorithm}");
            assert!(!key.verify(algorithm, b"message", &signature[length + 1..]), "{algorithm}");
        }
        for byte in [0, 0x80, 0xff] {
            let after = [signature.as_slice(), &[byte]].concat();
            let before = [&[byte], signature.as_slice()].concat();
            assert!(!key.verify(algorithm, b"message", &after), "{algorithm}");
            assert!(!key.verify(algorithm, b"message", &before), "{algorithm}");
        }
        assert!(!key.verify(algorithm, b"message", &[signature.clone(), signature].concat()));
    }
}

#[test]
fn a_flipped_bit_is_refused() {
    for algorithm in Algorithm::ALL {
        let (signing, key) = pair(algorithm);
        let mut signature = signing.sign(b"message").unwrap();
        for bit in 0..signature.len() * 8 {
            signature[bit / 8] ^= 1 << (bit % 8);
            assert!(!key.verify(algorithm, b"message", &signature), "{algorithm}: bit {bit}");
            signature[bit / 8] ^= 1 << (bit % 8);
        }
    }
}

/// RFC 8032 section 5.1.7: s must lie below the group's order, or each signature has a second form.
#[test]
fn ed25519_signatures_with_a_large_s_are_refused() {
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
        0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let (signing, key) = pair(Algorithm::EdDSA);
    let mut signature = signing.sign(b"message").unwrap();
    let mut carry = 0;
    for (byte, order) in signature[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    assert_eq!(carry, 0);
    assert!(!key.verify(Algorithm::EdDSA, b"message", &signature));
}
