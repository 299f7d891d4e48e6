//! Hostile servers on loopback: what they answer, and what becomes of it.
