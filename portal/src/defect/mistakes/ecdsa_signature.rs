//! Reading an ECDSA signature wrongly. The sound portal leaves the reading to its crypto library,
//! which is strict.

/// The same signature in strict DER, from anything that resembles one: long-form lengths, spare
/// zeros, missing zeros, bytes left over.
pub(super) fn tidied(signature: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    for integer in integers(signature)? {
        let magnitude = magnitude(integer);
        let padded = magnitude.first().is_none_or(|first| *first >= 0x80);
        body.extend([0x02, u8::try_from(magnitude.len() + usize::from(padded)).ok()?]);
        body.extend(padded.then_some(0));
        body.extend(magnitude);
    }
    let mut strict = vec![0x30];
    strict.extend((body.len() >= 0x80).then_some(0x81));
    strict.push(u8::try_from(body.len()).ok()?);
    strict.extend(body);
    Some(strict)
}

/// Whether both integers are zero.
pub(super) fn is_zero(signature: &[u8]) -> bool {
    integers(signature).is_some_and(|both| both.iter().all(|integer| magnitude(integer).is_empty()))
}

fn magnitude(integer: &[u8]) -> &[u8] {
    let zeros = integer.iter().take_while(|byte| **byte == 0).count();
    integer.get(zeros..).unwrap_or_default()
}

fn integers(signature: &[u8]) -> Option<[&[u8]; 2]> {
    let (mut body, _) = element(signature, 0x30)?;
    let (r, rest) = element(body, 0x02)?;
    body = rest;
    let (s, _) = element(body, 0x02)?;
    Some([r, s])
}

/// The content of an element with a tag, and what follows it.
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (head, rest) = bytes.split_first_chunk::<2>()?;
    if head[0] != tag {
        return None;
    }
    let (length, rest) = match head[1] {
        short @ 0..=0x7f => (usize::from(short), rest),
        long @ 0x81..=0x84 => {
            let (digits, rest) = rest.split_at_checked(usize::from(long - 0x80))?;
            (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_lax_form_is_tidied_to_the_strict_one() {
        let strict = [0x30, 0x07, 0x02, 0x02, 0x00, 0x80, 0x02, 0x01, 0x05];
        let lax: &[&[u8]] = &[
            &strict,
            &[0x30, 0x81, 0x07, 0x02, 0x02, 0x00, 0x80, 0x02, 0x01, 0x05],
            &[0x30, 0x06, 0x02, 0x01, 0x80, 0x02, 0x01, 0x05],
            &[0x30, 0x08, 0x02, 0x02, 0x00, 0x80, 0x02, 0x02, 0x00, 0x05],
            &[0x30, 0x07, 0x02, 0x02, 0x00, 0x80, 0x02, 0x01, 0x05, 0xaa],
        ];
        for signature in lax {
            assert_eq!(tidied(signature), Some(strict.to_vec()), "{signature:02x?}");
        }
        assert_eq!(tidied(&[0x30]), None);
    }

    #[test]
    fn zero_and_short_are_told_apart() {
        let zero = [0x30, 0x06, 0x02, 0x01, 0x00, 0x02, 0x01, 0x00];
        assert!(is_zero(&zero));
        assert!(!is_zero(&[0x30, 0x06, 0x02, 0x01, 0x00, 0x02, 0x01, 0x01]));
    }
}
