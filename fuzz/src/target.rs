//! One program for all targets: each is built under the name of its own.

#![no_main]

use std::sync::LazyLock;

use fuzzing::Target;
use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<&Target> = LazyLock::new(|| {
    let name = env!("CARGO_BIN_NAME");
    fuzzing::find(name).unwrap_or_else(|| panic!("fuzzing has no target {name}"))
});

fuzz_target!(|bytes: &[u8]| (TARGET.run)(bytes));
