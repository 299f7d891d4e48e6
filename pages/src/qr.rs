//! A QR code as an SVG in the page itself: no image is asked for from anywhere, and none is cached.

use std::fmt::Write;

use maud::{Markup, html};
use qrcodegen::{QrCode, QrCodeEcc};

/// Modules of white around a code (ISO/IEC 18004).
const MARGIN: i32 = 4;

/// The picture of a text; `None` where it is too long for a code.
pub(crate) fn svg(text: &str) -> Option<Markup> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let side = code.size() + 2 * MARGIN;
    let mut dark = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            // Writing to a string does not fail.
            let _ = write!(dark, "M{},{}h1v1h-1z", x + MARGIN, y + MARGIN);
        }
    }
    Some(html! {
        svg class="qr" role="img" aria-label="QR code of the secret" viewBox={ "0 0 " (side) " " (side) }
            shape-rendering="crispEdges" {
            rect width=(side) height=(side) fill="#fff" {}
            path d=(dark) fill="#000" {}
        }
    })
}
