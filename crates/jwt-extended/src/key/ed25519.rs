//! Ed25519 public keys that are none: points of small order.

use super::KeyError;

/// The `y` of each point whose order divides 8, little-endian, and of the two of them that have a second
/// spelling beyond the field's prime.
const SMALL_ORDER: [[u8; 32]; 7] = [
    y(0x00, 0x00, 0x00),
    y(0x01, 0x00, 0x00),
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
    y(0xec, 0xff, 0x7f),
    y(0xed, 0xff, 0x7f),
    y(0xee, 0xff, 0x7f),
];

/// Refuses a public key with which anybody could make signatures: RFC 8725 section 3.4.
pub(super) fn check(point: &[u8]) -> Result<(), KeyError> {
    let same = |y: &&[u8; 32]| match (y.split_last(), point.split_last()) {
        // The last bit is the sign of x.
        (Some((last, rest)), Some((end, begin))) => rest == begin && *last == end & 0x7f,
        _ => false,
    };
    match SMALL_ORDER.iter().find(same) {
        Some(_) => Err(KeyError::new(
            "the Ed25519 public key is a point of small order, and anybody can sign for it",
        )),
        None => Ok(()),
    }
}

const fn y(first: u8, between: u8, last: u8) -> [u8; 32] {
    let mut bytes = [between; 32];
    bytes[0] = first;
    bytes[31] = last;
    bytes
}
