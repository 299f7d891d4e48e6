//! A portal of pages on loopback, driven in a browser.
