//! Signatures written otherwise than the key wrote them: the same two integers in another form, or
//! another integer that stands for the same one.

/// The order of P-256, big-endian.
const P256_ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/// The order of Ed25519's base point, little-endian.
const ED25519_ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// An ES256 signature as r and s side by side, without DER.
pub(super) fn raw(signature: &mut Vec<u8>) {
    if let Some([r, s]) = integers(signature) {
        *signature = [r, s].concat();
    }
}

/// An ES256 signature whose s is the order less the old one: it is as right as the old one.
pub(super) fn other_s(signature: &mut Vec<u8>) {
    if let Some([r, s]) = integers(signature) {
        *signature = der([&r, &less(&P256_ORDER, &s)], 0);
    }
}

/// An ES256 signature whose r has one zero more in front than DER allows.
pub(super) fn spare_zero(signature: &mut Vec<u8>) {
    if let Some([r, s]) = integers(signature) {
        *signature = der([&r, &s], 1);
    }
}

/// An Ed25519 signature whose second half has the order added to it: the same number once more.
pub(super) fn not_reduced(signature: &mut [u8]) {
    let mut carry = 0;
    for (digit, order) in signature.iter_mut().skip(32).zip(ED25519_ORDER) {
        let [high, low] = (u16::from(*digit) + u16::from(order) + carry).to_be_bytes();
        *digit = low;
        carry = u16::from(high);
    }
}

/// The two integers of an ES256 signature, 32 bytes each.
fn integers(signature: &[u8]) -> Option<[[u8; 32]; 2]> {
    let body = signature.get(2..)?;
    let (r, rest) = integer(body)?;
    let (s, _) = integer(rest)?;
    Some([r, s])
}

fn integer(bytes: &[u8]) -> Option<([u8; 32], &[u8])> {
    let (&[_tag, length], rest) = bytes.split_first_chunk::<2>()?;
    let (digits, rest) = rest.split_at_checked(length.into())?;
    let zeros = digits.iter().take_while(|digit| **digit == 0).count();
    let digits = digits.get(zeros..)?;
    let mut number = [0; 32];
    number.get_mut(32_usize.checked_sub(digits.len())?..)?.copy_from_slice(digits);
    Some((number, rest))
}

/// Two integers in DER, the first with some zeros more than it needs.
fn der(numbers: [&[u8; 32]; 2], spare_zeros: usize) -> Vec<u8> {
    let mut body = Vec::new();
    for (number, spare) in numbers.into_iter().zip([spare_zeros, 0]) {
        let zeros = number.iter().take_while(|digit| **digit == 0).count();
        let digits = number.get(zeros..).unwrap_or_default();
        let sign = usize::from(digits.first().is_none_or(|first| *first >= 0x80));
        let digits = [&vec![0; sign + spare], digits].concat();
        body.extend([0x02, short_length(&digits)]);
        body.extend(digits);
    }
    [vec![0x30, short_length(&body)], body].concat()
}

fn short_length(bytes: &[u8]) -> u8 {
    u8::try_from(bytes.len()).unwrap_or(u8::MAX)
}

/// One big-endian number less another, which is not greater.
fn less(from: &[u8; 32], number: &[u8; 32]) -> [u8; 32] {
    let mut difference = [0; 32];
    let mut borrow = false;
    for (digit, (from, number)) in difference.iter_mut().zip(from.iter().zip(number)).rev() {
        let (first, below) = from.overflowing_sub(*number);
        let (second, below_again) = first.overflowing_sub(u8::from(borrow));
        *digit = second;
        borrow = below || below_again;
    }
    difference
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(change: fn(&mut Vec<u8>), before: &[u8], after: &[u8]) {
        let mut signature = before.to_vec();
        change(&mut signature);
        assert_eq!(signature, after);
    }

    const SMALL: [u8; 9] = [0x30, 7, 2, 2, 0, 0x80, 2, 1, 5];

    #[test]
    fn the_same_integers_without_der() {
        let mut both = [0; 64];
        (both[31], both[63]) = (0x80, 5);
        check(raw, &SMALL, &both);
    }

    #[test]
    fn one_zero_more() {
        check(spare_zero, &SMALL, &[0x30, 8, 2, 3, 0, 0, 0x80, 2, 1, 5]);
    }

    #[test]
    fn the_other_s_twice_is_the_first_again() {
        let mut signature = SMALL.to_vec();
        other_s(&mut signature);
        assert_eq!(signature.len(), 2 + 4 + 35);
        assert_eq!(signature.last(), Some(&0x4c));
        other_s(&mut signature);
        assert_eq!(signature, SMALL);
    }

    #[test]
    fn the_order_added() {
        let mut before = [0; 64];
        (before[32], before[33]) = (0x13, 0x2c);
        let mut after = [[0; 32], ED25519_ORDER].concat();
        (after[32], after[33], after[34]) = (0x00, 0x00, 0xf6);
        check(|s| not_reduced(s), &before, &after);
    }
}
