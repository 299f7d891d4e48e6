//! Plots as SVG that stands in the page: one line for each row.

use crate::{
    bench::{Row, time},
    render::html::writer::Html,
};

/// Where the names end, and where the drawing does.
const NAMES: f64 = 300.0;
const WIDTH: f64 = 640.0;
/// Room for a figure behind the drawing.
const FIGURE: f64 = 100.0;
const LINE: f64 = 22.0;

/// Bars as long as the medians, with a mark where the quickest round was.
pub(super) fn times(html: &mut Html, rows: &[&Row]) {
    let longest = rows.iter().map(|row| row.median_ns).fold(0.0, f64::max);
    begin(html, rows, "Times");
    for (number, row) in rows.iter().enumerate() {
        let (top, scale) = (line(number), WIDTH / longest);
        name(html, top, &row.name);
        html.raw(&format!(
            "<rect class=\"{}\" x=\"{NAMES}\" y=\"{:.0}\" width=\"{:.1}\" height=\"12\"/>",
            paint(row),
            top + 4.0,
            row.median_ns * scale
        ));
        let floor = NAMES + row.floor_ns * scale;
        html.raw(&format!(
            "<line class=\"floor\" x1=\"{floor:.1}\" x2=\"{floor:.1}\" y1=\"{:.0}\" y2=\"{:.0}\"/>",
            top + 2.0,
            top + 18.0
        ));
        figure(html, top, NAMES + row.median_ns * scale, &time(row.median_ns));
    }
    html.raw("</svg>\n");
}

/// Dots where the ratios are, with their intervals, on a scale on which twice as long is as far everywhere.
pub(super) fn ratios(html: &mut Html, rows: &[&Row]) {
    let rows: Vec<&Row> = rows.iter().copied().filter(|row| row.beside.is_some()).collect();
    let least = rows.iter().map(|row| row.ci95[0]).fold(1.0, f64::min).max(1e-6);
    let most = rows.iter().map(|row| row.ci95[1]).fold(1.0, f64::max);
    let span = (most / least).log2().max(0.01);
    let place = |ratio: f64| NAMES + WIDTH * (ratio.max(least) / least).log2() / span;
    begin(html, &rows, "Ratios");
    html.raw(&format!(
        "<line x1=\"{0:.1}\" x2=\"{0:.1}\" y1=\"0\" y2=\"{1:.0}\"/>",
        place(1.0),
        line(rows.len())
    ));
    for (number, row) in rows.iter().enumerate() {
        let top = line(number);
        let (middle, [low, high]) = (top + 10.0, row.ci95.map(place));
        name(html, top, &row.name);
        html.raw(&format!(
            "<g class=\"{}\"><line class=\"whisker\" x1=\"{low:.1}\" x2=\"{high:.1}\" y1=\"{middle:.0}\" y2=\"{middle:.0}\"/><circle cx=\"{:.1}\" cy=\"{middle:.0}\" r=\"4\"/></g>",
            paint(row),
            place(row.ratio)
        ));
        figure(html, top, high, &format!("{:.3}", row.ratio));
    }
    html.raw("</svg>\n");
}

fn begin(html: &mut Html, rows: &[&Row], label: &str) {
    let (width, height) = (NAMES + WIDTH + FIGURE, line(rows.len()));
    html.raw(&format!("<svg class=\"plot\" role=\"img\" viewBox=\"0 0 {width} {height}\""));
    html.attribute("aria-label", label);
    html.raw(">\n");
}

fn name(html: &mut Html, top: f64, name: &str) {
    html.raw(&format!("<text x=\"0\" y=\"{:.0}\">", top + 14.0));
    html.text(name);
    html.raw("</text>");
}

fn figure(html: &mut Html, top: f64, behind: f64, figure: &str) {
    html.raw(&format!("<text class=\"dim\" x=\"{:.1}\" y=\"{:.0}\">", behind + 8.0, top + 14.0));
    html.text(figure);
    html.raw("</text>\n");
}

/// The top of a line.
fn line(number: usize) -> f64 {
    // A few dozen rows.
    f64::from(u16::try_from(number).unwrap_or(u16::MAX)) * LINE
}

/// Ours, what it is measured beside, and everybody else's, in three colours.
fn paint(row: &Row) -> &'static str {
    if row.beside.is_none() {
        "left-out"
    } else if row.library.starts_with("ours") {
        "pass"
    } else {
        "open"
    }
}
