//! The tag of a run.

use profile::TAG_LENGTH;

/// What tells the names of one run's accounts from those of another and from everybody else's; part of
/// every name. It begins with a letter, as some portals ask of a name. `random` is a run of hexadecimal
/// digits.
#[must_use]
pub fn run_tag(random: &str) -> String {
    let letter = |(place, digit): (usize, char)| match (place, digit) {
        (0, '0' | '6') => 'a',
        (0, '1' | '7') => 'b',
        (0, '2' | '8') => 'c',
        (0, '3' | '9') => 'd',
        (0, '4') => 'e',
        (0, '5') => 'f',
        (_, other) => other,
    };
    random.chars().take(TAG_LENGTH).enumerate().map(letter).collect()
}
