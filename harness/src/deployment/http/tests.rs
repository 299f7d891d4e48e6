//! Flows against small portals on loopback.
