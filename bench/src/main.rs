//! The program that `cargo xtask bench` builds and starts. What it is to do comes as one argument, in JSON; what
//! it measured goes to the file that is named there.

use std::{fs, process::ExitCode, time::Duration};

use reports::bench::Order;

fn main() -> ExitCode {
    let order = std::env::args().nth(1).unwrap_or_default();
    let order: Order = match serde_json::from_str(&order) {
        Ok(order) => order,
        Err(error) => {
            eprintln!("bench: it is started by cargo xtask bench: {error}");
            return ExitCode::from(2);
        }
    };
    match carry_out(order) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(2),
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::from(3)
        }
    }
}

/// Whether there was something to measure.
fn carry_out(order: Order) -> Result<bool, Box<dyn std::error::Error>> {
    let (out, json) = match order {
        Order::Rows { filters, rounds, skipped, out } => {
            let rows = bench::rows::chosen(&filters);
            if rows.is_empty() {
                eprintln!("bench: no row has any of these in its name: {}", filters.join(" "));
                return Ok(false);
            }
            let bench = bench::sampler::measured(&rows, rounds, skipped);
            (out, serde_json::to_string_pretty(&bench)?)
        }
        Order::Ceremonies { seconds, browsers, out } => {
            let said = bench::ceremonies::measured(Duration::from_secs_f64(seconds), browsers)?;
            (out, serde_json::to_string_pretty(&said)?)
        }
    };
    fs::write(out, json + "\n")?;
    Ok(true)
}
