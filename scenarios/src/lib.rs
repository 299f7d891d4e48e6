//! The suite: requirements with their proofs. Tables and stories, no HTTP types.
