//! What is fuzzed: each reader of bytes that somebody else wrote, and what it promises of every input.
//! Only for tests and for `cargo xtask fuzz`; no shipped program has it. The small corpora in
//! `fuzz/corpus/` are replayed by the tests of this crate.

mod ceremonies;
mod files;
mod portals;

/// One reader under fuzzing.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The name on the command line and of its corpus.
    pub name: &'static str,
    /// What is read, and what is promised beside that nothing panics and nothing hangs.
    pub says: &'static str,
    /// Reads one input; panics where a promise is broken.
    pub run: fn(&[u8]),
}

const fn target(name: &'static str, says: &'static str, run: fn(&[u8])) -> Target {
    Target { name, says, run }
}

/// Every target, by kind of writer: users, runs, portals, keys.
pub const TARGETS: &[Target] = &[
    target("profile", "a profile: it is read, or each complaint has a line of it", files::profile),
    target("har", "a recording of a browser: its draft is TOML", files::har),
    target(
        "record",
        "a run.json: what is read is rendered and written again the same",
        files::record,
    ),
    target("journal", "a journal: what is read makes a record that is rendered", files::journal),
    target("ledger", "a ledger of accounts", files::ledger),
    target("mail", "a mail: what is found stands in its text", portals::mail),
    target("page", "a page of a portal: the draft made of it is TOML", portals::page),
    target(
        "cbor",
        "CBOR: the portal's reader and the key's agree on what is canonical",
        ceremonies::cbor,
    ),
    target("client-data", "client data, in both ceremonies", ceremonies::client_data),
    target("attestation-object", "an attestation object", ceremonies::attestation_object),
    target(
        "certificate",
        "an attestation certificate, in a packed statement",
        ceremonies::certificate,
    ),
];

/// The target of a name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

#[cfg(test)]
mod tests;
