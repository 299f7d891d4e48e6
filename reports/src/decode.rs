//! What a ceremony said, for people to read.
