//! The picture of a report that README shows: a browser takes it of a run on the reference portal with one
//! mistake. It is made where documents are written anew, and compared with nothing.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context, ensure};

use super::{exits, touchstone};
use crate::{deployment::group::Group, say};

/// Where README finds it.
const PICTURE: &str = "docs/report.png";

/// What a repository is asked to hold for a picture, bytes.
const SMALL: u64 = 150 << 10;

/// What is run for it, and the mistake.
const SCENARIOS: &[&str] = &["login", "wrong-key"];
const DEFECT: &str = "login/origin-prefix";

/// A browser speaks with nobody, and keeps nothing.
const BROWSER: &[&str] = &[
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--window-size=1000,1180",
];

/// Takes the picture. Where there is no browser the old one stays, and that is said.
pub(super) fn of_a_report(room: &Path) -> anyhow::Result<()> {
    if Command::new("chromium").arg("--version").stdout(Stdio::null()).status().is_err() {
        say::tell(&format!("{PICTURE} stays: a new one needs `chromium` (Debian: chromium)"));
        return Ok(());
    }
    let out = room.join("runs").join("picture");
    let run = touchstone(["scenarios"]);
    run.args(SCENARIOS).args(["--defect", DEFECT, "--out"]).arg(&out);
    exits(run.stdout(Stdio::null()), 1)?;
    let (report, taken) = (out.join("report.html"), out.with_extension("png"));
    let mut browser = Command::new("chromium");
    browser.args(BROWSER).stdout(Stdio::null()).stderr(Stdio::null());
    browser.arg(format!("--user-data-dir={}", absolute(&out.with_extension("browser"))?));
    browser.arg(format!("--screenshot={}", absolute(&taken)?));
    browser.arg(format!("file://{}", absolute(&report)?));
    let status = Group::start(&mut browser)?.ends_within(Duration::from_secs(120))?;
    ensure!(status.success(), "chromium: {status}");
    let size = fs::metadata(&taken).context("chromium took no picture")?.len();
    ensure!(size <= SMALL, "{}: {size} bytes are too many for a picture", taken.display());
    fs::copy(&taken, PICTURE).map(|_| ()).context(PICTURE)
}

fn absolute(path: &Path) -> anyhow::Result<String> {
    Ok(std::path::absolute(path)?.display().to_string())
}
