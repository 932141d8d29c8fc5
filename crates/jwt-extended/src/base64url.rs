//! base64url without padding (RFC 7515 section 2), of which each value has exactly one spelling.

use std::mem::MaybeUninit;

use base64_simd::{Out, URL_SAFE_NO_PAD};

pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode_to_string(bytes)
}

/// Appends the text of `bytes` to `out`.
pub(crate) fn encode_append(bytes: &[u8], out: &mut String) {
    URL_SAFE_NO_PAD.encode_append(bytes, out);
}

/// `None`: a character outside the alphabet, padding, an impossible length, or bits that are set
/// where none may be.
pub(crate) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode_to_vec(text).ok()
}

/// Room for decoded bytes that nobody has to clear first.
pub(crate) type Room<const N: usize> = [MaybeUninit<u8>; N];

pub(crate) const fn room<const N: usize>() -> Room<N> {
    [MaybeUninit::uninit(); N]
}

/// Decodes into `room`; `None` also where it is too small.
pub(crate) fn decode_into<'r, const N: usize>(
    text: &[u8],
    room: &'r mut Room<N>,
) -> Option<&'r [u8]> {
    // Three bytes of four letters, one of two, two of three; the codec wants room for all.
    if text.len() / 4 * 3 + text.len() % 4 * 3 / 4 > N {
        return None;
    }
    URL_SAFE_NO_PAD.decode(text, Out::from_uninit_slice(room)).ok().map(|bytes| &*bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_only() {
        assert_eq!(decode(b"QQ").as_deref(), Some(b"A".as_slice()));
        for wrong in ["QR", "QQ==", "Q", "QQ\n", " QQ", "Q+", "Q/", "QUF", "QQ.", "QQQQQ"] {
            assert_eq!(decode(wrong.as_bytes()), None, "{wrong:?}");
            assert_eq!(decode_into(wrong.as_bytes(), &mut room::<64>()), None, "{wrong:?}");
        }
        assert_eq!(decode_into(b"QUJD", &mut room::<3>()), Some(b"ABC".as_slice()));
        assert_eq!(decode_into(b"QUJD", &mut room::<2>()), None);
        assert_eq!(decode_into(b"QUJDQQ", &mut room::<4>()), Some(b"ABCA".as_slice()));
        assert_eq!(decode_into(b"QUJDQQ", &mut room::<3>()), None);
    }
}
