//! A seeded software security key and the browser around it: options in, response out.
